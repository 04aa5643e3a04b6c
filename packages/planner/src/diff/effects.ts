import { replacementEffects } from "../aws/replacements";
import { Token } from "../aws/tokens";
import { Outcome, transitionsOf } from "../aws/transitions";
import type { PlannedResource } from "../plan/types";
import { kubernetesKind } from "./kubernetes";
import { Action, type ValueChange } from "./types";

/** What an action means to users, for the types where that is worth saying. */
export function effectOf(
  action: Action,
  before: PlannedResource,
  after: PlannedResource,
  changes: ValueChange[],
): { meaning?: string } {
  const text =
    action === Action.Replace
      ? replaced(after.type)
      : action === Action.Update
        ? (updated(after, changes) ?? besides(before, after))
        : undefined;
  return text === undefined ? {} : { meaning: text };
}

function replaced(type: string): string | undefined {
  const kind = kubernetesKind(type);
  if (kind !== undefined) return ofKinds[kind];
  if (type.startsWith("random:"))
    return "a new value: the credential rotates, and what uses it must read it anew";
  if (type === "kubernetes:helm.sh/v3:Release")
    return "the release is uninstalled and installed anew: its pods stop";
  return replacementEffects[type];
}

/** Replaced Kubernetes objects that the program makes. */
const ofKinds: Record<string, string> = {
  PersistentVolumeClaim:
    "a new, empty volume: the data stays on the old one only if its class retains volumes",
  StatefulSet: "its pods stop, and come back with the volumes of the same names",
  Deployment: "its pods stop, and start anew",
  DaemonSet: "its pods stop on every node, and start anew",
  Namespace: "everything in the namespace is deleted with it",
  Secret: "deleted and made again: pods that run keep the old values until they restart",
  ConfigMap: "deleted and made again: pods that run keep the old values until they restart",
  StorageClass: "deleted and made again: existing volumes stay as they are",
};

/** What deleting means, for what holds data or has others stand on it. */
export function deletionOf(type: string): string | undefined {
  return kubernetesKind(type) === undefined ? deletions[type] : deletionOfKind(kubernetesKind(type) ?? "");
}

/** As {@link deletionOf}, for an object of this kind. */
export function deletionOfKind(kind: string): string | undefined {
  return deletedKinds[kind];
}

const deletions: Record<string, string> = {
  [Token.Vpc]: "the network goes, with everything in it",
  [Token.Subnet]: "what has network interfaces in it must be gone first",
  [Token.Cluster]: "the cluster goes, with every workload in it",
  [Token.NodeGroup]: "its nodes go: pods move where they fit, or stay pending",
  [Token.NatGateway]: "what is routed through it loses its way out",
  [Token.Eip]: "the public address is given back and cannot be had again",
  [Token.Key]: "what it encrypted cannot be read any more once the deletion window is over",
  [Token.LogGroup]: "its logs go with it",
  [Token.Certificate]: "listeners that use it lose TLS",
  "kubernetes:helm.sh/v3:Release": "its pods stop and its objects go",
};

const deletedKinds: Record<string, string> = {
  PersistentVolumeClaim: "the volume and its data go, unless its class retains volumes",
  StatefulSet: "its pods stop; the claims of its volumes stay",
  Namespace: "everything in it goes with it",
  CustomResourceDefinition: "every object of that kind goes with it",
};

/** What the program or a controller does beside the update. */
function besides(before: PlannedResource, after: PlannedResource): string | undefined {
  const nowhere = { was: () => undefined, is: () => undefined };
  const [done] = transitionsOf(after.type, before.inputs, after.inputs, nowhere).filter(
    ({ row }) => row.outcome === Outcome.Done,
  );
  return done && `${done.row.text(done.step)}. ${done.row.steps}`;
}

function updated({ type }: PlannedResource, changes: ValueChange[]): string | undefined {
  const changed = (path: string) => changes.some((change) => change.path.startsWith(path));
  if (type === Token.Cluster && changed("version")) {
    return "the control plane is upgraded in place, about 10 to 20 min; it cannot go back to the old version";
  }
  if (
    type === Token.NodeGroup &&
    (changed("version") || changed("releaseVersion") || changed("launchTemplate"))
  ) {
    return "the nodes are replaced a few at a time, as in an upgrade: pods move";
  }
  if (type === Token.NodeGroup && changed("taints"))
    return "running pods stay; the taints count for new ones";
  return undefined;
}
