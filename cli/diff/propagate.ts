import { Token } from "../aws/tokens";
import type { Plan, PlannedResource } from "../plan/types";
import { effectOf } from "./effects";
import { forcingOf } from "./forcing";
import { identitiesOf } from "./identity";
import { type Change, leavesOf, order, shortType } from "./resources";
import { mask } from "./secrets";
import { Action, type Segment } from "./types";
import { pathText } from "./values";

/**
 * Adds what follows from the resources' own changes: whatever refers to a replaced resource gets another id, and is
 * itself replaced where that property cannot be changed; a changed launch template has a new version, which its node
 * groups take.
 *
 * The values are the same in both plans, since ids are made from names; the engine learns the new ones as it goes.
 */
export function propagate(head: Plan, changes: Change[]): void {
  const inPlay = changes.filter(({ before, after }) => before && after);
  if (inPlay.some(({ diff }) => diff.action !== Action.Move && diff.changes.length > 0)) {
    followReplacements(head, inPlay);
    followTemplates(inPlay);
  }
}

function followReplacements(head: Plan, changes: Change[]): void {
  const forcing = forcingOf(head);
  let identities: Map<string, string[]> | undefined;
  const namesOf = (urn: string) => {
    identities ??= identitiesOf(head);
    return identities.get(urn) ?? [];
  };
  const queue = changes.filter(({ diff }) => diff.action === Action.Replace);
  const referring = new Map<string, Set<string>>();
  for (let replaced = queue.shift(); replaced; replaced = queue.shift()) {
    const { urn } = replaced.diff;
    const names = namesOf(urn);
    for (const change of changes) {
      const after = change.after as PlannedResource;
      if (after.urn === urn || !dependsOn(after, urn)) continue;
      const paths = references(after, replaced, names);
      if (paths.length === 0) continue;
      const forced = paths.find((path) => forcing(after, path));
      const because = referring.get(after.urn) ?? new Set();
      referring.set(after.urn, because);
      because.add(
        `\`${pathText(forced ?? paths[0] ?? [])}\` refers to ${shortType(replaced.diff.type)} ${replaced.diff.name}`,
      );
      if (!forced || change.diff.action === Action.Replace) continue;
      change.diff.action = Action.Replace;
      change.diff.because = [...because];
      Object.assign(
        change.diff,
        effectOf(Action.Replace, after, change.diff.changes),
        order(Action.Replace, change.before as PlannedResource, after),
      );
      queue.push(change);
    }
  }
  for (const { diff } of changes) {
    const because = referring.get(diff.urn);
    if (!because || diff.action === Action.Replace) continue;
    if (diff.action === Action.Move) diff.action = Action.Update;
    diff.because = [...because].map((reason) => `${reason}, which is replaced`);
  }
}

function dependsOn(resource: PlannedResource, urn: string): boolean {
  return resource.dependencies.includes(urn) || resource.provider === urn;
}

/** Where a resource refers to a replaced one. */
function references(resource: PlannedResource, replaced: Change, names: string[]): Segment[][] {
  if (replaced.diff.type.startsWith("random:")) {
    // The generated value is a secret, so all that shows is that it is one.
    return leavesOf(resource.inputs).flatMap(({ path, value }) => (value === mask ? [path] : []));
  }
  return leavesOf(resource.inputs).flatMap(({ path, value }) =>
    typeof value === "string" && names.some((name) => value.includes(name)) ? [path] : [],
  );
}

function followTemplates(changes: Change[]): void {
  const templates = changes.filter(
    ({ diff }) =>
      diff.type === Token.LaunchTemplate && diff.action === Action.Update && diff.changes.length > 0,
  );
  for (const { diff: template } of templates) {
    for (const { diff, after } of changes) {
      if (diff.type !== Token.NodeGroup || diff.action === Action.Replace) continue;
      if (!after?.dependencies.includes(template.urn)) continue;
      diff.because.push(`LaunchTemplate ${template.name} gets a new version`);
      diff.action = Action.Update;
      diff.meaning ??= "the nodes are replaced a few at a time, as in an upgrade: pods move";
    }
  }
}
