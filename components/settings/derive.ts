import { type PoolDemand, type RolloutStrategy, rolloutStrategy } from "../gpu/packing";
import { type GpuPool, gpuPool } from "../gpu/pool";
import { type DrainBudget, drainBudget, type StartupBudget, startupBudget } from "../inference/budgets";
import { type EngineProfile, engineProfile, type SampleRequest } from "../inference/engines";
import type { ServedModel } from "../inference/model";
import { completeResources, warmUpRequest } from "../inference/resources";
import type { ReplicaBounds } from "../inference/service";
import type { IngressRoute } from "../ingress/ingress";
import { planSubnets } from "../network/subnets";
import type { ScalingBehavior } from "../scaling/behavior";
import { defaultSignals } from "../scaling/defaults";
import type { SignalTarget } from "../scaling/signal";
import { type MetricsTiming, metricsTiming } from "../scaling/timing";
import type { ServiceSettings, Settings } from "./schema";
import { engineRequest, poolArgs } from "./workload";

/** Namespace of the services. */
export const inferenceNamespace = "inference";
/** Namespace of Prometheus and what measures. */
export const monitoringNamespace = "monitoring";

/** One service of a stack, completed: what its release, its autoscaler and its route have in common. */
export interface StackService {
  name: string;
  /** Name of its Kubernetes Service. */
  serviceName: string;
  namespace: string;
  profile: EngineProfile;
  model: ServedModel;
  gpusPerReplica: number;
  cpuMillis?: number;
  cpuLimitMillis?: number;
  memoryMiB?: number;
  memoryLimitMiB?: number;
  replicas: ReplicaBounds;
  startup: StartupBudget;
  drain: DrainBudget;
  rollout: RolloutStrategy;
  signals: SignalTarget[];
  behavior: ScalingBehavior;
  warmupRequests: number;
  sampleRequest?: SampleRequest;
  env: Record<string, string>;
  files: Record<string, string>;
  /** Whether it gets the connection to Redis. */
  usesRedis: boolean;
  /** Whether the load balancer has a route to it. */
  exposed: boolean;
}

/** What follows from the settings of a stack, as plain data: the contracts between its parts. */
export interface StackContracts {
  pool: GpuPool;
  services: StackService[];
  timing: MetricsTiming;
  /** Blocks of the subnets that the load balancer sends from. */
  loadBalancerCidrs: string[];
  /** What the load balancer makes reachable. */
  routes: IngressRoute[];
}

/** Computes the contracts from settings that `parseSettings` accepted. */
export function derive(settings: Settings): StackContracts {
  const pool = gpuPool(poolArgs(settings.gpu));
  const demands = settings.model.services.map((service) => demandOf(service, pool));
  const { scrapeIntervalSeconds, relistIntervalSeconds } = settings.scaling;
  const services = settings.model.services.map((service) => ({
    ...completeService(service),
    // A service without GPUs always has room for one replica more.
    rollout: service.gpus === 0 ? { maxSurge: 1, maxUnavailable: 0 } : rolloutStrategy(pool, demands),
  }));
  return {
    pool,
    services,
    timing: { ...metricsTiming(scrapeIntervalSeconds), relistIntervalSeconds },
    loadBalancerCidrs: loadBalancerCidrs(settings),
    routes: services.filter((service) => service.exposed).map(routeTo),
  };
}

function routeTo({ serviceName, profile, drain }: StackService): IngressRoute {
  const { port, apiPaths, readinessPath } = profile;
  return { service: serviceName, port, apiPaths, healthPath: readinessPath, drain };
}

/** What a service asks of the pool at most, with the resources that it gets when it names none. */
export function demandOf(service: ServiceSettings, pool: GpuPool): PoolDemand {
  const { name, gpus, replicas, resources } = service;
  const demand = { name, gpusPerReplica: gpus, maxReplicas: replicas.max };
  if (gpus === 0 || gpus > pool.gpusPerNode) return demand;
  const { cpuMillis, memoryMiB } = completeResources(resources, pool, gpus);
  // The warm-up beside the server asks for its own.
  return {
    ...demand,
    cpuMillis: cpuMillis + warmUpRequest.cpuMillis,
    memoryMiB: memoryMiB + warmUpRequest.memoryMiB,
  };
}

function completeService(service: ServiceSettings): Omit<StackService, "rollout"> {
  const { name, model, gpus, replicas, resources, behavior, warmupRequests, sampleRequest, env, files } =
    service;
  const request = engineRequest(service);
  const profile = engineProfile(request);
  return {
    name,
    serviceName: name,
    namespace: inferenceNamespace,
    profile,
    model: { id: model.id, weightsGiB: model.weightsGiB, cache: model.cache },
    gpusPerReplica: gpus,
    ...resources,
    replicas: { scaled: true, minReplicas: replicas.min, maxReplicas: replicas.max },
    startup: startupOf(service, profile),
    drain: drainOf(service, profile),
    signals: service.signals ?? defaultSignals(request).map(({ signal, target }) => ({ signal, target })),
    behavior,
    warmupRequests,
    ...(sampleRequest && { sampleRequest }),
    env,
    files,
    usesRedis: service.redis,
    exposed: service.exposed,
  };
}

/** How long a replica of the service takes to start. */
export function startupOf(service: ServiceSettings, profile: EngineProfile): StartupBudget {
  return startupBudget({
    imageGiB: profile.imageGiB,
    weightsGiB: service.model.weightsGiB,
    cache: service.model.cache.mode,
    initSeconds: profile.initSeconds,
    // Other nodes than GPU nodes are there already.
    ...(service.gpus === 0 && { nodeProvisionSeconds: 0 }),
  });
}

/** How a replica of the service leaves. */
export function drainOf(service: ServiceSettings, profile: EngineProfile): DrainBudget {
  return drainBudget({ longestRequestSeconds: service.longestRequestSeconds, drains: profile.drains });
}

/** An internal load balancer stands in the private subnets, an internet-facing one in the public ones. */
function loadBalancerCidrs({ network, ingress }: Settings): string[] {
  const internal = ingress.scheme === "internal";
  return planSubnets(network.cidr, network.zones).map((zone) =>
    internal ? zone.privateCidr : zone.publicCidr,
  );
}
