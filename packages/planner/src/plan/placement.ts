import type { GpuPool } from "../../../../components/gpu/pool";
import { isHook, namespaceOf, type PlannedObject, type PodSpec, podOf } from "./objects";
import { admits, nodesFor, requestOf, shortage } from "./pods";
import { nodePools } from "./pools";
import type {
  NodePool,
  PlacedWorkload,
  Placement,
  PlannedRelease,
  PlannedResource,
  PodRequest,
  Range,
} from "./types";

/** Kinds that run pods for as long as they exist. */
const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Prometheus", "Alertmanager"];

/** An autoscaler's bounds for one target. */
export interface ScaledTarget {
  namespace: string;
  kind: string;
  name: string;
  replicas: Range;
}

/** Where the pods of a plan run, and how many nodes that takes. */
export function place(
  resources: PlannedResource[],
  releases: PlannedRelease[],
  objects: PlannedObject[],
  gpuPools: GpuPool[],
): Placement {
  const pools = nodePools(resources, gpuPools);
  const scaled = scaledTargets(objects);
  const workloads = objects
    .filter(({ manifest }) => kinds.includes(manifest.kind) && !isHook(manifest))
    .map((object) => placeWorkload(object, pools, scaled))
    .sort((a, b) => compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`));
  if (pools.length > 0) markIdleDaemonSets(workloads);
  return {
    pools,
    workloads,
    needed: Object.fromEntries(pools.map((pool) => [pool.name, neededNodes(pool, workloads)])),
    notRendered: releases.filter((release) => release.skipped !== undefined).map((release) => release.name),
  };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The targets of the horizontal autoscalers. */
export function scaledTargets(objects: PlannedObject[]): ScaledTarget[] {
  return objects
    .filter(({ manifest }) => manifest.kind === "HorizontalPodAutoscaler")
    .map(({ manifest }) => {
      const spec = manifest.spec as {
        scaleTargetRef: { kind: string; name: string };
        minReplicas?: number;
        maxReplicas: number;
      };
      const replicas = { floor: spec.minReplicas ?? 1, ceiling: spec.maxReplicas };
      return {
        namespace: namespaceOf(manifest),
        kind: spec.scaleTargetRef.kind,
        name: spec.scaleTargetRef.name,
        replicas,
      };
    });
}

/** The pod of a workload; for those that the Prometheus operator makes, what the custom resource says of it. */
function workloadPod({ manifest }: PlannedObject): PodSpec | undefined {
  if (manifest.kind !== "Prometheus" && manifest.kind !== "Alertmanager") return podOf(manifest);
  const spec = manifest.spec as Partial<PodSpec> & { resources?: PodSpec["containers"][number]["resources"] };
  return { ...spec, containers: [{ name: manifest.kind.toLowerCase(), resources: spec.resources }] };
}

function placeWorkload(object: PlannedObject, pools: NodePool[], scaled: ScaledTarget[]): PlacedWorkload {
  const { manifest, origin } = object;
  const pod = workloadPod(object) ?? { containers: [] };
  const namespace = namespaceOf(manifest);
  const name = manifest.metadata.name;
  const request = requestOf(pod);
  const admitting = pools.filter((pool) => admits(pool, pod));
  const workload: PlacedWorkload = {
    kind: manifest.kind,
    name,
    namespace,
    origin,
    replicas: { floor: 0, ceiling: 0 },
    request,
    pools: [],
  };
  if (manifest.kind === "DaemonSet") {
    workload.pools = admitting.map((pool) => pool.name);
    workload.replicas = sum(admitting.map((pool) => pool.nodes));
    return workload;
  }
  const fixed = Number((manifest.spec as { replicas?: number } | undefined)?.replicas ?? 1);
  workload.replicas = scaled.find(
    (target) => target.kind === manifest.kind && target.name === name && target.namespace === namespace,
  )?.replicas ?? { floor: fixed, ceiling: fixed };
  const fitting = admitting.find((pool) => !pool.allocatable || !shortage(request, pool.allocatable));
  if (fitting) workload.pools = [fitting.name];
  else if (pools.length > 0) workload.problem = reason(request, admitting);
  return workload;
}

/**
 * Daemon sets of one origin that all run on no node: what the NVIDIA device plugin's defaults give on EKS, silently
 * nothing. One idle among others is a part that the chart keeps for nodes of another kind.
 */
function markIdleDaemonSets(workloads: PlacedWorkload[]): void {
  const idle = (workload: PlacedWorkload) => workload.kind === "DaemonSet" && workload.pools.length === 0;
  for (const workload of workloads.filter(idle)) {
    const siblings = workloads.filter(
      ({ kind, origin }) => kind === "DaemonSet" && origin === workload.origin,
    );
    if (siblings.every(idle)) workload.problem = "it selects no node of any pool";
  }
}

function reason(request: PodRequest, admitting: NodePool[]): string {
  const [pool] = admitting;
  if (!pool?.allocatable) return "no pool has the labels that it selects and taints that it tolerates";
  return `${shortage(request, pool.allocatable)} of pool ${pool.name} (${pool.instanceTypes[0]})`;
}

function sum(ranges: Range[]): Range {
  return ranges.reduce((a, b) => ({ floor: a.floor + b.floor, ceiling: a.ceiling + b.ceiling }), {
    floor: 0,
    ceiling: 0,
  });
}

/**
 * Nodes at the bounds. The floor is what the minimum of replicas takes, which can be more than the node group's own
 * minimum; the ceiling is the node group's maximum.
 */
function neededNodes(pool: NodePool, workloads: PlacedWorkload[]): Range {
  const { allocatable } = pool;
  if (!allocatable) return pool.nodes;
  const pods = workloads
    .filter((workload) => workload.kind !== "DaemonSet" && workload.pools[0] === pool.name)
    .flatMap((workload) => Array.from({ length: workload.replicas.floor }, () => workload.request));
  const floor = Math.max(pool.nodes.floor, nodesFor(pods, allocatable));
  return {
    floor: Math.min(floor, Math.max(pool.nodes.ceiling, pool.nodes.floor)),
    ceiling: pool.nodes.ceiling,
  };
}
