import type { Container, PodSpec } from "./objects";
import { cpuMillis, memoryMiB, quantity } from "./quantity";
import type { NodePool, PodRequest } from "./types";

const nothing: PodRequest = { cpuMillis: 0, memoryMiB: 0, extended: {} };

/**
 * What the scheduler reserves for a pod: the sum of its containers and sidecars, or the largest of its other
 * initialisation containers where that is more, by resource.
 */
export function requestOf(pod: PodSpec): PodRequest {
  const initial = pod.initContainers ?? [];
  const sidecars = initial.filter((container) => container.restartPolicy === "Always");
  const running = [...(pod.containers ?? []), ...sidecars].map(containerRequest).reduce(add, nothing);
  return initial
    .filter((container) => container.restartPolicy !== "Always")
    .map(containerRequest)
    .reduce(largest, running);
}

/** Requests of one container; a limit without a request counts as one, as for the API server. */
export function containerRequest(container: Container): PodRequest {
  const wanted = { ...container.resources?.limits, ...container.resources?.requests };
  const extended = Object.entries(wanted).filter(([name]) => name.includes("/"));
  return {
    cpuMillis: wanted.cpu === undefined ? 0 : cpuMillis(wanted.cpu),
    memoryMiB: wanted.memory === undefined ? 0 : memoryMiB(wanted.memory),
    extended: Object.fromEntries(extended.map(([name, value]) => [name, quantity(value)])),
  };
}

function combine(a: PodRequest, b: PodRequest, of: (x: number, y: number) => number): PodRequest {
  const names = [...new Set([...Object.keys(a.extended), ...Object.keys(b.extended)])].sort();
  return {
    cpuMillis: of(a.cpuMillis, b.cpuMillis),
    memoryMiB: of(a.memoryMiB, b.memoryMiB),
    extended: Object.fromEntries(
      names.map((name) => [name, of(a.extended[name] ?? 0, b.extended[name] ?? 0)]),
    ),
  };
}

const add = (a: PodRequest, b: PodRequest) => combine(a, b, (x, y) => x + y);
const largest = (a: PodRequest, b: PodRequest) => combine(a, b, Math.max);

/** True when the pod's selector, affinity and tolerations let it onto nodes of the pool. */
export function admits(pool: NodePool, pod: PodSpec): boolean {
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
