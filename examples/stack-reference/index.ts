import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { Engine, InferenceSecrets, InferenceService, readPlatform } from "inference-platform/components";

/** A function, because what other stacks say is known only after a look. */
export = async () => {
  const stack = new pulumi.StackReference(new pulumi.Config().require("platform"));
  const platform = await readPlatform(stack);
  const { clusterName, gpuPool: pool, kubeconfig } = platform;
  const inCluster = { provider: new Provider("cluster", { kubeconfig, clusterIdentifier: clusterName }) };

  const namespace = platform.services.chat?.namespace ?? "inference";
  const secrets = new InferenceSecrets("code", { namespace }, inCluster);
  const code = new InferenceService(
    "code",
    {
      namespace,
      pool,
      engine: { name: Engine.Vllm, version: "0.30.0" },
      model: { id: "Qwen/Qwen2.5-Coder-3B-Instruct", weightsGiB: 6.2, maxLength: 8192 },
      replicas: { min: 1, max: 2 },
      longestRequestSeconds: 120,
      apiKeySecret: secrets.apiKeySecret,
      prometheusNamespace: platform.prometheusNamespace,
    },
    inCluster,
  );

  return { url: code.url, apiKey: secrets.apiKey, adapterRules: code.adapterRules };
};
