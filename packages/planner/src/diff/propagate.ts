import { Token } from "../aws/tokens";
import type { Plan, PlannedResource } from "../plan/types";
import { mask } from "../program/monitor";
import { effectOf } from "./effects";
import { forcingOf } from "./forcing";
import { type Identity, identitiesOf } from "./identity";
import { code } from "./markup";
import { type Change, leavesOf, replacementSequence, shortType } from "./resources";
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
  let identities: Map<string, Identity> | undefined;
  const identityOf = (urn: string) => {
    identities ??= identitiesOf(head);
    return identities.get(urn) ?? { made: [] };
  };
  const queue = changes.filter(({ diff }) => diff.action === Action.Replace);
  const referring = new Map<string, Set<string>>();
  for (let replaced = queue.shift(); replaced; replaced = queue.shift()) {
    const { urn } = replaced.diff;
    const identity = identityOf(urn);
    for (const change of changes) {
      const after = change.after as PlannedResource;
      if (after.urn === urn || !dependsOn(after, urn)) continue;
      const paths = references(after, replaced, identity);
      const forced = [...paths.made, ...paths.given].find((path) => forcing(after, path));
      // A name that stays the same changes nothing by itself.
      const path = forced ?? paths.made[0];
      if (!path) continue;
      const because = referring.get(after.urn) ?? new Set();
      referring.set(after.urn, because);
      because.add(
        `${code(pathText(path))} refers to ${code(`${shortType(replaced.diff.type)} ${replaced.diff.name}`)}`,
      );
      if (!forced || change.diff.action === Action.Replace) continue;
      change.diff.action = Action.Replace;
      change.diff.because = [...because];
      Object.assign(
        change.diff,
        effectOf(Action.Replace, change.before as PlannedResource, after, change.diff.changes),
        replacementSequence(Action.Replace, change.before as PlannedResource, after),
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

/** Where a resource refers to a replaced one: by what it gets anew, and by the name that it was given. */
function references(
  resource: PlannedResource,
  replaced: Change,
  { made, given }: Identity,
): { made: Segment[][]; given: Segment[][] } {
  const where = (refers: (value: unknown) => boolean) =>
    leavesOf(resource.inputs).flatMap(({ path, value }) => (refers(value) ? [path] : []));
  // A generated value is a secret, so all that shows is that it is one.
  if (replaced.diff.type.startsWith("random:")) return { made: where((value) => value === mask), given: [] };
  return {
    made: where((value) => typeof value === "string" && made.some((name) => value.includes(name))),
    // The identifier of a provider is a plain text, which its cluster's replacement does not touch.
    given: resource.type.startsWith("pulumi:providers:") ? [] : where((value) => value === given),
  };
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
      diff.because.push(`${code(`LaunchTemplate ${template.name}`)} gets a new version`);
      diff.action = Action.Update;
      diff.meaning ??= "the nodes are replaced a few at a time, as in an upgrade: pods move";
    }
  }
}
