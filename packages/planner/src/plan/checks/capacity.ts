import { namespaceOf } from "../objects";
import { nodesFor } from "../pods";
import { cpuMillis, memoryMiB, quantity } from "../quantity";
import type { Check, NodePool, PlacedWorkload } from "../types";
import { counted, type Facts, verdict } from "./facts";

/** All services at their maximum fit the GPUs of the pool at its maximum. */
export function gpuCapacity({ placement, gpuPools }: Facts): Check {
  const rows = gpuPools.map((contract) => {
    const asking = placement.workloads.filter(
      (workload) => workload.pools[0] === contract.name && workload.kind !== "DaemonSet",
    );
    const wanted = asking.reduce(
      (sum, workload) =>
        sum + workload.replicas.ceiling * (workload.request.extended[contract.resourceName] ?? 0),
      0,
    );
    const capacity = contract.maxNodes * contract.gpusPerNode;
    const pool = placement.pools.find((candidate) => candidate.name === contract.name);
    const nodes = pool ? nodesAtCeiling(pool, asking) : 0;
    const text = `${contract.name}: ${wanted} of ${capacity} ${contract.resourceName} at maximum replicas`;
    // Enough GPUs in sum can still be too few nodes, when pods do not share a node.
    const tooMany = nodes > contract.maxNodes ? `, which take ${nodes} nodes of ${contract.maxNodes}` : "";
    return { text: `${text}${tooMany}`, fails: wanted > capacity || tooMany !== "" };
  });
  return verdict(
    "gpu-capacity",
    rows.filter((row) => row.fails).map((row) => row.text),
    "Raise gpu.maxNodes, or lower replicas.max or gpus of a service.",
    rows.length > 0 ? rows.map((row) => row.text).join("; ") : "the stack exports no GPU pool",
  );
}

function nodesAtCeiling(pool: NodePool, workloads: PlacedWorkload[]): number {
  const { allocatable } = pool;
  if (!allocatable) return 0;
  const pods = workloads.flatMap((workload) =>
    Array.from({ length: workload.replicas.ceiling }, () => workload.request),
  );
  return nodesFor(pods, allocatable);
}

/** Every pod has a node to go to, and all of them together fit the maximum of nodes. */
export function podFitsNode(facts: Facts): Check {
  const { placement, gpuPools } = facts;
  const homeless = placement.workloads
    .filter((workload) => workload.problem !== undefined)
    .map((workload) => `${workload.kind} ${workload.namespace}/${workload.name}: ${workload.problem}`);
  const full = placement.pools
    .filter((pool) => !gpuPools.some((contract) => contract.name === pool.name))
    .flatMap((pool) => {
      const here = placement.workloads.filter(
        (workload) => workload.pools[0] === pool.name && workload.kind !== "DaemonSet",
      );
      const nodes = nodesAtCeiling(pool, here);
      return nodes > pool.nodes.ceiling
        ? [
            `pool ${pool.name} has at most ${counted(pool.nodes.ceiling, "node")}, its pods at maximum replicas take ${nodes}`,
          ]
        : [];
    });
  return verdict(
    "pod-fits-node",
    [...homeless, ...full],
    "Choose a larger instance type, more nodes, or smaller requests.",
    `${counted(placement.workloads.length, "workload")} on ${counted(placement.pools.length, "pool")}`,
  );
}

/** Quotas of namespaces let every service reach its maximum, and count what they are meant to count. */
export function quotaCoversMax({ objects, placement }: Facts): Check {
  const quotas = objects.filter(({ manifest }) => manifest.kind === "ResourceQuota");
  const problems = quotas.flatMap(({ manifest }) => {
    const namespace = namespaceOf(manifest);
    const hard = (manifest.spec as { hard?: Record<string, unknown> } | undefined)?.hard ?? {};
    const here = placement.workloads.filter((workload) => workload.namespace === namespace);
    return Object.entries(hard).flatMap(([name, limit]) => {
      if (/^limits\..+\//.test(name)) {
        return [
          `${namespace}: ${name} is accepted and never enforced, use ${name.replace(/^limits/, "requests")}`,
        ];
      }
      const measure = measures(name);
      if (!measure) return [];
      const wanted = here.reduce(
        (sum, workload) => sum + workload.replicas.ceiling * measure.of(workload),
        0,
      );
      const allowed = measure.parse(limit);
      return wanted > allowed ? [`${namespace}: ${name} is ${allowed}, maximum replicas take ${wanted}`] : [];
    });
  });
  return verdict(
    "quota-covers-max",
    problems,
    "Raise the quota, or lower replicas.max.",
    quotas.length > 0
      ? `quotas of ${quotas.map(({ manifest }) => namespaceOf(manifest)).join(", ")} cover the maximum of replicas`
      : "no quotas",
  );
}

interface Measure {
  of(workload: PlacedWorkload): number;
  parse(limit: unknown): number;
}

/** How a quota's key is counted; undefined for keys that pods do not use up. */
function measures(name: string): Measure | undefined {
  if (name === "pods") return { of: () => 1, parse: quantity };
  if (name === "requests.cpu" || name === "cpu") {
    return { of: (workload) => workload.request.cpuMillis, parse: cpuMillis };
  }
  if (name === "requests.memory" || name === "memory") {
    return { of: (workload) => workload.request.memoryMiB, parse: memoryMiB };
  }
  const extended = /^requests\.(.+\/.+)$/.exec(name)?.[1];
  if (!extended) return undefined;
  return { of: (workload) => workload.request.extended[extended] ?? 0, parse: quantity };
}
