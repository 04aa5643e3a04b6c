import { isDeepStrictEqual } from "node:util";
import { definitions } from "../aws/services";
import type { Plan, PlannedResource } from "../plan/types";
import { effectOf } from "./effects";
import { figuresOf } from "./figures";
import { type Forcing, forcingOf, notIgnored, setsOf } from "./forcing";
import { kubernetesKind } from "./kubernetes";
import { code } from "./markup";
import type { Pair } from "./matching";
import { Action, type ResourceDiff, type Segment, type ValueChange } from "./types";
import { isObject, valueChanges } from "./values";

/** A resource's difference with the two plans' sides of it. */
export interface Change extends Pair {
  diff: ResourceDiff;
}

/** What happens to each resource by its own inputs; components, which have none, are left out. */
export function ownChanges(base: Plan | undefined, head: Plan, pairs: Pair[]): Change[] {
  const forcing = forcingOf(head);
  const moved = new Map(pairs.map(({ after, movedFrom }) => [movedFrom, after?.urn]));
  const componentOf = componentsOf(base, head);
  return pairs
    .filter(({ before, after }) => (after ?? before)?.custom)
    .map((pair) => {
      const resource = (pair.after ?? pair.before) as PlannedResource;
      const diff: ResourceDiff = {
        urn: resource.urn,
        type: resource.type,
        name: resource.name,
        component: componentOf(resource),
        action: Action.Update,
        changes: [],
        because: [],
        ...(pair.movedFrom ? { movedFrom: pair.movedFrom } : {}),
      };
      return { ...pair, diff: { ...diff, ...contentOf(pair, forcing, moved) } };
    });
}

function contentOf(
  { before, after, movedFrom }: Pair,
  forcing: Forcing,
  moved: Map<string | undefined, string | undefined>,
): Partial<ResourceDiff> {
  if (!after) return { action: Action.Delete, figures: figuresOf(before) };
  if (!before) {
    return { action: after.options.import ? Action.Import : Action.Create, figures: figuresOf(after) };
  }
  const changes = changesOf(before, after, forcing);
  const because = changes.filter((change) => change.forces).map((change) => `${code(change.path)} changes`);
  if (isTriggered(before, after)) because.push(`what it hangs on changes (${code("replacementTrigger")})`);
  const provider = moved.get(before.provider ?? "") ?? before.provider;
  if (provider !== after.provider && kubernetesKind(after.type) !== undefined)
    because.push("its provider changes");
  const action =
    because.length > 0 ? Action.Replace : changes.length > 0 || !movedFrom ? Action.Update : Action.Move;
  return {
    action,
    changes,
    because,
    ...effectOf(action, before, after, changes),
    ...replacementSequence(action, before, after),
  };
}

/** Changed inputs, then changed options that matter to a reviewer. */
function changesOf(before: PlannedResource, after: PlannedResource, forcing: Forcing): ValueChange[] {
  const inputs = valueChanges(before.inputs, after.inputs, { isSet: setsOf(after.type) });
  const changes = notIgnored(after, inputs).map((change) => {
    const forces = forcing(after, change.segments, before.inputs);
    return forces ? { ...change, forces } : change;
  });
  const options = valueChanges(reviewed(before), reviewed(after)).map((change) => ({
    ...change,
    path: `option ${change.path}`,
    segments: [{ key: "option " }, ...change.segments],
  }));
  return [...changes, ...options].sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

/** As the engine: a trigger that is new triggers nothing (pulumi 3.250, tried). */
function isTriggered({ options: before }: PlannedResource, { options: after }: PlannedResource): boolean {
  return (
    before.replacementTrigger !== undefined &&
    after.replacementTrigger !== undefined &&
    !isDeepStrictEqual(before.replacementTrigger, after.replacementTrigger)
  );
}

function reviewed({ options }: PlannedResource) {
  const { protect, retainOnDelete, deleteBeforeReplace, ignoreChanges } = options;
  return { protect, retainOnDelete, deleteBeforeReplace, ignoreChanges };
}

/** Whether the old one goes first: two cannot have the same name. */
export function replacementSequence(
  action: Action,
  before: PlannedResource,
  after: PlannedResource,
): { deleteFirst?: boolean } {
  if (action !== Action.Replace) return {};
  if (after.options.deleteBeforeReplace !== undefined)
    return { deleteFirst: after.options.deleteBeforeReplace };
  const { nameProperty } = definitions.get(after.type) ?? {};
  if (nameProperty !== undefined) {
    const name = after.inputs[nameProperty];
    return { deleteFirst: name !== undefined && name === before.inputs[nameProperty] };
  }
  if (!after.type.startsWith("kubernetes:")) return { deleteFirst: false };
  const place = ({ inputs }: PlannedResource) => {
    const { name, namespace } = (isObject(inputs.metadata) ? inputs.metadata : inputs) as Record<
      string,
      unknown
    >;
    return JSON.stringify([name, namespace]);
  };
  return { deleteFirst: place(before) === place(after) };
}

/** The outermost component of each resource, in the plan that has it. */
function componentsOf(base: Plan | undefined, head: Plan): (resource: PlannedResource) => string {
  const known = new Map([...(base?.resources ?? []), ...head.resources].map((entry) => [entry.urn, entry]));
  return (resource) => {
    let outermost = "";
    for (let at = known.get(resource.parent ?? ""); at; at = known.get(at.parent ?? "")) {
      if (at.type !== "pulumi:pulumi:Stack") outermost = `${shortType(at.type)} ${at.name}`;
    }
    return outermost;
  };
}

/** `NodeGroup` of `aws:eks/nodeGroup:NodeGroup`. */
export function shortType(type: string): string {
  if (type === "pulumi:providers:kubernetes") return "Kubernetes provider";
  return type.split(":").at(-1) ?? type;
}

/** Every leaf of a value with its path. */
export function leavesOf(value: unknown, path: Segment[] = []): { path: Segment[]; value: unknown }[] {
  if (Array.isArray(value)) {
    return value.flatMap((element, i) => leavesOf(element, [...path, { key: String(i), element: true }]));
  }
  if (!isObject(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, entry]) => leavesOf(entry, [...path, { key }]));
}
