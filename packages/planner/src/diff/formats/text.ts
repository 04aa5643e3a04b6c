import { plain } from "../markup";
import type { Action, PlanDiff } from "../types";
import { blocksOf, type Line, outputLines, plainLine, restarts } from "./blocks";
import { dangerTitles, growth, moneyRange, summary } from "./wording";

/** A difference for a terminal: the same as in a comment, with every changed value. */
export function textDiff(diff: PlanDiff, gates: string[] = []): string {
  const most = Number.POSITIVE_INFINITY;
  const sections = [
    [`${diff.stack}: ${plain(summary(diff))}`, ...comparedText(diff)],
    diff.noBase === undefined ? [] : [`There is nothing to compare with: ${diff.noBase}.`],
    section("Gates", gates),
    section(
      "Checks that do not pass",
      diff.checks.map(({ id, status, detail }) => `${status} ${id}: ${detail}`),
    ),
    section(
      "Danger",
      diff.dangers.map(({ kind, subject, text }) => `${dangerTitles[kind]}: ${subject}: ${plain(text)}`),
    ),
    section("What restarts", restarts(diff).map(plain)),
    section(
      "Cost per month",
      diff.cost.changes.map(({ item, what, before, after }) => {
        const money = [before, after].map((range) => (range ? moneyRange(range) : "–")).join(" → ");
        return `${item}: ${what}; ${money} ${growth(before?.ceiling ?? 0, after?.ceiling ?? 0)}`.trimEnd();
      }),
    ),
    ...blocksOf(diff, most).map(({ title, lines }) => section(title, lines.map(marked))),
    section("Outputs", outputLines(diff, most).map(plainLine)),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** The marks of `pulumi preview`. */
const marks: Record<Action, string> = {
  create: "+",
  import: "=",
  update: "~",
  move: "~",
  replace: "±",
  delete: "-",
};

/** A line of a resource begins with what happens to it. */
function marked(line: Line): string {
  const action = /^\*\*(\w+)\*\*/.exec(line.text)?.[1] as Action | undefined;
  const mark = line.depth === 0 && action !== undefined ? marks[action] : undefined;
  return `${mark ?? " "} ${plainLine(line)}`;
}

function comparedText({ revisions }: PlanDiff): string[] {
  return revisions ? [`From ${revisions.base} to ${revisions.head}.`] : [];
}

function section(title: string, lines: string[]): string[] {
  return lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)] : [];
}
