import type { GpuPool } from "../gpu/pool";
import { cpuMillis as bounds } from "./limits";

/** What the server's container asks for. */
export interface ContainerResources {
  /** CPU request, thousandths of a core. */
  cpuMillis: number;
  /** CPU limit, thousandths of a core; absent for none. */
  cpuLimitMillis?: number;
  /** Memory request, MiB. */
  memoryMiB: number;
  /** Memory limit, MiB. Memory-backed volumes count against it. */
  memoryLimitMiB: number;
}

/** What the warm-up beside the server requests; as in the chart. */
export const warmUpRequest = { cpuMillis: 20, memoryMiB: 32 } as const;

/**
 * Part of a node that the replicas on it take by default. The rest is for agents that the pool's figures do not know
 * (logs, security): without it, one more DaemonSet on the nodes and no replica fits any of them.
 */
const usedShare = 0.92;

/**
 * What a replica gets when nothing is asked for. On GPUs the share of its node that its GPUs are, less the warm-up,
 * without a CPU limit: start-up uses every core, and a limit would slow down the threads that feed the GPU. Elsewhere
 * one core and 2 GiB, and a second core while it is idle.
 */
export function defaultResources(pool: GpuPool | undefined, gpusPerReplica: number): ContainerResources {
  if (!pool || gpusPerReplica <= 0)
    return { cpuMillis: 1000, cpuLimitMillis: 2000, memoryMiB: 2048, memoryLimitMiB: 2048 };
  const share = usedShare * Math.min(1, gpusPerReplica / pool.gpusPerNode);
  const memoryMiB = roundDown(pool.allocatableMemoryMiB * share - warmUpRequest.memoryMiB, 64);
  const cpuMillis = roundDown(pool.allocatableCpuMillis * share - warmUpRequest.cpuMillis, 50);
  return { cpuMillis, memoryMiB, memoryLimitMiB: memoryMiB };
}

/** What is asked for, completed: limits follow requests. */
export function completeResources(
  given: Partial<ContainerResources>,
  pool: GpuPool | undefined,
  gpusPerReplica: number,
): ContainerResources {
  const defaults = defaultResources(pool, gpusPerReplica);
  const cpuMillis = given.cpuMillis ?? defaults.cpuMillis;
  const memoryMiB = given.memoryMiB ?? defaults.memoryMiB;
  const twice = Math.max(cpuMillis, Math.min(2 * cpuMillis, bounds.most));
  const cpuLimitMillis = given.cpuLimitMillis ?? (defaults.cpuLimitMillis ? twice : undefined);
  return {
    cpuMillis,
    ...(cpuLimitMillis ? { cpuLimitMillis } : {}),
    memoryMiB,
    memoryLimitMiB: given.memoryLimitMiB ?? memoryMiB,
  };
}

/**
 * Size of `/dev/shm`, MiB: on one GPU little, over several the processes exchange tensors through it (vLLM's own
 * example has 2 GiB, its production chart 20). Never more than a quarter of the memory, which it counts against.
 */
export function defaultSharedMemoryMiB(gpusPerReplica: number, memoryLimitMiB: number): number {
  if (gpusPerReplica === 0) return 0;
  const wanted = gpusPerReplica === 1 ? 2048 : 16384;
  const quarter = memoryLimitMiB / 4;
  return Math.floor(Math.min(wanted, quarter, roundDown(quarter, 64)));
}

function roundDown(value: number, step: number): number {
  return Math.max(step, Math.floor(value / step) * step);
}
