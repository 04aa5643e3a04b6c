import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  Engine,
  gpuPool,
  InferenceSecrets,
  InferenceService,
  PodSecurityLevel,
  Redis,
  requiredAdapterRules,
  SeriesKind,
  SignalName,
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
    admittedNamespaces: [{ name: "agents", ready: agents.namespaceName }],
    memoryMiB: 512,
    persistence: true,
    storageGiB: 10,
    metrics: false,
  },
  inCluster,
);

const metrics = { monitorLabels: { release: "monitoring" } };
const chat = new InferenceService(
  "chat",
  {
    namespace: llm.namespaceName,
    pool,
    engine: { name: Engine.Vllm, version: "0.30.0" },
    model: { id: "Qwen/Qwen2.5-7B-Instruct-AWQ", weightsGiB: 5.6, maxLength: 8192 },
    replicas: { min: 1, max: 4 },
    longestRequestSeconds: 300,
    apiKeySecret,
    allowFrom: ["agents"],
    metrics,
  },
  inCluster,
);
const agent = new InferenceService(
  "agent",
  {
    namespace: agents.namespaceName,
    engine: {
      name: Engine.Custom,
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
    },
    resources: { cpuMillis: 1000, memoryMiB: 1024 },
    replicas: { min: 2, max: 20 },
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
    apiKeySecret: agentSecrets.apiKeySecret,
    allowFrom: ["web"],
    redisSecretName: redis.secretName,
    egress: [{ service: "chat", namespace: "llm", port: 8000 }],
    env: { OPENAI_BASE_URL: "http://chat.llm.svc:8000/v1" },
    metrics,
  },
  inCluster,
);

export const url = agent.url;
export { apiKey };
/** What the prometheus-adapter of the cluster must know for both, as values of its chart. */
export const adapterRules = pulumi
  .all([chat.contract, agent.contract])
  .apply((services) => requiredAdapterRules(services).yaml);
