import { below, type Problem } from "../common/problem";
import { gpuResource } from "./names";
import type { GpuPool } from "./pool";

/** What one pod asks for. */
export interface PodDemand {
  /** Units of the pool's GPU resource. */
  gpus: number;
  /** Sum of the containers' CPU requests, thousandths of a core. */
  cpuMillis: number;
  /** Sum of the containers' memory requests, MiB; memory-backed volumes come on top. */
  memoryMiB: number;
}

/** What one service asks of a pool at most. */
export interface PoolDemand {
  /** Name for messages. */
  name: string;
  /** Units of the pool's GPU resource per replica; 0 for services that do not run on the pool. */
  gpusPerReplica: number;
  /** Highest number of replicas. */
  maxReplicas: number;
  /** CPU request of a replica, thousandths of a core. @default not counted */
  cpuMillis?: number;
  /** Memory request of a replica, MiB. @default not counted */
  memoryMiB?: number;
}

/** The two figures of a Deployment's rolling update. */
export interface RolloutStrategy {
  /** Replicas above the desired number while rolling. */
  maxSurge: number;
  /** Replicas that may be missing while rolling. */
  maxUnavailable: number;
}

/** Units of the GPU resource when every node runs. */
export function poolCapacity(pool: GpuPool): number {
  return pool.maxNodes * pool.gpusPerNode;
}

/** True when pods get shares of GPUs instead of whole ones. */
export function isShared(pool: GpuPool): boolean {
  return pool.resourceName !== gpuResource;
}

/** Why a pod can never be placed on an empty node of the pool; paths are `gpus`, `cpuMillis` and `memoryMiB`. */
export function podFitsNode(pool: GpuPool, pod: PodDemand): Problem[] {
  const node = `of a ${pool.instanceTypes[0]} node after kubelet reservations and daemon sets`;
  const problems: Problem[] = [];
  if (isShared(pool) && pod.gpus > 1)
    problems.push({
      path: "gpus",
      value: pod.gpus,
      message: `must be 1 on pool ${pool.name}, which shares its GPUs: more shares are not more GPU`,
      fix: "Turn time-slicing off for services that need a GPU or more.",
    });
  else if (pod.gpus > pool.gpusPerNode)
    problems.push({
      path: "gpus",
      value: pod.gpus,
      message: `must be at most ${pool.gpusPerNode}, the ${pool.resourceName} of a ${pool.instanceTypes[0]} node`,
      fix: "Choose an instance type with more GPUs, or fewer GPUs per replica.",
    });
  if (pod.cpuMillis > pool.allocatableCpuMillis)
    problems.push({
      path: "cpuMillis",
      value: pod.cpuMillis,
      message: `must be at most ${pool.allocatableCpuMillis}, the CPU ${node}`,
      fix: "Ask for less, or choose a larger instance type.",
    });
  if (pod.memoryMiB > pool.allocatableMemoryMiB)
    problems.push({
      path: "memoryMiB",
      value: pod.memoryMiB,
      message: `must be at most ${pool.allocatableMemoryMiB}, the memory ${node}`,
      fix: "Ask for less, or choose a larger instance type.",
    });
  return problems;
}

/**
 * Why the services cannot all run at their maximum on the pool at its maximum. A replica stays on one node, so the
 * check places replicas, largest first, and does not only add up GPUs. Exact for GPU counts that divide each other
 * (1, 2, 4, 8); for others it may refuse what a perfect scheduler could place, and no scheduler is.
 */
