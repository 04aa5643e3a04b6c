import { type DrainBudget, drainBudget, type StartupBudget, startupBudget } from "../budgets/budgets";
import { given } from "../common/given";
import { type EngineProfile, type EngineRequest, engineProfile } from "../engines";
import { ModelCacheMode, type ServedModel } from "../engines/model";
import { type PoolDemand, type RolloutStrategy, rolloutStrategy } from "../gpu/packing";
import type { GpuPool } from "../gpu/pool";
import type { ScalingBehavior } from "../scaling/behavior";
import { defaultSignals } from "../scaling/defaults";
import type { SignalTarget } from "../signals/signal";
import type { ServiceDefinition } from "./definition";
import type { ReplicaBounds } from "./release-args";
import { completeResources, warmUpRequest } from "./resources";

/** One service with its place, for what has to know several of them. */
export interface ServiceRequest extends ServiceDefinition {
  /** Name of its Deployment and Service: 1 to 53 lower-case letters, digits and dashes, starting with a letter. */
  name: string;
  /** Its namespace, which must exist. */
  namespace: string;
}

/**
 * A service completed: what its release, its autoscaler, its adapter rules, its alerts and its route have in common, as
 * plain data. `InferenceService` makes one by itself; pass it to `adapterRules` and `InferenceMonitoring`.
 */
export interface ServiceContract {
  /** Name of Deployment and Service. */
  name: string;
  /** Name of its Kubernetes Service: the same. */
  serviceName: string;
  /** Its namespace. */
  namespace: string;
  /** The server. */
  profile: EngineProfile;
  /** The model. */
  model: ServedModel;
  /** Longest context, tokens; absent for the model's own. */
  maxModelLength?: number;
  /** Highest number of requests that one replica works on at once; absent for the engine's own. */
  maxConcurrency?: number;
  /** GPUs of one replica. */
  gpusPerReplica: number;
  /** Number of replicas. */
  replicas: ReplicaBounds;
  /** How long a replica takes to start. */
  startup: StartupBudget;
  /** How a replica leaves. */
  drain: DrainBudget;
  /** How updates roll out. */
  rollout: RolloutStrategy;
  /** What its replicas follow. */
  signals: SignalTarget[];
  /** How fast they follow. */
  behavior: ScalingBehavior;
}

/**
 * Completes a service: profile, budgets, rollout, signals.
 *
 * @param pool Nodes of a service with GPUs.
 * @param neighbours The other services on the pool: whether an update can start an extra replica depends on all of them.
 * @throws Error with everything that the engine catalog refuses. What else is wrong, the components tell.
 *
 * @example
 * ```ts
 * const service: ServiceRequest = {
 *   name: "chat",
 *   namespace: "llm",
 *   engine: { name: Engine.Vllm, version: "0.30.0" },
 *   model: { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB: 6.2 },
 *   replicas: { min: 1, max: 3 },
 *   longestRequestSeconds: 120,
 * };
 * serviceContract(service, pool); // → { gpusPerReplica: 1, profile: { port: 8000 }, drain: { preStopSeconds: 15 } }
 * ```
 */
export function serviceContract(
  request: ServiceRequest,
  pool?: GpuPool,
  neighbours: ServiceRequest[] = [],
): ServiceContract {
  const { name, namespace, replicas } = request;
  const engine = engineRequest(request, pool);
  const profile = engineProfile(engine);
  return {
    name,
    serviceName: name,
    namespace,
    profile,
    model: servedModel(request),
    ...given({ maxModelLength: engine.maxModelLength, maxConcurrency: engine.maxConcurrency }),
    gpusPerReplica: engine.gpus,
    replicas: { scaled: true, minReplicas: replicas.min, maxReplicas: replicas.max },
    startup: startupOf(request, profile, pool),
    drain: drainOf(request, profile),
    rollout: request.rollout ?? rolloutOf([request, ...neighbours], engine.gpus > 0 ? pool : undefined),
    signals: request.signals ?? defaultSignals(engine).map(({ signal, target }) => ({ signal, target })),
    behavior: request.behavior ?? {},
  };
}

/** How the services of a pool roll out, which depends on all of them. Without GPUs there is always room for an extra replica. */
export function rolloutOf(services: ServiceRequest[], pool?: GpuPool): RolloutStrategy {
  if (!pool) return { maxSurge: 1, maxUnavailable: 0 };
  return rolloutStrategy(
    pool,
    services.map((service) => demandOf(service, pool)),
  );
}

/** GPUs of one replica: one where there are nodes with GPUs, unless the service says otherwise. */
function gpusOf({ gpus }: ServiceRequest, pool?: GpuPool): number {
  return gpus ?? (pool ? 1 : 0);
}

function servedModel({ model }: ServiceRequest): ServedModel {
  if (!model) return { id: "", weightsGiB: 0, cache: { mode: ModelCacheMode.None } };
  const { id, revision, weightsGiB, cache } = model;
  return {
    id,
    ...(revision === undefined ? {} : { revision }),
    weightsGiB,
    cache: cache ?? { mode: ModelCacheMode.Node },
  };
}

/** How long a replica of the service takes to start. */
export function startupOf(request: ServiceRequest, profile: EngineProfile, pool?: GpuPool): StartupBudget {
  const { weightsGiB, cache } = servedModel(request);
  return startupBudget({
    imageGiB: profile.imageGiB,
    weightsGiB,
    cache: cache.mode,
    initSeconds: profile.initSeconds,
    // Other nodes than GPU nodes are there already.
    ...(gpusOf(request, pool) === 0 && { nodeProvisionSeconds: 0 }),
  });
}

/** How a replica of the service leaves. */
export function drainOf({ longestRequestSeconds }: ServiceRequest, profile: EngineProfile): DrainBudget {
  return drainBudget({ longestRequestSeconds, drains: profile.drains });
}

/** What the service asks of its engine. */
export function engineRequest(request: ServiceRequest, pool?: GpuPool): EngineRequest {
  const { engine, model, longestRequestSeconds } = request;
  const { name, version, maxConcurrency, extraArgs, custom } = engine;
  return {
    engine: name,
    // A custom server has the version of its image.
    version: version ?? custom?.image.split(":").at(-1) ?? "",
    modelId: model?.id ?? "",
    gpus: gpusOf(request, pool),
    drainSeconds: longestRequestSeconds,
    ...given({
      modelRevision: model?.revision,
      servedName: model?.servedName,
      maxModelLength: model?.maxLength,
      maxConcurrency,
      extraArgs,
      custom,
    }),
  };
}

/** What the service asks of the pool at most, with the resources that it gets when it names none. */
export function demandOf(service: ServiceRequest, pool: GpuPool): PoolDemand {
  const gpus = gpusOf(service, pool);
  const demand = { name: service.name, gpusPerReplica: gpus, maxReplicas: service.replicas.max };
  if (gpus === 0 || gpus > pool.gpusPerNode) return demand;
  const { cpuMillis, memoryMiB } = completeResources(service.resources ?? {}, pool, gpus);
  // The warm-up beside the server asks for its own.
  return {
    ...demand,
    cpuMillis: cpuMillis + warmUpRequest.cpuMillis,
    memoryMiB: memoryMiB + warmUpRequest.memoryMiB,
  };
}
