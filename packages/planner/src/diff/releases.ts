import { isTest } from "../plan/objects";
import type { Manifest, PlannedRelease } from "../plan/types";
import { matches, valueAt } from "./forcing";
import { refusedFields } from "./kubernetes";
import { Action, type ObjectDiff, type ReleaseDiff, type Roll, type ValueChange } from "./types";
import { valueChanges } from "./values";

/** A release in both plans; one of the two is absent for what comes or goes. */
export interface ReleasePair {
  before?: PlannedRelease;
  after?: PlannedRelease;
}

/** What an upgrade from one rendering to the other changes, object by object. */
export function releaseDiff({ before, after }: ReleasePair): ReleaseDiff {
  const release = (after ?? before) as PlannedRelease;
  const notRendered = [
    before?.skipped !== undefined && `not rendered in the base: ${before.skipped}`,
    after?.skipped !== undefined && `not rendered: ${after.skipped}`,
  ].find((reason) => reason !== false);
  const objects = notRendered === undefined ? objectDiffs(before?.manifests, after?.manifests) : [];
  return {
    name: release.name,
    namespace: release.namespace,
    chart: release.chart,
    version: {
      ...(before ? { before: before.version } : {}),
      ...(after ? { after: after.version } : {}),
    },
    ...(notRendered === undefined ? {} : { notRendered }),
    objects: folded(objects),
    rolls: before && after ? rollsOf(objects, after.manifests ?? []) : [],
  };
}

const keyOf = ({ kind, metadata }: Manifest) => [kind, metadata.namespace ?? "", metadata.name].join(" ");

function objectDiffs(before: Manifest[] = [], after: Manifest[] = []): ObjectDiff[] {
  // What only `helm test` makes is no part of an upgrade.
  const index = (manifests: Manifest[]) =>
    new Map(manifests.filter((manifest) => !isTest(manifest)).map((manifest) => [keyOf(manifest), manifest]));
  const [from, to] = [index(before), index(after)];
  return [...new Set([...from.keys(), ...to.keys()])].sort().flatMap((key): ObjectDiff[] => {
    const [old, now] = [from.get(key), to.get(key)];
    const { kind, metadata } = (now ?? old) as Manifest;
    const object = {
      kind,
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    };
    if (!old) return [{ ...object, action: Action.Create, changes: [] }];
    if (!now) return [{ ...object, action: Action.Delete, changes: [] }];
    const changes = changesOf(old, now);
    return changes.length > 0 ? [{ ...object, action: Action.Update, changes }] : [];
  });
}

function changesOf(before: Manifest, after: Manifest): ValueChange[] {
  const fields = refusedFields(after.kind);
  return valueChanges(before, after)
    .filter(({ segments }) => !isGenerated(segments.map(({ key }) => key)))
    .map((change) => {
      const refused = fields.paths.some((path) => matches(path, change.segments));
      return refused ? { ...change, forces: fields.source } : change;
    });
}

/** Certificates that a chart makes anew each time it is rendered: no change of anybody's. */
function isGenerated(path: string[]): boolean {
  return path.at(-1) === "caBundle";
}

/** Objects in which a change may be repeated before it is told once for all. */
const most = 3;

/** A change that many objects share, such as the chart's version in a label, is told once. */
function folded(objects: ObjectDiff[]): ObjectDiff[] {
  const text = ({ path, before, after, lines }: ValueChange) => JSON.stringify([path, before, after, lines]);
  const counts = new Map<string, number>();
  for (const change of objects.flatMap((object) => object.changes)) {
    counts.set(text(change), (counts.get(text(change)) ?? 0) + 1);
  }
  const shared = (change: ValueChange) => !change.forces && (counts.get(text(change)) ?? 0) > most;
  const told = new Map<string, ValueChange>();
  for (const change of objects.flatMap((object) => object.changes).filter(shared)) {
    told.set(text(change), { ...change, objects: counts.get(text(change)) });
  }
  const own = objects
    .map((object) => ({ ...object, changes: object.changes.filter((change) => !shared(change)) }))
    .filter((object) => object.action !== Action.Update || object.changes.length > 0);
  if (told.size === 0) return own;
  return [...own, { kind: "", name: "", action: Action.Update, changes: [...told.values()] }];
}

/** Pods of objects whose template changes. */
function rollsOf(objects: ObjectDiff[], manifests: Manifest[]): Roll[] {
  const byKey = new Map(manifests.map((manifest) => [keyOf(manifest), manifest]));
  return objects.flatMap(({ kind, namespace, name, action, changes }) => {
    if (action !== Action.Update) return [];
    const manifest = byKey.get([kind, namespace ?? "", name].join(" "));
    const order = manifest && orderOf(manifest, changes);
    return order ? [{ kind, name, ...(namespace === undefined ? {} : { namespace }), order }] : [];
  });
}

/** How the pods are replaced; undefined when they are not. */
function orderOf(manifest: Manifest, changes: ValueChange[]): string | undefined {
  const template = changes.some(({ segments }) => matches("spec.template", segments));
  switch (manifest.kind) {
    case "Deployment":
      return template
        ? deploymentOrder(valueAt(manifest, "spec.strategy") as Strategy | undefined)
        : undefined;
    case "StatefulSet":
    case "DaemonSet": {
      if (!template) return undefined;
      const { type } = (valueAt(manifest, "spec.updateStrategy") ?? {}) as Strategy;
      if (type === "OnDelete") return "only as each is deleted by hand";
      return manifest.kind === "DaemonSet" ? "node by node" : "one at a time, from the last";
    }
    // The operator makes a StatefulSet of their specs.
    case "Prometheus":
    case "Alertmanager":
      return changes.some(({ segments }) => segments[0]?.key === "spec")
        ? "as its operator decides"
        : undefined;
    default:
      return undefined;
  }
}

interface Strategy {
  type?: string;
  rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string };
}

/**
 * The rolls, with what they mean where a workload has one pod at times.
 *
 * @param replicasOf The fewest pods of a workload; undefined when that is not known.
 */
export function withInterruptions(rolls: Roll[], replicasOf: (roll: Roll) => number | undefined): Roll[] {
  return rolls.map((roll) =>
    roll.order.endsWith(oldFirst) && replicasOf(roll) === 1
      ? { ...roll, order: `${roll.order}; with one pod, an interruption until the new one is ready` }
      : roll,
  );
}

const oldFirst = "each old pod goes before its successor starts";

function deploymentOrder(strategy: Strategy = {}): string {
  if (strategy.type === "Recreate") return "all old pods stop before a new one starts: an interruption";
  const { maxSurge = "25%", maxUnavailable = "25%" } = strategy.rollingUpdate ?? {};
  if (String(maxSurge) === "0" || maxSurge === "0%") {
    return `${maxUnavailable} at a time, ${oldFirst}`;
  }
  return `${maxSurge} at a time, each new pod is ready before an old one goes`;
}
