import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  Engine,
  InferenceService,
  ModelCacheMode,
  PodSecurityLevel,
  SeriesKind,
  SignalName,
  WorkloadNamespace,
} from "inference-platform/components";

const config = new pulumi.Config();
const context = config.require("context");
const inCluster = { provider: new Provider("cluster", { context, clusterIdentifier: context }) };

const namespace = new WorkloadNamespace(
  "nlu",
  { name: "nlu", podSecurity: PodSecurityLevel.Restricted },
  inCluster,
);

const nlu = new InferenceService(
  "siamese-uninlu",
  {
    namespace: namespace.namespaceName,
    engine: {
      name: Engine.Custom,
      custom: {
        image: config.require("image"),
        port: 7860,
        healthPath: "/health",
        metricsPath: "/metrics",
        apiPaths: ["/predict"],
        signals: {
          // Counted once as `pending` and once with the final status.
          [SignalName.RequestsPerSecond]: {
            series: [
              {
                name: "siamese_uninlu_requests_total",
                kind: SeriesKind.Counter,
                where: [{ label: "status", operator: "!=", value: "pending" }],
              },
            ],
          },
        },
      },
    },
    // The weights are part of the image.
    model: { id: "siamese-uninlu", weightsGiB: 0.4, cache: { mode: ModelCacheMode.None } },
    resources: { cpuMillis: 1000, cpuLimitMillis: 2000, memoryMiB: 2048, memoryLimitMiB: 4096 },
    replicas: { min: 2, max: 8 },
    longestRequestSeconds: 10,
    // CPU alone misses load that waits; requests alone miss requests that are heavy.
    signals: [
      { signal: SignalName.CpuUtilization, target: 60 },
      { signal: SignalName.RequestsPerSecond, target: 20 },
    ],
    // The first request takes 1.2 s, the next ones 0.18 s.
    sampleRequest: { method: "POST", path: "/predict", body: JSON.stringify({ text: "warm-up" }) },
    allowFrom: ["web"],
    metrics: { monitorLabels: { release: "monitoring" } },
  },
  inCluster,
);

/** `adapterRules`: what the prometheus-adapter of the cluster must know, as values of its chart. */
export const { url, adapterRules } = nlu;
