import type { StartupBudget } from "../../components/budgets/budgets";
import { type CustomServer, Engine, engineProfile, SeriesKind } from "../../components/engines";
import { type MeasuredService, SignalName } from "../../components/scaling";

/** A replica that is Ready after 4 minutes on a node that must first be started. */
export const startup: StartupBudget = {
  startupSeconds: 120,
  coldSeconds: 240,
  probePeriodSeconds: 10,
  probeFailureThreshold: 60,
  progressDeadlineSeconds: 900,
  helmTimeoutSeconds: 1200,
  scaleDownWindowSeconds: 360,
};

/** A vLLM service that follows requests in flight, the KV cache and, as a guardrail, the time to the first token. */
export function vllmService(serviceName: string, version = "0.30.0"): MeasuredService {
  return {
    namespace: "inference",
    serviceName,
    profile: engineProfile({
      engine: Engine.Vllm,
      version,
      modelId: "Qwen/Qwen2.5-7B-Instruct",
      gpus: 1,
      drainSeconds: 120,
    }),
    signals: [
      { signal: SignalName.RequestsInFlight, target: 16 },
      { signal: SignalName.RequestsPerSecond, target: 4 },
      { signal: SignalName.KvCacheUtilization, target: 0.8 },
      { signal: SignalName.TimeToFirstTokenP95, target: 2 },
    ],
  };
}

/** The small server of the use cases: it counts each request twice, once as pending. */
export const nluServer: CustomServer = {
  image: "ghcr.io/example/siamese-uninlu:1.2.0",
  port: 7860,
  healthPath: "/health",
  metricsPath: "/metrics",
  apiPaths: ["/predict"],
  signals: {
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
};

/** The small server, scaled on 60 % CPU and 20 requests per second. */
export function nlu(serviceName: string, server: CustomServer = nluServer): MeasuredService {
  return {
    namespace: "inference",
    serviceName,
    profile: engineProfile({
      engine: Engine.Custom,
      version: "1.2.0",
      modelId: "siamese-uninlu",
      gpus: 0,
      drainSeconds: 30,
      custom: server,
    }),
    signals: [
      { signal: SignalName.CpuUtilization, target: 60 },
      { signal: SignalName.RequestsPerSecond, target: 20 },
    ],
  };
}
