import { isDeepStrictEqual } from "node:util";
import { code } from "../markup";
import { type Change, shortType } from "../resources";
import { Action, type Danger, DangerKind } from "../types";
import { type Facts, some } from "./facts";

/** Deleted and created resources that look like the same one in another place: an alias is missing. */
export function movedWithoutAlias({ changes }: Facts): Danger[] {
  const created = changes.filter(({ diff }) => diff.action === Action.Create);
  const groups = new Map<string, string[]>();
  const taken = new Set<Change>();
  for (const gone of changes.filter(({ diff }) => diff.action === Action.Delete)) {
    const twin = created.find((come) => !taken.has(come) && isTwin(gone, come));
    if (!twin) continue;
    taken.add(twin);
    const from = gone.diff.component || "the stack";
    const to = twin.diff.component || "the stack";
    const names =
      gone.diff.name === twin.diff.name ? gone.diff.name : `${gone.diff.name} → ${twin.diff.name}`;
    const where = from === to ? `in ${code(from)}` : `from ${code(from)} to ${code(to)}`;
    groups.set(where, [...(groups.get(where) ?? []), `${shortType(gone.diff.type)} ${names}`]);
  }
  return [...groups.entries()].map(([where, moved]) => ({
    kind: DangerKind.Suspicious,
    subject: some(moved),
    text: `**deleted and created** ${where}, with the same inputs: if it is meant to be the same, give it an alias (\`aliases: [{ parent, name }]\`), and nothing is deleted`,
  }));
}

function isTwin({ before }: Change, { after }: Change): boolean {
  if (!before || !after || before.type !== after.type) return false;
  if (before.name === after.name) return true;
  return Object.keys(after.inputs).length > 0 && isDeepStrictEqual(before.inputs, after.inputs);
}

/**
 * A chart of the project whose templates change while nothing that the provider compares does: it looks at the
 * inputs and the chart's version only (pulumi-kubernetes, helm_release.go: the checksum of charts is no longer kept).
 */
export function unseenTemplates({ changes }: Facts): Danger[] {
  return changes.flatMap(({ diff }): Danger[] => {
    const { release } = diff;
    if (!release?.chart.startsWith("./") || release.objects.length === 0) return [];
    if (diff.action !== Action.Update || diff.changes.length > 0) return [];
    if (release.version.before !== release.version.after) return [];
    return [
      {
        kind: DangerKind.Suspicious,
        subject: `Release ${release.name}`,
        text: `**will not be upgraded**: the templates of ${code(release.chart)} change, but no value and not its version; Pulumi sees no difference. Raise \`version\` in Chart.yaml`,
      },
    ];
  });
}
