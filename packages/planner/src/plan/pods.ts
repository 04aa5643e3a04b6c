import type { Container, PodSpec } from "./objects";
import { cpuMillis, memoryMiB, quantity } from "./quantity";
import type { NodePool, PodRequest } from "./types";

/**
 * What the scheduler reserves for a pod, by resource, in base units: the sum of its containers and sidecars, or the largest
 * of its other initialisation containers where that is more.
 */
export function podRequests(pod: PodSpec): Record<string, number> {
  const initial = pod.initContainers ?? [];
  const isSidecar = (container: Container) => container.restartPolicy === "Always";
  const total: Record<string, number> = {};
  for (const container of [...(pod.containers ?? []), ...initial.filter(isSidecar)])
    for (const [name, amount] of wanted(container)) total[name] = (total[name] ?? 0) + amount;
  for (const container of initial.filter((each) => !isSidecar(each)))
    for (const [name, amount] of wanted(container)) total[name] = Math.max(total[name] ?? 0, amount);
  return total;
}

/** The same in the units of a plan. */
export function requestOf(pod: PodSpec): PodRequest {
  return inPlanUnits(podRequests(pod));
}

/** A limit without a request counts as one, as for the API server. */
function wanted({ resources }: Container): [string, number][] {
  const given = { ...resources?.limits, ...resources?.requests };
  return Object.entries(given).map(([name, value]) => [name, quantity(value)]);
}

function inPlanUnits({ cpu = 0, memory = 0, ...others }: Record<string, number>): PodRequest {
  const extended = Object.entries(others).filter(([name]) => name.includes("/"));
  return {
    cpuMillis: cpuMillis(cpu),
    memoryMiB: memoryMiB(memory),
    extended: Object.fromEntries(extended.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function add(a: PodRequest, b: PodRequest): PodRequest {
  const names = [...new Set([...Object.keys(a.extended), ...Object.keys(b.extended)])].sort();
  return {
    cpuMillis: a.cpuMillis + b.cpuMillis,
    memoryMiB: a.memoryMiB + b.memoryMiB,
    extended: Object.fromEntries(
      names.map((name) => [name, (a.extended[name] ?? 0) + (b.extended[name] ?? 0)]),
    ),
  };
}

/** True when the pod's selector, affinity and tolerations let it onto nodes of the pool. */
export function admits(pool: Pick<NodePool, "labels" | "taints">, pod: PodSpec): boolean {
  const selected = Object.entries(pod.nodeSelector ?? {}).every(([key, value]) => pool.labels[key] === value);
  const required = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const affine =
    !required ||
    required.nodeSelectorTerms.some((term) =>
      (term.matchExpressions ?? []).every((expression) => matches(pool.labels[expression.key], expression)),
    );
  return selected && affine && pool.taints.every((taint) => tolerated(taint, pod));
}

function matches(value: string | undefined, expression: { operator: string; values?: string[] }): boolean {
  const listed = value !== undefined && (expression.values ?? []).includes(value);
  switch (expression.operator) {
    case "In":
      return listed;
    case "NotIn":
      return !listed;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(expression.values?.[0]);
    case "Lt":
      return Number(value) < Number(expression.values?.[0]);
    default:
      return false;
  }
}

function tolerated(taint: string, pod: PodSpec): boolean {
  const [pair = "", effect] = taint.split(":");
  const [key, value = ""] = pair.split("=");
  if (effect === "PreferNoSchedule") return true;
  return (pod.tolerations ?? []).some(
    (toleration) =>
      (toleration.effect ?? effect) === effect &&
      (toleration.operator === "Exists"
        ? (toleration.key ?? key) === key
        : toleration.key === key && (toleration.value ?? "") === value),
  );
}

/** Why one pod does not fit an empty node, with the figures; undefined when it does. */
export function shortage(request: PodRequest, allocatable: PodRequest): string | undefined {
  const short = [
    request.cpuMillis > allocatable.cpuMillis && `${request.cpuMillis}m CPU of ${allocatable.cpuMillis}m`,
    request.memoryMiB > allocatable.memoryMiB &&
      `${Math.ceil(request.memoryMiB)} MiB memory of ${Math.floor(allocatable.memoryMiB)} MiB`,
    ...Object.entries(request.extended).map(
      ([name, count]) =>
        count > (allocatable.extended[name] ?? 0) && `${count} ${name} of ${allocatable.extended[name] ?? 0}`,
    ),
  ].filter(Boolean);
  return short.length > 0 ? `it asks for ${short.join(" and ")} of a node` : undefined;
}

/**
 * Nodes that hold all the pods, each pod put on the first node with room, the largest first. Pods that fit no empty
 * node are left out.
 */
export function nodesFor(pods: PodRequest[], allocatable: PodRequest): number {
  const size = (pod: PodRequest) =>
    Math.max(
      pod.cpuMillis / allocatable.cpuMillis,
      pod.memoryMiB / allocatable.memoryMiB,
      ...Object.entries(pod.extended).map(([name, count]) => count / (allocatable.extended[name] ?? 1)),
    );
  const nodes: PodRequest[] = [];
  for (const pod of [...pods].sort((a, b) => size(b) - size(a))) {
    if (shortage(pod, allocatable)) continue;
    const at = nodes.findIndex((used) => !shortage(add(used, pod), allocatable));
    const used = nodes[at];
    if (used === undefined) nodes.push(pod);
    else nodes[at] = add(used, pod);
  }
  return nodes.length;
}
