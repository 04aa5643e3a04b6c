import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  Engine,
  HorizontalAutoscaler,
  InferenceService,
  ModelCacheMode,
  PodSecurityLevel,
  requiredAdapterRules,
  SeriesKind,
  SignalName,
  serviceContract,
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

const nlu = serviceContract({
  name: "siamese-uninlu",
  namespace: "nlu",
  engine: Engine.Custom,
  version: "1.4.0",
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
  // Part of the image.
  model: { id: "siamese-uninlu", weightsGiB: 0.4, cache: { mode: ModelCacheMode.None } },
  gpus: 0,
  cpuMillis: 1000,
  cpuLimitMillis: 2000,
  memoryMiB: 2048,
  memoryLimitMiB: 4096,
  minReplicas: 2,
  maxReplicas: 8,
  longestRequestSeconds: 10,
  // CPU alone misses load that waits; requests alone miss requests that are heavy.
  signals: [
    { signal: SignalName.CpuUtilization, target: 60 },
    { signal: SignalName.RequestsPerSecond, target: 20 },
  ],
});

const service = new InferenceService(
  "siamese-uninlu",
  {
    ...nlu,
    namespace: namespace.namespaceName,
    // The first request takes 1.2 s, the next ones 0.18 s.
    sampleRequest: { method: "POST", path: "/predict", body: JSON.stringify({ text: "warm-up" }) },
    metrics: { scrapeIntervalSeconds: 15, monitorLabels: { release: "monitoring" } },
    prometheusNamespace: "monitoring",
    allowedNamespaces: ["web"],
    loadBalancerCidrs: [],
  },
  inCluster,
);
new HorizontalAutoscaler(
  "siamese-uninlu",
  {
    ...nlu,
    ...nlu.replicas,
    namespace: service.namespace,
    targetName: service.deploymentName,
    serviceName: service.serviceName,
  },
  inCluster,
);

export const url = service.url;
/** What the prometheus-adapter of the cluster must know, as values of its chart. */
export const adapterRules = requiredAdapterRules([nlu]).yaml;
