import { type DrainBudget, drainBudget, type StartupBudget, startupBudget } from "../budgets/budgets";
import {
  type CustomServer,
  type Engine,
  type EngineProfile,
  type EngineRequest,
  engineProfile,
} from "../engines";
import type { ServedModel } from "../engines/model";
import { type PoolDemand, type RolloutStrategy, rolloutStrategy } from "../gpu/packing";
import type { GpuPool } from "../gpu/pool";
import type { ScalingBehavior } from "../scaling/behavior";
import { defaultSignals } from "../scaling/defaults";
import type { SignalTarget } from "../signals/signal";
import { completeResources, warmUpRequest } from "./resources";
import type { ReplicaBounds } from "./service";

/** One service in few words; `serviceContract` completes it. */
export interface ServiceRequest {
  /** Name of its Deployment and Service: 1 to 53 lower-case letters, digits and dashes, starting with a letter. */
  name: string;
  /** Its namespace, which must exist. */
  namespace: string;
  /** The server. */
  engine: Engine;
  /** Version of the engine, `major.minor.patch`; of a custom server its own. */
  version: string;
  /** The model. */
  model: ServedModel;
  /** GPUs of one replica, in units of the pool's resource; 0 runs on the CPU. */
  gpus: number;
  /** Lowest number of replicas, at least 1. */
  minReplicas: number;
  /** Highest number of replicas, at least `minReplicas`. */
  maxReplicas: number;
  /** The longest request that must be answered, seconds; 1 to 3599. */
  longestRequestSeconds: number;
  /** Name under which clients ask for the model. @default the model's id */
  servedName?: string;
  /** Longest context, tokens. @default the model's own */
  maxModelLength?: number;
  /** Highest number of requests that one replica works on at once. @default the engine's own */
  maxConcurrency?: number;
  /** Arguments appended to the engine's. @default none */
  extraArgs?: string[];
  /** The server itself, for engine `custom`; refused for others. @default none */
  custom?: CustomServer;
  /** What its replicas follow. @default the engine's: see `defaultSignals` */
  signals?: SignalTarget[];
  /** How fast they follow. @default see `ScalingBehavior` */
  behavior?: ScalingBehavior;
  /** CPU request, thousandths of a core. @default the replica's share of its GPU node; 1000 without GPUs */
  cpuMillis?: number;
  /** CPU limit, thousandths of a core. @default none with GPUs; twice the request without */
  cpuLimitMillis?: number;
  /** Memory request, MiB. @default the replica's share of its GPU node; 2048 without GPUs */
  memoryMiB?: number;
  /** Memory limit, MiB. @default the request */
  memoryLimitMiB?: number;
}

/**
 * What a service's release, its autoscaler, its adapter rules and its route have in common, as plain data: spread it into
 * the arguments of `InferenceService` and `HorizontalAutoscaler`, pass it to `adapterRules`.
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
  /** GPUs of one replica. */
  gpusPerReplica: number;
  /** CPU request, thousandths of a core; absent for the default. */
  cpuMillis?: number;
  /** CPU limit, thousandths of a core; absent for the default. */
  cpuLimitMillis?: number;
  /** Memory request, MiB; absent for the default. */
  memoryMiB?: number;
  /** Memory limit, MiB; absent for the default. */
  memoryLimitMiB?: number;
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
 * @param neighbours The other services on the pool: whether an update can start a replica more depends on all of them.
 * @throws Error with everything that the engine catalog refuses. What else is wrong, the components tell.
 */
export function serviceContract(
  request: ServiceRequest,
  pool?: GpuPool,
  neighbours: ServiceRequest[] = [],
): ServiceContract {
  const { name, namespace, model, gpus, minReplicas, maxReplicas } = request;
  const engine = engineRequest(request);
  const profile = engineProfile(engine);
  return {
    name,
    serviceName: name,
    namespace,
    profile,
    model,
    gpusPerReplica: gpus,
    ...resourcesOf(request),
    replicas: { scaled: true, minReplicas, maxReplicas },
    startup: startupOf(request, profile),
    drain: drainOf(request, profile),
    // A service without GPUs always has room for one replica more.
    rollout:
      pool && gpus > 0
        ? rolloutStrategy(
            pool,
            [request, ...neighbours].map((service) => demandOf(service, pool)),
          )
        : { maxSurge: 1, maxUnavailable: 0 },
    signals: request.signals ?? defaultSignals(engine).map(({ signal, target }) => ({ signal, target })),
    behavior: request.behavior ?? {},
  };
}

/** How long a replica of the service takes to start. */
export function startupOf({ model, gpus }: ServiceRequest, profile: EngineProfile): StartupBudget {
  return startupBudget({
    imageGiB: profile.imageGiB,
    weightsGiB: model.weightsGiB,
    cache: model.cache.mode,
    initSeconds: profile.initSeconds,
    // Other nodes than GPU nodes are there already.
    ...(gpus === 0 && { nodeProvisionSeconds: 0 }),
  });
}

/** How a replica of the service leaves. */
export function drainOf({ longestRequestSeconds }: ServiceRequest, profile: EngineProfile): DrainBudget {
  return drainBudget({ longestRequestSeconds, drains: profile.drains });
}

/** What the service asks of its engine. */
export function engineRequest(request: ServiceRequest): EngineRequest {
  const { engine, version, model, gpus, longestRequestSeconds } = request;
  const { servedName, maxModelLength, maxConcurrency, extraArgs, custom } = request;
  return {
    engine,
    version,
    modelId: model.id,
    gpus,
    drainSeconds: longestRequestSeconds,
    ...given({
      modelRevision: model.revision,
      servedName,
      maxModelLength,
      maxConcurrency,
      extraArgs,
      custom,
    }),
  };
}

function resourcesOf({ cpuMillis, cpuLimitMillis, memoryMiB, memoryLimitMiB }: ServiceRequest) {
  return given({ cpuMillis, cpuLimitMillis, memoryMiB, memoryLimitMiB });
}

/** What is there: an absent key and one without a value are the same to the engine, not to a comparison. */
function given<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** What the service asks of the pool at most, with the resources that it gets when it names none. */
export function demandOf(service: ServiceRequest, pool: GpuPool): PoolDemand {
  const { name, gpus, maxReplicas } = service;
  const demand = { name, gpusPerReplica: gpus, maxReplicas };
  if (gpus === 0 || gpus > pool.gpusPerNode) return demand;
  const { cpuMillis, memoryMiB } = completeResources(resourcesOf(service), pool, gpus);
  // The warm-up beside the server asks for its own.
  return {
    ...demand,
    cpuMillis: cpuMillis + warmUpRequest.cpuMillis,
    memoryMiB: memoryMiB + warmUpRequest.memoryMiB,
  };
}
