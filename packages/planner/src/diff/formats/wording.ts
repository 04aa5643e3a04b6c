import type { Range } from "../../plan/types";
import { code } from "../markup";
import { shortType } from "../resources";
import { Action, type CostDiff, DangerKind, type PlanDiff, type ValueChange } from "../types";
import { isObject } from "../values";

/** A value longer than this is cut. */
const longest = 120;

/** Lines of a text that are shown. */
const mostLines = 12;

const past: Record<Action, string> = {
  replace: "replaced",
  delete: "deleted",
  create: "created",
  import: "imported",
  update: "updated",
  move: "moved",
};

/** `1 replaced, 2 updated`; `no changes`. */
export function countsText(counts: Partial<Record<Action, number>>): string {
  const order = Object.keys(past) as Action[];
  const parts = order.filter((action) => counts[action]).map((action) => `${counts[action]} ${past[action]}`);
  return parts.length > 0 ? parts.join(", ") : "no changes";
}

/** The whole change in one line. */
export function summary(diff: PlanDiff): string {
  const counts =
    diff.noBase === undefined ? whatChanges(diff) : `everything is new, ${countsText(diff.counts)}`;
  const refused = diff.dangers.filter(({ kind }) => kind === DangerKind.Refused).length;
  const dangers = diff.dangers.length - refused;
  const parts = [
    counts,
    refused > 0 && "**will fail**",
    diff.checks.some(({ status }) => status === "fail") && "**a check fails**",
    dangers > 0 && `**${dangers} ${dangers === 1 ? "danger" : "dangers"}**`,
    moneyText(diff.cost),
  ];
  return parts.filter((part) => part !== false).join("; ");
}

/** Types that the summary names; more would hide the figures. */
const mostTypes = 3;

/** The counts, with the types of what is replaced or deleted where they are few. */
function whatChanges({ counts, resources }: PlanDiff): string {
  const named = ([Action.Replace, Action.Delete] as Action[]).map((action) => {
    const types = new Map<string, number>();
    for (const resource of resources.filter((found) => found.action === action)) {
      const type = shortType(resource.type);
      types.set(type, (types.get(type) ?? 0) + 1);
    }
    if (types.size === 0) return undefined;
    const text = [...types].map(([type, count]) => (count > 1 ? `${count} ${type}` : type)).join(", ");
    return `${counts[action]} ${past[action]}${types.size <= mostTypes ? ` (${text})` : ""}`;
  });
  const rest = countsText({ ...counts, replace: 0, delete: 0 });
  return [...named, rest === "no changes" && named.some(Boolean) ? undefined : rest]
    .filter(Boolean)
    .join(", ");
}

/** `$889 to $1,648 a month, unchanged`; `$889 to $1,648 → $1,889 to $2,648 a month`. */
export function moneyText({ before, after, unknown }: CostDiff): string {
  const least = unknown.length > 0 ? "at least " : "";
  const text = `${least}${moneyRange(after)} a month`;
  if (!before) return text;
  return moneyRange(before) === moneyRange(after)
    ? `${text}, unchanged`
    : `${least}${moneyRange(before)} → ${moneyRange(after)} a month`;
}

/** `$889 to $1,648`, whole dollars where they are enough. */
export function moneyRange({ floor, ceiling }: Range): string {
  return whole(floor) === whole(ceiling) ? whole(floor) : `${whole(floor)} to ${whole(ceiling)}`;
}

function whole(amount: number): string {
  if (amount !== 0 && Math.abs(amount) < 10) return `$${amount.toFixed(2)}`;
  return `$${Math.round(amount).toLocaleString("en-US")}`;
}

/** `+$120 (+8 %)`; empty when it is the same. */
export function growth(before: number, after: number): string {
  const difference = after - before;
  if (Math.abs(difference) < 0.005) return "";
  const sign = difference > 0 ? "+" : "−";
  const percent = Math.round((Math.abs(difference) / before) * 100);
  const share = before > 0 ? ` (${percent > 0 ? `${sign}${percent}` : "less than 1"} %)` : "";
  return `${sign}${whole(Math.abs(difference))}${share}`;
}

/** What the kinds of danger are called. */
export const dangerTitles: Record<DangerKind, string> = {
  refused: "Will fail",
  loss: "Replaced or deleted",
  public: "Newly public",
  security: "Security relaxed",
  protection: "Protection removed",
  capacity: "GPU ceiling raised",
  credential: "Credentials rotate",
  incomplete: "Not done by the update alone",
  suspicious: "Probably not meant",
};

/** One changed value, as Markdown: a line, and lines below it for a text. */
export function changeText(change: ValueChange): { line: string; below: string[] } {
  const where = `${code(change.path)}: `;
  const force = change.forces ? " — **replaces it**" : "";
  const times = change.objects ? ` in ${change.objects} objects` : "";
  if (change.secrecy) return { line: `${where}**${change.secrecy}**, values not shown${force}`, below: [] };
  if (change.lines) {
    const removed = change.lines.filter((line) => line.startsWith("-")).length;
    const counts = `${removed} lines removed, ${change.lines.length - removed} added`;
    const shown = change.lines.slice(0, mostLines).map((line) => code(cut(line)));
    const more = change.lines.length - shown.length;
    return {
      line: `${where}${counts}${times}${force}`,
      below: more > 0 ? [...shown, `and ${more} more lines`] : shown,
    };
  }
  const { before, after } = change;
  if (before === undefined)
    return { line: `${where}added ${code(cut(show(after, change)))}${times}${force}`, below: [] };
  if (after === undefined)
    return { line: `${where}removed ${code(cut(show(before, change)))}${times}${force}`, below: [] };
  const [from, to] = pair(show(before, change), show(after, change));
  return { line: `${where}${code(from)} → ${code(to)}${times}${force}`, below: [] };
}

/** A value as text; an element of a list without the name by which its path knows it. */
function show(value: unknown, { segments }: ValueChange): string {
  if (typeof value === "string") return value;
  const last = segments.at(-1);
  if (!last?.element || !isObject(value)) return JSON.stringify(value);
  const rest = Object.entries(value).filter(([key, entry]) => key !== "name" || entry !== last.key);
  return JSON.stringify(Object.fromEntries(rest));
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
}

/** Two texts cut to where they differ. */
function pair(before: string, after: string): [string, string] {
  if (before.length <= longest && after.length <= longest) return [before, after];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  const start = Math.max(0, same - 20);
  const lead = start > 0 ? "…" : "";
  return [lead + cut(before.slice(start)), lead + cut(after.slice(start))];
}
