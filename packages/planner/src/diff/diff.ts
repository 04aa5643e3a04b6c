import type { Check, Plan, PlannedResource } from "../plan/types";
import { costDiff } from "./cost";
import { dangersOf } from "./dangers";
import { matchResources, type Pair } from "./matching";
import { propagate } from "./propagate";
import { releaseDiff, withInterruptions } from "./releases";
import { type Change, ownChanges } from "./resources";
import { exposedValues, repathed, scrubber, withoutSecrets } from "./secrets";
import { Action, type PlanDiff, type ReleaseDiff, type ResourceDiff, type ValueChange } from "./types";
import { valueChanges } from "./values";

/**
 * What changing a stack from one plan to the other does. Pure, and stable: the same two plans give the same result.
 *
 * @param base The plan before; undefined when there is none: everything is then new.
 * @param noBase Why there is none.
 */
export function diffPlans(base: Plan | undefined, head: Plan, noBase?: string): PlanDiff {
  const pairs = matchResources(base, head);
  // The order of registration depends on timing; what follows must not.
  const changes = ownChanges(base, head, pairs).sort(inOrder);
  propagate(head, changes);
  const releases = releaseDiffs(base, head, pairs);
  for (const change of changes) addRelease(change, releases.get(change.diff.urn), head);
  const outputs = base ? valueChanges(base.outputs, head.outputs) : [];

  const found = changes.filter(({ diff }) => isShown(diff)).sort(inOrder);
  const resources = found.map(({ diff }) => diff);
  const dangers = dangersOf({ base, head, changes: found });
  const hide = hiding([...resources.flatMap(allChanges), ...outputs]);
  return hide({
    stack: head.stack,
    project: head.project,
    ...(base ? {} : { noBase: noBase ?? "there is no plan of the base" }),
    counts: countsOf(resources),
    dangers,
    cost: costDiff(base, head),
    resources: resources.map(withoutSecretValues),
    outputs: outputs.map(withoutSecrets),
    checks: newProblems(base, head),
  });
}

/** By component, then by what matters most, then by name. */
function inOrder({ diff: a }: Change, { diff: b }: Change): number {
  const rank = ({ action }: ResourceDiff) => actionOrder.indexOf(action);
  return (
    compare(a.component, b.component) || rank(a) - rank(b) || compare(a.type, b.type) || compare(a.urn, b.urn)
  );
}

const actionOrder: Action[] = [
  Action.Replace,
  Action.Delete,
  Action.Create,
  Action.Import,
  Action.Update,
  Action.Move,
];

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function isShown({ action, changes, because, release }: ResourceDiff): boolean {
  if (action !== Action.Update) return true;
  return changes.length > 0 || because.length > 0 || (release?.objects.length ?? 0) > 0;
}

function countsOf(resources: ResourceDiff[]): Record<Action, number> {
  const count = (action: Action) => resources.filter((resource) => resource.action === action).length;
  return Object.fromEntries(actionOrder.map((action) => [action, count(action)])) as Record<Action, number>;
}

/** The releases by the URN of their resource in the head, of deleted ones in the base. */
function releaseDiffs(base: Plan | undefined, head: Plan, pairs: Pair[]): Map<string, ReleaseDiff> {
  const index = (plan?: Plan) => new Map((plan?.releases ?? []).map((release) => [release.urn, release]));
  const [from, to] = [index(base), index(head)];
  return new Map(
    pairs.flatMap(({ before, after }) => {
      const pair = { before: from.get(before?.urn ?? ""), after: to.get(after?.urn ?? "") };
      if (!pair.before && !pair.after) return [];
      return [[((after ?? before) as PlannedResource).urn, releaseDiff(pair)]];
    }),
  );
}

function addRelease({ diff }: Change, release: ReleaseDiff | undefined, head: Plan): void {
  if (!release) return;
  const rolls = withInterruptions(
    release.rolls,
    ({ kind, namespace, name }) =>
      head.placement.workloads.find(
        (workload) => workload.kind === kind && workload.namespace === namespace && workload.name === name,
      )?.replicas.floor,
  );
  // What comes or goes does so with all its objects: only a release that stays is told object by object.
  const stays =
    diff.action === Action.Update || diff.action === Action.Replace || diff.action === Action.Move;
  diff.release = { ...release, rolls: stays ? rolls : [] };
  if (diff.action === Action.Move && release.objects.length > 0) diff.action = Action.Update;
}

function allChanges({ changes, release }: ResourceDiff): ValueChange[] {
  return [...changes, ...(release?.objects ?? []).flatMap((object) => object.changes)];
}

function withoutSecretValues(diff: ResourceDiff): ResourceDiff {
  const { release } = diff;
  const objects = release?.objects.map((object) => ({
    ...object,
    changes: object.changes.map(withoutSecrets),
  }));
  return {
    ...diff,
    changes: diff.changes.map(withoutSecrets),
    ...(release && objects ? { release: { ...release, objects } } : {}),
  };
}

/** Hides what is secret in one plan and plain in the other, wherever else it shows. */
function hiding(changes: ValueChange[]): (diff: PlanDiff) => PlanDiff {
  const values = exposedValues(changes);
  if (values.length === 0) return (diff) => diff;
  const scrub = scrubber(values);
  // Not the names: they are the program's, and needed to tell things apart.
  return (diff) => ({
    ...diff,
    dangers: diff.dangers.map((danger) => ({ ...danger, text: scrub(danger.text) })),
    resources: diff.resources.map((resource) => ({
      ...resource,
      changes: scrub(resource.changes).map(repathed),
      because: scrub(resource.because),
      ...(resource.figures ? { figures: scrub(resource.figures) } : {}),
      ...(resource.release
        ? {
            release: {
              ...resource.release,
              objects: resource.release.objects.map((object) => ({
                ...object,
                changes: scrub(object.changes).map(repathed),
              })),
            },
          }
        : {}),
    })),
    outputs: scrub(diff.outputs).map(repathed),
    checks: scrub(diff.checks),
  });
}

function newProblems(base: Plan | undefined, head: Plan): Check[] {
  const before = new Map((base?.checks ?? []).map((check) => [check.id, check]));
  return head.checks.filter(({ id, status, detail }) => {
    const old = before.get(id);
    // A failed check stops the update, whoever brought it.
    return status === "fail" || (status === "warn" && (old?.status !== status || old.detail !== detail));
  });
}
