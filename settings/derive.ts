import type { RolloutStrategy } from "../components/gpu/packing";
import { type GpuPool, gpuPool } from "../components/gpu/pool";
import { rolloutOf, type ServiceContract, serviceContract } from "../components/inference/contract";
import type { ServiceDefinition } from "../components/inference/definition";
import type { IngressRoute } from "../components/ingress/ingress";
import { planSubnets } from "../components/network/subnets";
import { type MetricsTiming, metricsTiming } from "../components/signals/timing";
import { type Connections, connections } from "./egress";
import type { ServiceSettings, Settings } from "./schema";
import { poolArgs, serviceDefinition, serviceRequest } from "./workload";

export { inferenceNamespace } from "./workload";

/** Namespace of Prometheus and what measures. */
export const monitoringNamespace = "monitoring";

/** One service of a stack, completed: what its release, its autoscaler and its route have in common. */
export interface StackService extends ServiceContract, Connections {
  /** What its component is made from. */
  definition: ServiceDefinition;
  /** Whether its pods have a role of their own. */
  podIdentity: boolean;
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
  /** Longest termination grace of a pod, seconds: the services', and at least what the cluster allows by itself. */
  longestGraceSeconds: number;
  /** What the load balancer makes reachable. */
  routes: IngressRoute[];
}

/** Computes the contracts from settings that `parseSettings` accepted. */
export function derive(settings: Settings): StackContracts {
  const pool = gpuPool(poolArgs(settings.gpu));
  const { scrapeIntervalSeconds, relistIntervalSeconds } = settings.scaling;
  const rollout = rolloutOf(settings.model.services.map(serviceRequest), pool);
  const connected = connections(settings.model.services);
  const services = settings.model.services.map((service, index) => ({
    ...completeService(service, pool, rollout),
    ...(connected[index] ?? { egress: [], callers: [] }),
  }));
  return {
    pool,
    services,
    timing: { ...metricsTiming(scrapeIntervalSeconds), relistIntervalSeconds },
    loadBalancerCidrs: loadBalancerCidrs(settings),
    longestGraceSeconds: Math.max(600, ...services.map(({ drain }) => drain.terminationGraceSeconds)),
    routes: services.filter((service) => service.exposed).map(routeTo),
  };
}

function routeTo({ serviceName, profile, drain }: StackService): IngressRoute {
  const { port, apiPaths, readinessPath } = profile;
  return { service: serviceName, port, apiPaths, healthPath: readinessPath, drain };
}

function completeService(
  service: ServiceSettings,
  pool: GpuPool,
  rollout: RolloutStrategy,
): Omit<StackService, keyof Connections> {
  // Only here the other services of the pool are known.
  const own = service.gpus > 0 ? { rollout } : {};
  return {
    ...serviceContract({ ...serviceRequest(service), ...own }, pool),
    definition: { ...serviceDefinition(service), ...own },
    podIdentity: service.podIdentity,
    usesRedis: service.redis,
    exposed: service.exposed,
  };
}

/** Blocks that pods have no address of: what comes from them is the load balancer's. */
function loadBalancerCidrs({ network, ingress }: Settings): string[] {
  const internal = ingress.scheme === "internal";
  return planSubnets(network.cidr, network.zones).map((zone) =>
    internal ? zone.internalCidr : zone.publicCidr,
  );
}
