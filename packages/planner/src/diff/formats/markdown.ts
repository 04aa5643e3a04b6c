import { markdownTable } from "@inference-platform/kit";
import { code } from "../markup";
import { DangerKind, type PlanDiff } from "../types";
import { type Block, blocksOf, type Line, outputLines, restarts } from "./blocks";
import { dangerTitles, growth, moneyRange, moneyText, summary } from "./wording";

/** GitHub refuses comments of more than 65,536 characters; some are left for what a workflow adds. */
const limit = 64_000;

/** Changed values per resource, from all to none: the detail that is dropped first. */
const levels = [Number.POSITIVE_INFINITY, 20, 5, 0];

/** Room that the part above the details may take. */
const headLimit = 40_000;

/**
 * A difference for a pull request's comment: what matters first, details folded. Never longer than a comment may be:
 * the details at the bottom are dropped first, and it says so.
 *
 * @param gates What `--fail-on` found.
 */
export function markdownDiff(diff: PlanDiff, gates: string[] = []): string {
  const head = clipped(headOf(diff, gates));
  for (const most of levels) {
    const text = assembled(head, blocksOf(diff, most), outputsBlock(diff, most), most !== levels[0]);
    if (text.length <= limit) return text;
  }
  return withoutLast(head, blocksOf(diff, 0));
}

/** By which a workflow finds its own comment. */
function marker({ project, stack }: PlanDiff): string {
  return `<!-- diff of ${project}/${stack} -->`.replaceAll("--!", "");
}

function headOf(diff: PlanDiff, gates: string[]): string {
  const restarting = restarts(diff);
  return paragraphs([
    `## ${code(diff.stack)}: ${summary(diff)}\n${marker(diff)}`,
    diff.revisions ? `From ${code(diff.revisions.base)} to ${code(diff.revisions.head)}.` : "",
    diff.noBase === undefined ? "" : `There is nothing to compare with: ${code(diff.noBase)}.`,
    gates.length > 0 ? `**Stopped by a gate**\n\n${bullets(gates)}` : "",
    diff.checks.length > 0
      ? `### Checks that do not pass\n\n${bullets(diff.checks.map(({ id, status, detail }) => `**${status}** ${code(id)}: ${code(detail)}`))}`
      : "",
    dangersOf(diff),
    restarting.length > 0 ? `### What restarts\n\n${bullets(restarting)}` : "",
    costOf(diff),
  ]);
}

function dangersOf({ dangers }: PlanDiff): string {
  if (dangers.length === 0) return "";
  const kinds = Object.values(DangerKind).filter((kind) => dangers.some((danger) => danger.kind === kind));
  const groups = kinds.map((kind) => {
    const lines = dangers
      .filter((danger) => danger.kind === kind)
      .map(({ subject, text }) => `${code(subject)}: ${text}`);
    return `**${dangerTitles[kind]}**\n\n${bullets(lines)}`;
  });
  return `### Danger\n\n${paragraphs(groups)}`;
}

function costOf(diff: PlanDiff): string {
  const { cost } = diff;
  if (!cost.before || cost.changes.length === 0) {
    return `### Cost\n\n${moneyText(cost)} (minimum to maximum of replicas and nodes; traffic comes on top).${unknownPrices(diff)}`;
  }
  const rows = cost.changes.map(({ item, what, before, after }) => {
    const money = [before, after].map((range) => (range ? moneyRange(range) : "–"));
    return [item, what, ...money];
  });
  const total = ["**total**", "", moneyRange(cost.before), `**${moneyRange(cost.after)}**`];
  const change = [
    ["floor", growth(cost.before.floor, cost.after.floor)],
    ["ceiling", growth(cost.before.ceiling, cost.after.ceiling)],
  ].map(([name, text]) => `${name} ${text === "" ? "unchanged" : text}`);
  return paragraphs([
    `### Cost per month: ${change.join(", ")}`,
    table(["what changes", "", "before", "after"], [...rows, total]),
    `Floor and ceiling are at the minimum and the maximum of replicas and nodes; traffic comes on top.${unknownPrices(diff)}`,
  ]);
}

function unknownPrices({ cost }: PlanDiff): string {
  if (cost.unknown.length === 0) return "";
  return ` Price unknown, so not in the totals: ${cost.unknown.map(code).join(", ")}.`;
}

function assembled(head: string, blocks: Block[], outputs: string, dropped: boolean): string {
  const note = dropped ? droppedNote("Some changed values are left out") : "";
  const title = blocks.length > 0 ? "### Changes by component" : "";
  return `${paragraphs([head, title, note, ...blocks.map(folded), outputs])}\n`;
}

function outputsBlock(diff: PlanDiff, most: number): string {
  const lines = outputLines(diff, most);
  return lines.length > 0 ? folded({ title: `Stack outputs: ${diff.outputs.length} changed`, lines }) : "";
}

/** As many components as there is room for. */
function withoutLast(head: string, blocks: Block[]): string {
  const texts = blocks.map(folded);
  const note = (count: number) =>
    droppedNote(`All values and the last ${count} of ${blocks.length} components are left out`);
  for (let count = 1; count < blocks.length; count++) {
    const shown = texts.slice(0, texts.length - count);
    const text = `${paragraphs([head, "### Changes by component", note(count), ...shown])}\n`;
    if (text.length <= limit) return text;
  }
  return `${paragraphs([head, note(blocks.length)])}\n`;
}

function droppedNote(what: string): string {
  return `_${what}, because a comment can hold no more; \`npm run diff\` shows them._`;
}

/** Dangers are told whole, unless there are thousands. */
function clipped(head: string): string {
  if (head.length <= headLimit) return head;
  const end = head.lastIndexOf("\n", headLimit);
  const cut = head.slice(0, end);
  const left = head
    .slice(end)
    .split("\n")
    .filter((line) => line.startsWith("- ") || line.startsWith("| ")).length;
  return `${cut}\n\n_${left} more lines are left out here; \`npm run diff\` shows them._`;
}

function folded({ title, lines }: Block): string {
  return `<details><summary>${escaped(title)}</summary>\n\n${list(lines)}\n\n</details>`;
}

function list(lines: Line[]): string {
  return lines.map(({ depth, text }) => `${"  ".repeat(depth)}- ${text}`).join("\n");
}

const bullets = (lines: string[]) => list(lines.map((text) => ({ depth: 0, text })));

const paragraphs = (parts: string[]) => parts.filter((part) => part !== "").join("\n\n");

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "&#64;");
}

function table(head: string[], rows: string[][]): string {
  return markdownTable(
    head,
    rows.map((row) => row.map((cell) => cell.replaceAll("<", "&lt;"))),
  );
}
