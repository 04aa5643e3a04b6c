import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  CapacityType,
  Engine,
  GpuNodeGroup,
  gpuPool,
  HorizontalAutoscaler,
  InferenceService,
  ModelCacheMode,
  NvidiaDevicePlugin,
  PodSecurityLevel,
  poolQuota,
  requiredAdapterRules,
  type ServiceRequest,
  serviceContract,
  WorkloadNamespace,
} from "inference-platform/components";

const config = new pulumi.Config();
const context = config.require("context");
const inCluster = { provider: new Provider("cluster", { context, clusterIdentifier: context }) };

// Two nodes with four L4 each.
export const pool = gpuPool({
  name: "l4x4",
  instanceTypes: ["g6.12xlarge"],
  capacityType: CapacityType.OnDemand,
  minNodes: 1,
  maxNodes: 2,
});
const nodes = new GpuNodeGroup("gpu", {
  clusterName: config.require("clusterName"),
  clusterVersion: "1.35",
  pool,
  nodeRoleArn: config.require("nodeRoleArn"),
  subnetIds: config.requireObject<string[]>("subnetIds"),
});
const plugin = new NvidiaDevicePlugin("device-plugin", { pools: [pool] }, inCluster);
const namespace = new WorkloadNamespace(
  "llm",
  { name: "llm", podSecurity: PodSecurityLevel.Restricted, gpuQuota: poolQuota(pool) },
  inCluster,
);

const common = {
  namespace: "llm",
  engine: Engine.Vllm,
  version: "0.30.0",
  longestRequestSeconds: 120,
};
const chat: ServiceRequest = {
  ...common,
  name: "chat",
  model: { id: "Qwen/Qwen2.5-7B-Instruct", weightsGiB: 15.2, cache: { mode: ModelCacheMode.Node } },
  maxModelLength: 8192,
  gpus: 1,
  minReplicas: 1,
  maxReplicas: 4,
};
const code: ServiceRequest = {
  ...common,
  name: "code",
  model: { id: "Qwen/Qwen2.5-Coder-14B-Instruct", weightsGiB: 29.6, cache: { mode: ModelCacheMode.Node } },
  maxModelLength: 16384,
  gpus: 2,
  minReplicas: 1,
  maxReplicas: 2,
};

// Whether an update may start a replica more depends on what both leave free.
const contracts = [serviceContract(chat, pool, [code]), serviceContract(code, pool, [chat])];
for (const contract of contracts) {
  const service = new InferenceService(
    contract.name,
    {
      ...contract,
      namespace: namespace.namespaceName,
      pool,
      metrics: { scrapeIntervalSeconds: 15, monitorLabels: { release: "monitoring" } },
      prometheusNamespace: "monitoring",
      allowedNamespaces: ["web"],
      loadBalancerCidrs: [],
    },
    // Its pods need nodes that offer GPUs.
    { ...inCluster, dependsOn: [nodes, plugin] },
  );
  new HorizontalAutoscaler(
    contract.name,
    {
      ...contract,
      ...contract.replicas,
      namespace: service.namespace,
      targetName: service.deploymentName,
      serviceName: service.serviceName,
    },
    inCluster,
  );
}

export const rollouts = contracts.map(({ name, rollout }) => ({ name, ...rollout }));
/** What the prometheus-adapter of the cluster must know, as values of its chart. */
export const adapterRules = requiredAdapterRules(contracts).yaml;
