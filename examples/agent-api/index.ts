import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  CapacityType,
  Engine,
  gpuPool,
  HorizontalAutoscaler,
  InferenceSecrets,
  InferenceService,
  ModelCacheMode,
  PodSecurityLevel,
  Redis,
  requiredAdapterRules,
  SeriesKind,
  SignalName,
  serviceContract,
  WorkloadNamespace,
} from "inference-platform/components";

const config = new pulumi.Config();
const context = config.require("context");
const inCluster = { provider: new Provider("cluster", { context, clusterIdentifier: context }) };

// GPU nodes that are there already.
const pool = {
  ...gpuPool({
    name: "l4",
    instanceTypes: ["g6.xlarge"],
    capacityType: CapacityType.OnDemand,
    minNodes: 1,
    maxNodes: 4,
  }),
  nodeLabels: { "eks.amazonaws.com/nodegroup": "gpu-l4" },
};

const restricted = { podSecurity: PodSecurityLevel.Restricted };
const llm = new WorkloadNamespace("llm", { name: "llm", ...restricted }, inCluster);
const agents = new WorkloadNamespace("agents", { name: "agents", ...restricted }, inCluster);
// One key: clients show it to the agent, the agent shows it to the model.
const { apiKey, apiKeySecret } = new InferenceSecrets("llm", { namespace: llm.namespaceName }, inCluster);
const agentSecrets = new InferenceSecrets("agents", { namespace: agents.namespaceName, apiKey }, inCluster);

const redis = new Redis(
  "sessions",
  {
    namespace: agents.namespaceName,
    admittedNamespaces: ["agents"],
    connectionNamespaces: [agents.namespaceName],
    memoryMiB: 512,
    persistence: true,
    storageGiB: 10,
    metrics: false,
  },
  inCluster,
);

const chat = serviceContract(
  {
    name: "chat",
    namespace: "llm",
    engine: Engine.Vllm,
    version: "0.30.0",
    model: { id: "Qwen/Qwen2.5-7B-Instruct-AWQ", weightsGiB: 5.6, cache: { mode: ModelCacheMode.Node } },
    maxModelLength: 8192,
    gpus: 1,
    minReplicas: 1,
    maxReplicas: 4,
    longestRequestSeconds: 300,
  },
  pool,
);
const agent = serviceContract({
  name: "agent",
  namespace: "agents",
  engine: Engine.Custom,
  version: "2.1.0",
  custom: {
    image: config.require("image"),
    port: 8080,
    healthPath: "/healthz",
    metricsPath: "/metrics",
    apiPaths: ["/v1"],
    apiKeyVariable: "API_KEY",
    signals: {
      [SignalName.RequestsPerSecond]: {
        series: [{ name: "http_requests_total", kind: SeriesKind.Counter }],
      },
    },
  },
  model: { id: "none", weightsGiB: 0, cache: { mode: ModelCacheMode.None } },
  gpus: 0,
  cpuMillis: 1000,
  memoryMiB: 1024,
  minReplicas: 2,
  maxReplicas: 20,
  // Answers are streamed.
  longestRequestSeconds: 300,
  signals: [
    { signal: SignalName.CpuUtilization, target: 60 },
    { signal: SignalName.RequestsPerSecond, target: 100 },
  ],
  behavior: {
    scaleUpPercent: 100,
    scaleUpPeriodSeconds: 60,
    scaleUpWindowSeconds: 30,
    scaleDownPercent: 25,
    scaleDownPeriodSeconds: 120,
    scaleDownWindowSeconds: 300,
  },
});

const monitored = {
  metrics: { scrapeIntervalSeconds: 15, monitorLabels: { release: "monitoring" } },
  prometheusNamespace: "monitoring",
  loadBalancerCidrs: [],
};
const model = new InferenceService(
  "chat",
  { ...chat, ...monitored, namespace: llm.namespaceName, pool, apiKeySecret, allowedNamespaces: ["agents"] },
  inCluster,
);
const api = new InferenceService(
  "agent",
  {
    ...agent,
    ...monitored,
    namespace: agents.namespaceName,
    apiKeySecret: agentSecrets.apiKeySecret,
    allowedNamespaces: ["web"],
    redisSecretName: redis.secretName,
    egressTo: [{ namespace: "llm", port: chat.profile.port }],
    env: { OPENAI_BASE_URL: `http://chat.llm.svc:${chat.profile.port}/v1` },
  },
  inCluster,
);
for (const [contract, service] of [
  [chat, model],
  [agent, api],
] as const) {
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

export const url = api.url;
export { apiKey };
/** What the prometheus-adapter of the cluster must know, as values of its chart. */
export const adapterRules = requiredAdapterRules([chat, agent]).yaml;
