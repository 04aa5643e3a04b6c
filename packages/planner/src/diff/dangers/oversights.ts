import type { PlannedResource } from "../../plan/types";
import { groupBy } from "../groups";
import { code } from "../markup";
import { type Change, replacementSequence, shortType } from "../resources";
import { Action, type Danger, DangerKind } from "../types";
import { type Facts, some } from "./facts";

/** Deleted and created resources that look like the same one in another place: an alias is missing. */
export function movedWithoutAlias({ changes }: Facts): Danger[] {
  const created = groupBy(
    changes
      .filter(({ diff }) => diff.action === Action.Create)
      .flatMap((change) => keysOf(change.after).map((key) => ({ key, change }))),
    ({ key }) => key,
  );
  const taken = new Set<Change>();
  const moves = changes
    .filter(({ diff }) => diff.action === Action.Delete)
    .flatMap(({ diff, before }) => {
      const candidates = keysOf(before).flatMap((key) => created.get(key) ?? []);
      const twin = candidates.find(({ change }) => !taken.has(change))?.change;
      if (!twin) return [];
      taken.add(twin);
      const from = diff.component || "the stack";
      const to = twin.diff.component || "the stack";
      const where = from === to ? `in ${code(from)}` : `from ${code(from)} to ${code(to)}`;
      const name = diff.name === twin.diff.name ? diff.name : `${diff.name} → ${twin.diff.name}`;
      const sameName =
        before && twin.after && replacementSequence(Action.Replace, before, twin.after).deleteFirst === true;
      return [{ where, what: `${shortType(diff.type)} ${name}`, sameName }];
    });
  return [...groupBy(moves, ({ where }) => where)].map(([where, moved]) => ({
    kind: DangerKind.Suspicious,
    subject: some(moved.map(({ what }) => what)),
    text: `**deleted and created** ${where}: if it is meant to be the same, give it an alias (\`aliases: [{ name, parent }]\`), and nothing is deleted${
      moved.some(({ sameName }) => sameName)
        ? ". As it is, the new one cannot be created while the old one has its name"
        : ""
    }`,
  }));
}

/** What two resources share that are probably the same: type and name, or type and inputs. */
function keysOf(resource: PlannedResource | undefined): string[] {
  if (!resource) return [];
  const { type, name, inputs } = resource;
  return [
    `${type} ${name}`,
    ...(Object.keys(inputs).length > 0 ? [`${type} ${JSON.stringify(inputs)}`] : []),
  ];
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
