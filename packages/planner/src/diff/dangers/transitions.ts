import { Token } from "../../aws/tokens";
import {
  advice,
  type Found,
  type Ground,
  Outcome,
  type SubnetLookup,
  transitionsOf,
} from "../../aws/transitions";
import type { Plan } from "../../plan/types";
import { accountOf } from "../account";
import { replay } from "../replay";
import { Action, type Danger, DangerKind } from "../types";
import { type Facts, subjectOf, subjectOfResource } from "./facts";

const kinds: Record<Exclude<Outcome, "done">, DangerKind> = {
  [Outcome.Refused]: DangerKind.Refused,
  [Outcome.Loss]: DangerKind.Loss,
  [Outcome.Incomplete]: DangerKind.Incomplete,
};

/** Changes that AWS, a controller or an operator does not make in place. */
export function unmadeInPlace(facts: Facts): Danger[] {
  const ground = groundOf(facts);
  const ofResources = facts.changes
    .filter(({ before, after, diff }) => before && after && diff.action === Action.Update)
    .flatMap((change) =>
      transitionsOf(
        change.diff.type,
        change.before?.inputs ?? {},
        change.after?.inputs ?? {},
        ground,
      ).flatMap((found) => dangerOf(subjectOfResource(change), found)),
    );
  const ofObjects = facts.objects.flatMap((pair) => {
    const { before, after } = pair;
    if (!before || !after) return [];
    return transitionsOf(after.kind, before, after, ground).flatMap((found) =>
      dangerOf(subjectOf(pair), found),
    );
  });
  return [
    ...ofResources,
    ...ofObjects,
    ...ofCharts(facts, ground),
    ...refusedByAws(facts, new Set(ofResources.map(({ subject }) => subject))),
  ];
}

/** What AWS would answer to the update as a whole, without what is told already. */
function refusedByAws({ base, head, changes }: Facts, told: Set<string>): Danger[] {
  if (!base) return [];
  return replay(base, head, changes).flatMap(({ change, code, message }) => {
    const subject = subjectOfResource(change);
    if (told.has(subject)) return [];
    const steps = advice[code];
    return [
      { kind: DangerKind.Refused, subject, text: `AWS refuses it: ${message}${steps ? `. ${steps}` : ""}` },
    ];
  });
}

/** Charts of releases that are upgraded. */
function ofCharts({ base, head, changes }: Facts, ground: Ground): Danger[] {
  return changes.flatMap((change) => {
    const find = (plan?: Plan, urn?: string) => plan?.releases.find((release) => release.urn === urn);
    const [before, after] = [find(base, change.before?.urn), find(head, change.after?.urn)];
    if (!before || !after || change.diff.action !== Action.Update) return [];
    return transitionsOf("chart", { ...before }, { ...after }, ground).flatMap((found) =>
      dangerOf(subjectOfResource(change), found),
    );
  });
}

function dangerOf(subject: string, { row, step }: Found): Danger[] {
  if (row.outcome === Outcome.Done) return [];
  return [{ kind: kinds[row.outcome], subject, text: `${row.text(step)}. ${row.steps}` }];
}

/** Where the subnets are, made only when a rule asks: it takes as long as a plan of AWS. */
function groundOf({ base, head, changes }: Facts): Ground {
  const replaced = new Set(
    changes
      .filter(({ diff }) => diff.type === Token.Vpc && diff.action === Action.Replace)
      .map(({ diff }) => diff.urn),
  );
  const lookup = (plan: typeof head, isNew: Set<string>): SubnetLookup => {
    let known: Map<string, { zone: string; vpcId: string }> | undefined;
    return (id) => {
      if (!known) {
        const { made } = accountOf(plan);
        const newIds = new Set([...isNew].flatMap((urn) => made.get(urn)?.id ?? []));
        known = new Map(
          [...made.values()]
            .filter(({ type }) => type === Token.Subnet)
            .map(({ id: subnet, outputs: { availabilityZone, vpcId } }) => [
              subnet,
              {
                zone: String(availabilityZone),
                // Ids are made from names: a replacement has the same one in a plan.
                vpcId: newIds.has(String(vpcId)) ? `${vpcId} (new)` : String(vpcId),
              },
            ]),
        );
      }
      return known.get(id);
    };
  };
  return {
    was: base ? lookup(base, new Set()) : () => undefined,
    is: lookup(head, replaced),
  };
}
