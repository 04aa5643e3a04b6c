import { drainBudget, startupBudget } from "../../components/budgets/budgets";
import {
  defaultVersions,
  Engine,
  type EngineProfile,
  type EngineRequest,
  engineProfile,
} from "../../components/engines";
import type { ModelCacheMode, ServedModel } from "../../components/engines/model";
import { type GpuPool, gpuPool } from "../../components/gpu/pool";
import type { InferenceReleaseArgs } from "../../components/inference/release-args";

/** Two g6.xlarge: one L4 each, 4 vCPU, 16 GiB. */
export const pool: GpuPool = gpuPool({
  name: "l4",
  instanceTypes: ["g6.xlarge"],
  capacityType: "ON_DEMAND",
  minNodes: 0,
  maxNodes: 2,
});

/** A model that fits one L4. */
export const smallModel: ServedModel = {
  id: "Qwen/Qwen2.5-1.5B-Instruct",
  weightsGiB: 3,
  cache: { mode: "node" },
};

/** The profile of an engine of the catalog, for `smallModel`. */
export function catalogProfile(engine: Engine, request: Partial<EngineRequest> = {}): EngineProfile {
  return engineProfile({
    engine,
    version: defaultVersions[engine],
    modelId: engine === Engine.Triton ? "/models" : smallModel.id,
    gpus: 1,
    drainSeconds: 300,
    ...request,
  });
}

/** The small NLU server of the use cases: FastAPI on the CPU, with a counter of its own. */
export const nluProfile: EngineProfile = engineProfile({
  engine: Engine.Custom,
  version: "1.4.0",
  modelId: "/cache/siamese-uninlu",
  gpus: 0,
  drainSeconds: 10,
  custom: {
    image: "registry.example.com/siamese-uninlu:1.4.0",
    port: 7860,
    healthPath: "/health",
    metricsPath: "/metrics",
    apiPaths: ["/predict"],
    signals: {
      inference_requests_per_second: {
        series: [
          {
            name: "siamese_uninlu_requests_total",
            kind: "counter",
            where: [{ label: "status", operator: "!=", value: "pending" }],
          },
        ],
      },
    },
  },
});

/** A service on the pool, as index.ts would make it. */
export function gpuService(
  profile: EngineProfile,
  changes: Partial<InferenceReleaseArgs> = {},
): InferenceReleaseArgs {
  const cache: ModelCacheMode = smallModel.cache.mode;
  return {
    namespace: "inference",
    profile,
    model: smallModel,
    pool,
    gpusPerReplica: 1,
    replicas: { scaled: true, minReplicas: 1, maxReplicas: 2 },
    startup: startupBudget({ ...profile, weightsGiB: smallModel.weightsGiB, cache }),
    drain: drainBudget({ longestRequestSeconds: 300, drains: profile.drains }),
    rollout: { maxSurge: 0, maxUnavailable: 1 },
    ...(profile.apiKeyVariable ? { apiKeySecret: { name: "api-key", key: "api-key" } } : {}),
    huggingFaceTokenSecret: { name: "hub", key: "token" },
    metrics: { scrapeIntervalSeconds: 15 },
    allowedNamespaces: ["agents"],
    loadBalancerCidrs: ["10.0.0.0/24", "10.0.1.0/24"],
    prometheusNamespace: "monitoring",
    ...changes,
  };
}

/** The NLU server with the figures of the use case. */
export function nluService(changes: Partial<InferenceReleaseArgs> = {}): InferenceReleaseArgs {
  return {
    ...gpuService(nluProfile),
    model: { id: "/cache/siamese-uninlu", weightsGiB: 0.4, cache: { mode: "claim", claimName: "nlu" } },
    pool: undefined,
    gpusPerReplica: 0,
    cpuMillis: 1000,
    memoryMiB: 2048,
    cpuLimitMillis: 2000,
    memoryLimitMiB: 4096,
    replicas: { scaled: true, minReplicas: 2, maxReplicas: 8 },
    startup: startupBudget({ imageGiB: 1, weightsGiB: 0.4, cache: "claim", initSeconds: 15 }),
    drain: drainBudget({ longestRequestSeconds: 10, drains: false }),
    rollout: { maxSurge: 1, maxUnavailable: 0 },
    sampleRequest: { method: "POST", path: "/predict", body: '{"text": "warm-up"}' },
    redisSecretName: "redis-connection",
    files: { "labels.json": "{}" },
    ...changes,
  };
}
