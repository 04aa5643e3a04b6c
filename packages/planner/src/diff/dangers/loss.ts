import { Token } from "../../aws/tokens";
import type { PlannedResource } from "../../plan/types";
import { deletionOf, deletionOfKind } from "../effects";
import { groupBy } from "../groups";
import { holdsData, kubernetesKind } from "../kubernetes";
import { type Change, leavesOf, shortType } from "../resources";
import { Action, type Danger, DangerKind } from "../types";
import { pathText } from "../values";
import { type Facts, type Leaf, some, subjectOf, subjectOfResource } from "./facts";

/** Resources that others stand on, or that hold data: replacing or deleting one is never a detail. */
const shared = new Set<string>([
  Token.Cluster,
  Token.Vpc,
  Token.Subnet,
  Token.NodeGroup,
  Token.NatGateway,
  Token.Eip,
  Token.Key,
  Token.LogGroup,
  Token.Certificate,
]);

const isShared = ({ diff: { type } }: Change) => shared.has(type) || holdsData(kubernetesKind(type) ?? "");

/** Shared or stateful resources that are replaced or deleted, one entry per type and cause. */
export function losses({ changes }: Facts): Danger[] {
  const lost = changes.filter(
    (change) =>
      (change.diff.action === Action.Replace || change.diff.action === Action.Delete) && isShared(change),
  );
  const groups = groupBy(lost, ({ diff: { type, action } }) => `${rankOf(type)} ${type} ${action}`);
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => lossOf(group));
}

/** What everything else stands on comes first. */
function rankOf(type: string): string {
  const at = [...shared].indexOf(type);
  return String(at < 0 ? shared.size : at).padStart(2, "0");
}

function lossOf(group: Change[]): Danger {
  const { type, action, because, deleteFirst, meaning } = (group[0] as Change).diff;
  const subject = `${shortType(type)} ${some(group.map(({ diff }) => diff.name))}`;
  if (action === Action.Delete) {
    const kept = group.every(({ before }) => before?.options.retainOnDelete);
    const text = kept
      ? "forgotten by Pulumi but kept (retainOnDelete): it costs until someone deletes it"
      : `**deleted**: ${deletionOf(type) ?? "what depends on it loses it"}`;
    return { kind: DangerKind.Loss, subject, text };
  }
  const why = because.length > 0 ? ` because ${because[0]}` : "";
  const first = deleteFirst ? "; the old one goes first, so there is a gap" : "";
  return {
    kind: DangerKind.Loss,
    subject,
    text: `**replaced**${why}: ${meaning ?? "what refers to it gets another one"}${first}${afterwards(type)}`,
  };
}

/** The provider's identifier is the cluster's name, so that its objects are not replaced with it. */
function afterwards(type: string): string {
  if (type !== Token.Cluster) return "";
  return ". Pulumi goes on believing in the old cluster's objects: `pulumi up --refresh` afterwards makes them anew";
}

/** Objects of releases that hold data and go. */
export function lostObjects({ objects, changes }: Facts): Danger[] {
  const ofProgram = new Set(changes.map(({ before }) => JSON.stringify(before?.inputs.metadata)));
  return objects.flatMap((pair): Danger[] => {
    const { before, after } = pair;
    if (!before || after || !holdsData(before.kind)) return [];
    if (ofProgram.has(JSON.stringify(before.metadata))) return [];
    const { namespace } = before.metadata;
    const withNamespace = objects.some(
      ({ before: other, after: now }) =>
        other?.kind === "Namespace" && !now && other.metadata.name === namespace,
    );
    const kept = !withNamespace && before.metadata.annotations?.["helm.sh/resource-policy"] === "keep";
    const text = kept
      ? "no longer part of its release: helm keeps it, but nothing uses it; its data is not read any more, and it costs until someone deletes it"
      : `**deleted**: ${deletionOfKind(before.kind) ?? "its data goes"}`;
    return [{ kind: DangerKind.Loss, subject: subjectOf(pair), text }];
  });
}

/** Storage that values turn off. */
const storage =
  /^values\.(?:.*\.)?(dataStorage|persistence|persistentVolume|storageSpec)(?:\.\w+)*\.enabled$/i;

/** Stored data that a release loses, whether or not its chart could be rendered. */
export function dataLoss({ changes, leaves }: Facts): Danger[] {
  const off = leaves.filter(turnsStorageOff).map(({ subject }) => ({
    kind: DangerKind.Loss,
    subject,
    text: "**persistence off**: from now on its data is gone when its pod restarts, and what was stored is not read any more",
  }));
  const deleted = changes
    .filter(({ diff, before }) => diff.action === Action.Delete && before && stores(before))
    .map((change) => ({
      kind: DangerKind.Loss,
      subject: subjectOfResource(change),
      text: "**deleted**: what it stores is not read any more, and goes unless its volumes are kept",
    }));
  return [...off, ...deleted];
}

function stores({ type, inputs }: PlannedResource): boolean {
  return (
    type === "kubernetes:helm.sh/v3:Release" &&
    leavesOf(inputs).some(({ path, value }) => storage.test(pathText(path)) && value === true)
  );
}

/** True for the switch of a release's storage, turned off. */
export function turnsStorageOff({ path, before, after }: Leaf): boolean {
  return storage.test(path) && before === true && after !== true;
}

/** Generated passwords that get another value. */
export function credentials({ changes }: Facts): Danger[] {
  return changes
    .filter(({ diff }) => diff.type.startsWith("random:") && diff.action === Action.Replace)
    .map((change) => ({
      kind: DangerKind.Credential,
      subject: subjectOfResource(change),
      text: "**rotates**: clients with the old value are refused until they get the new one",
    }));
}