export function poolDemandProblems(pool: GpuPool, services: PoolDemand[]): Problem[] {
  const wanted = services.filter((service) => service.gpusPerReplica > 0);
  const tooLarge = wanted.flatMap((service) => below(service.name, podFitsNode(pool, demandOf(service))));
  if (tooLarge.length > 0) return tooLarge;
  const nodes = nodesForAll(pool, wanted);
  if (nodes <= pool.maxNodes) return [];
  const terms = wanted.map(
    ({ name, maxReplicas, gpusPerReplica }) => `${name} ${maxReplicas} × ${gpusPerReplica}`,
  );
  const total = wanted.reduce((sum, service) => sum + service.maxReplicas * service.gpusPerReplica, 0);
  const reason =
    total > poolCapacity(pool)
      ? `${total} ${pool.resourceName} at most, of ${poolCapacity(pool)}`
      : `${total} ${pool.resourceName}, which do not pack into nodes of ${pool.gpusPerNode}`;
  return [
    {
      path: "maxNodes",
      value: pool.maxNodes,
      message: `must be at least ${nodes} for pool ${pool.name}: its services ask for ${reason} (${terms.join(", ")})`,
      fix: `Raise maxNodes to ${nodes}, or lower maxReplicas.`,
    },
  ];
}

/**
 * How Deployments on the pool roll out. A surge replica needs a GPU that is free when every service runs at its
 * maximum; where there is none it would wait for ever, so an old replica goes first. All services may roll at once
 * (one `pulumi up`), so each of them needs its spare.
 *
 * @example
 * ```ts
 * // Three nodes with one GPU each: the third replica leaves none for an update.
 * rolloutStrategy(pool, [{ name: "chat", gpusPerReplica: 1, maxReplicas: 2 }]); // → { maxSurge: 1, maxUnavailable: 0 }
 * rolloutStrategy(pool, [{ name: "chat", gpusPerReplica: 1, maxReplicas: 3 }]); // → { maxSurge: 0, maxUnavailable: 1 }
 * ```
 */
export function rolloutStrategy(pool: GpuPool, services: PoolDemand[]): RolloutStrategy {
  const surging = services
    .filter((service) => service.gpusPerReplica > 0)
    .map((service) => ({ ...service, maxReplicas: service.maxReplicas + 1 }));
  return poolDemandProblems(pool, surging).length === 0
    ? { maxSurge: 1, maxUnavailable: 0 }
    : { maxSurge: 0, maxUnavailable: 1 };
}

function demandOf(service: PoolDemand): PodDemand {
  return {
    gpus: service.gpusPerReplica,
    cpuMillis: service.cpuMillis ?? 0,
    memoryMiB: service.memoryMiB ?? 0,
  };
}

/** First-fit decreasing: nodes that hold every replica, each of which fits an empty node. */
function nodesForAll(pool: GpuPool, services: PoolDemand[]): number {
  const largestFirst = [...services].sort(
    (a, b) => b.gpusPerReplica - a.gpusPerReplica || (b.memoryMiB ?? 0) - (a.memoryMiB ?? 0),
  );
  const free: PodDemand[] = [];
  for (const service of largestFirst) {
    const pod = demandOf(service);
    let candidate = 0;
    for (let replica = 0; replica < service.maxReplicas; replica++) {
      // Nodes that had no room for one replica of a service have none for the next.
      while (candidate < free.length && !hasRoom(free[candidate], pod)) candidate++;
      if (candidate === free.length) free.push(emptyNode(pool));
      take(free[candidate], pod);
    }
  }
  return free.length;
}

function emptyNode(pool: GpuPool): PodDemand {
  return {
    gpus: pool.gpusPerNode,
    cpuMillis: pool.allocatableCpuMillis,
    memoryMiB: pool.allocatableMemoryMiB,
  };
}

function hasRoom(node: PodDemand | undefined, pod: PodDemand): boolean {
  return (
    node !== undefined &&
    node.gpus >= pod.gpus &&
    node.cpuMillis >= pod.cpuMillis &&
    node.memoryMiB >= pod.memoryMiB
  );
}

function take(node: PodDemand | undefined, pod: PodDemand): void {
  if (!node) return;
  node.gpus -= pod.gpus;
  node.cpuMillis -= pod.cpuMillis;
  node.memoryMiB -= pod.memoryMiB;
}
