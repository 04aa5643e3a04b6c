import { type Claim, conditionOf, type Event, type Node, type Pod } from "../kube/objects";

/** What the cluster says, as much of it as explains why something is not ready. */
export interface ClusterView {
  /** Pods of all namespaces. */
  pods: Pod[];
  nodes: Node[];
  /** Events of the release's namespace. */
  events: Event[];
  /** PersistentVolumeClaims of the release's namespace. */
  claims: Claim[];
}

/** Lines of an explanation: more would hide the cause. */
const most = 12;
const instanceLabel = "app.kubernetes.io/instance";

/**
 * Why a release is not ready, a line per cause: pods that no node takes or that do not start, nodes that should offer
 * what is missing and what does not run there, pods that were refused, claims without a volume.
 *
 * @returns nothing when all that belongs to the release is ready
 */
export function unready(namespace: string, release: string, view: ClusterView): string[] {
  const own = view.pods.filter(
    (pod) => pod.metadata.namespace === namespace && pod.metadata.labels?.[instanceLabel] === release,
  );
  const waiting = own.filter(isWaiting);
  const lines = [
    ...waiting.map((pod) => `pod ${pod.metadata.name}: ${reasonOf(pod, view.events)}`),
    ...waiting.flatMap((pod) => missing(pod, view)),
    ...view.events.filter(isRefusal).map(refusal),
    ...view.claims
      .filter((claim) => claim.status?.phase === "Pending" && isUsed(claim, waiting))
      .map(
        (claim) =>
          `claim ${claim.metadata.name}: no volume: ${newest(eventsOf(claim, view.events)) ?? "nothing was said of it"}`,
      ),
  ];
  return [...new Set(lines)].slice(0, most);
}

function isWaiting(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp || pod.status?.phase === "Succeeded") return false;
  return conditionOf(pod, "Ready")?.status !== "True";
}

function reasonOf(pod: Pod, events: Event[]): string {
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status === "False") return `no node takes it: ${scheduled.message ?? "no reason given"}`;
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { name, state, lastState } of containers) {
    const last = state?.terminated ?? lastState?.terminated;
    const ended =
      last &&
      last.exitCode !== 0 &&
      `ended with exit code ${last.exitCode} (${last.message ?? last.reason ?? "no reason given"})`;
    // These two are the states of every start; the cause, if there is one, is in the events.
    const { reason, message } = state?.waiting ?? {};
    if (reason && !["ContainerCreating", "PodInitializing"].includes(reason)) {
      return [`${name} waits: ${reason}`, message, ended].filter(Boolean).join("; ");
    }
    if (ended) return `${name} ${ended}`;
  }
  return (
    newest(eventsOf(pod, events).filter((event) => event.type === "Warning")) ?? "it runs and is not ready"
  );
}

/** Nodes that the pod may run on and that lack what it asks for, with what does not run on them. */
function missing(pod: Pod, { nodes, pods, events }: ClusterView): string[] {
  const message = conditionOf(pod, "PodScheduled")?.message ?? "";
  const [, resource] = /Insufficient ([\w.-]+\/[\w-]+(?:\.[\w-]+)*)/.exec(message) ?? [];
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (selector.length === 0) return [];
  const possible = nodes.filter((node) =>
    selector.every(([key, value]) => node.metadata.labels?.[key] === value),
  );
  if (possible.length === 0) {
    const labels = selector.map(([key, value]) => `${key}=${value}`).join(", ");
    return [`there is no node with ${labels}: its node group has none; the group's activity in AWS says why`];
  }
  if (!resource) return [];
  const lacking = possible.filter((node) => !Number(node.status?.allocatable?.[resource] ?? 0));
  return lacking.flatMap(({ metadata: { name } }) => [
    `node ${name}: offers no ${resource}`,
    ...pods
      .filter((other) => other.spec.nodeName === name && isWaiting(other))
      .map(
        (other) =>
          `pod ${other.metadata.namespace}/${other.metadata.name} on ${name}: ${reasonOf(other, events)}`,
      ),
  ]);
}

const isRefusal = (event: Event) => event.type === "Warning" && event.reason === "FailedCreate";
const refusal = (event: Event) =>
  `${event.involvedObject.kind} ${event.involvedObject.name}: its pods are refused: ${event.message}`;

const eventsOf = (object: Pod | Claim, events: Event[]) =>
  events.filter((event) => event.involvedObject.uid === object.metadata.uid);

function newest(events: Event[]): string | undefined {
  const time = (event: Event) =>
    Date.parse(
      event.series?.lastObservedTime ??
        event.lastTimestamp ??
        event.eventTime ??
        event.metadata.creationTimestamp ??
        "",
    );
  return [...events].sort((a, b) => time(b) - time(a))[0]?.message;
}

function isUsed(claim: Claim, pods: Pod[]): boolean {
  return pods.some((pod) =>
    pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === claim.metadata.name),
  );
}
