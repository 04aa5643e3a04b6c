import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  CapacityType,
  Engine,
  gpuPool,
  HorizontalAutoscaler,
  InferenceService,
  ModelCacheMode,
  requiredAdapterRules,
  serviceContract,
} from "inference-platform/components";

const context = new pulumi.Config().require("context");
const provider = new Provider("cluster", { context, clusterIdentifier: context });

// GPU nodes that are there already: what one holds is in the catalog, how to find them is up to the cluster.
const pool = {
  ...gpuPool({
    name: "l4",
    instanceTypes: ["g6.xlarge"],
    capacityType: CapacityType.OnDemand,
    minNodes: 1,
    maxNodes: 3,
  }),
  nodeLabels: { "eks.amazonaws.com/nodegroup": "gpu-l4" },
};

const chat = serviceContract(
  {
    name: "chat",
    namespace: "llm",
    engine: Engine.Vllm,
    version: "0.30.0",
    model: { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB: 6.2, cache: { mode: ModelCacheMode.Node } },
    maxModelLength: 8192,
    gpus: 1,
    minReplicas: 1,
    maxReplicas: 3,
    longestRequestSeconds: 120,
  },
  pool,
);

const service = new InferenceService(
  "chat",
  {
    ...chat,
    pool,
    // The Prometheus of this cluster takes monitors with the label of its release only.
    metrics: { scrapeIntervalSeconds: 15, monitorLabels: { release: "monitoring" } },
    prometheusNamespace: "monitoring",
    allowedNamespaces: ["web"],
    loadBalancerCidrs: [],
  },
  { provider },
);
new HorizontalAutoscaler(
  "chat",
  { ...chat, ...chat.replicas, targetName: service.deploymentName, serviceName: service.serviceName },
  { provider },
);

export const url = service.url;
/** What the prometheus-adapter of the cluster must know, as values of its chart. */
export const adapterRules = requiredAdapterRules([chat]).yaml;
