import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { Engine, gpuPool, InferenceService } from "inference-platform/components";

const context = new pulumi.Config().require("context");
const provider = new Provider("cluster", { context, clusterIdentifier: context });

// GPU nodes that are there already: what one holds is in the catalog, how to find them is up to the cluster.
const pool = {
  ...gpuPool({
    name: "l4",
    instanceTypes: ["g6.xlarge"],
    minNodes: 1,
    maxNodes: 3,
  }),
  nodeLabels: { "eks.amazonaws.com/nodegroup": "gpu-l4" },
};

const chat = new InferenceService(
  "chat",
  {
    namespace: "llm",
    pool,
    engine: { name: Engine.Vllm, version: "0.30.0" },
    model: { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB: 6.2, maxLength: 8192 },
    replicas: { min: 1, max: 3 },
    longestRequestSeconds: 120,
    allowFrom: ["web"],
    // The Prometheus of this cluster takes monitors with the label of its release only.
    metrics: { monitorLabels: { release: "monitoring" } },
  },
  { provider },
);

/** `adapterRules`: what the prometheus-adapter of the cluster must know, as values of its chart. */
export const { url, adapterRules } = chat;
