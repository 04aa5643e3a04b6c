import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  Engine,
  GpuNodeGroup,
  gpuPool,
  InferenceService,
  NvidiaDevicePlugin,
  PodSecurityLevel,
  poolQuota,
  requiredAdapterRules,
  rolloutStrategy,
  WorkloadNamespace,
} from "inference-platform/components";

const config = new pulumi.Config();
const context = config.require("context");
const inCluster = { provider: new Provider("cluster", { context, clusterIdentifier: context }) };

// Two nodes with four L4 each.
export const pool = gpuPool({
  name: "l4x4",
  instanceTypes: ["g6.12xlarge"],
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

// Each on its own might take the free GPU that the other one needs for its update.
const rollout = rolloutStrategy(pool, [
  { name: "chat", gpusPerReplica: 1, maxReplicas: 4 },
  { name: "code", gpusPerReplica: 2, maxReplicas: 2 },
]);
const common = {
  namespace: namespace.namespaceName,
  pool,
  engine: { name: Engine.Vllm, version: "0.30.0" },
  longestRequestSeconds: 120,
  rollout,
  allowFrom: ["web"],
  metrics: { monitorLabels: { release: "monitoring" } },
};
// Their pods need nodes that offer GPUs.
const onNodes = { ...inCluster, dependsOn: [nodes, plugin] };
const chat = new InferenceService(
  "chat",
  {
    ...common,
    model: { id: "Qwen/Qwen2.5-7B-Instruct", weightsGiB: 15.2, maxLength: 8192 },
    replicas: { min: 1, max: 4 },
  },
  onNodes,
);
const code = new InferenceService(
  "code",
  {
    ...common,
    model: { id: "Qwen/Qwen2.5-Coder-14B-Instruct", weightsGiB: 29.6, maxLength: 16384 },
    gpus: 2,
    replicas: { min: 1, max: 2 },
  },
  onNodes,
);

export const urls = { chat: chat.url, code: code.url };
/** What the prometheus-adapter of the cluster must know for both, as values of its chart. */
export const adapterRules = pulumi
  .all([chat.contract, code.contract])
  .apply((services) => requiredAdapterRules(services).yaml);
