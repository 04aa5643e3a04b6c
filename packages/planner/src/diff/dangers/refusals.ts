import { matches } from "../forcing";
import { code } from "../markup";
import { Action, type Danger, DangerKind, type ValueChange } from "../types";
import { type Facts, some, subjectOfResource } from "./facts";

/** Updates that will not go through. */
export function refusals(facts: Facts): Danger[] {
  return [...immutable(facts), ...protectedOnes(facts)];
}

function refused(subject: string, text: string): Danger {
  return { kind: DangerKind.Refused, subject, text };
}

/** Helm cannot replace an object: the API server refuses the upgrade. */
function immutable({ changes }: Facts): Danger[] {
  return changes.flatMap(({ diff }) => {
    if (diff.action !== Action.Update) return [];
    return (diff.release?.objects ?? []).flatMap(({ kind, name, changes: values }) => {
      const forcing = values.filter((value) => value.forces && !isSize(kind, value));
      const paths = [...new Set(forcing.map(({ path }) => code(path)))];
      if (paths.length === 0) return [];
      return [
        refused(
          `Release ${diff.release?.name}`,
          `its upgrade is refused: ${some(paths)} of ${code(`${kind} ${name}`)} cannot be changed in place; delete the object first, or give it another name`,
        ),
      ];
    });
  });
}

/** Sizes of a StatefulSet's claims have a row of their own among the transitions, with the steps. */
function isSize(kind: string, { segments }: ValueChange): boolean {
  return (
    kind === "StatefulSet" &&
    matches("spec.volumeClaimTemplates", segments) &&
    segments.at(-1)?.key === "storage"
  );
}

/** Pulumi and AWS refuse to delete what is protected. */
function protectedOnes({ changes }: Facts): Danger[] {
  return changes.flatMap((change): Danger[] => {
    const { before, diff } = change;
    if (diff.action !== Action.Delete && diff.action !== Action.Replace) return [];
    const subject = subjectOfResource(change);
    if (before?.options.protect) {
      return [
        refused(subject, `it is protected, and cannot be ${diff.action}d before \`protect\` is removed`),
      ];
    }
    if (before?.inputs.deletionProtection === true) {
      return [refused(subject, "its deletion protection is on; switch it off in a change of its own first")];
    }
    return [];
  });
}
