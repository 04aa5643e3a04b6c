import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  Engine,
  HorizontalAutoscaler,
  InferenceSecrets,
  InferenceService,
  ModelCacheMode,
  readPlatform,
  requiredAdapterRules,
  serviceContract,
} from "inference-platform/components";

/** A function, because what other stacks say is known only after a look. */
export = async () => {
  const stack = new pulumi.StackReference(new pulumi.Config().require("platform"));
  const platform = await readPlatform(stack);
  const { clusterName, gpuPool: pool, kubeconfig } = platform;
  const inCluster = { provider: new Provider("cluster", { kubeconfig, clusterIdentifier: clusterName }) };

  const namespace = platform.services.chat?.namespace ?? "inference";
  const secrets = new InferenceSecrets("code", { namespace }, inCluster);
  const code = serviceContract(
    {
      name: "code",
      namespace,
      engine: Engine.Vllm,
      version: "0.30.0",
      model: { id: "Qwen/Qwen2.5-Coder-3B-Instruct", weightsGiB: 6.2, cache: { mode: ModelCacheMode.Node } },
      maxModelLength: 8192,
      gpus: 1,
      minReplicas: 1,
      maxReplicas: 2,
      longestRequestSeconds: 120,
    },
    pool,
  );
  const service = new InferenceService(
    "code",
    {
      ...code,
      pool,
      apiKeySecret: secrets.apiKeySecret,
      metrics: { scrapeIntervalSeconds: 15 },
      prometheusNamespace: platform.prometheusNamespace,
      allowedNamespaces: [],
      loadBalancerCidrs: [],
    },
    inCluster,
  );
  new HorizontalAutoscaler(
    "code",
    { ...code, ...code.replicas, targetName: service.deploymentName, serviceName: service.serviceName },
    inCluster,
  );

  return { url: service.url, apiKey: secrets.apiKey, adapterRules: requiredAdapterRules([code]).yaml };
};
