import { stripVTControlCharacters } from "node:util";
import type { Plan } from "../types";
import { amount, dollars, headline, monthly, range, request, whereOf } from "./figures";
import { componentTree, describeCounts, type TreeNode } from "./tree";

type Paint = (text: string) => string;

interface Colours {
  bold: Paint;
  dim: Paint;
  green: Paint;
  yellow: Paint;
  red: Paint;
}

function colours(on: boolean): Colours {
  const paint =
    (code: number): Paint =>
    (text) =>
      on ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint(1), dim: paint(2), green: paint(32), yellow: paint(33), red: paint(31) };
}

/** A plan for people at a terminal. */
export function textPlan(plan: Plan, colour: boolean): string {
  const paint = colours(colour);
  const { region } = plan.cost;
  const sections = [
    [paint.bold(`${plan.project} / ${plan.stack}${region ? ` in ${region}` : ""}`), headline(plan)],
    [paint.bold("Components"), ...treeLines(componentTree(plan), paint)],
    [paint.bold("Releases"), ...releaseLines(plan, paint)],
    [paint.bold("Placement"), ...placementLines(plan, paint)],
    plan.cost.lines.length > 0
      ? [paint.bold(`Cost in ${region}, US dollars`), ...costLines(plan, paint)]
      : [paint.bold("Cost"), "nothing of what the stack makes has a price of its own"],
    [paint.bold("Checks"), ...checkLines(plan, paint)],
  ];
  const body = sections.map((lines) => lines.join("\n")).join("\n\n");
  return `${body}\n\n${paint.dim(`planned in ${plan.seconds} s`)}\n`;
}

function treeLines(root: TreeNode, paint: Colours): string[] {
  const lines: string[] = [];
  const walk = (node: TreeNode, prefix: string) => {
    node.children.forEach((child, at) => {
      const last = at === node.children.length - 1;
      const title = `${child.name} ${paint.dim(child.type)}`;
      const counts = child.counts.length > 0 ? `  ${describeCounts(child.counts)}` : "";
      lines.push(`${prefix}${last ? "└─" : "├─"} ${title}${paint.dim(counts)}`);
      walk(child, `${prefix}${last ? "   " : "│  "}`);
    });
  };
  walk(root, "");
  if (root.counts.length > 0) lines.push(paint.dim(`outside of components: ${describeCounts(root.counts)}`));
  return lines;
}

function releaseLines(plan: Plan, paint: Colours): string[] {
  const rows = plan.releases.map((release) => [
    `${release.namespace}/${release.name}`,
    `${release.chart.split("/").at(-1)} ${release.version}`.trim(),
    release.manifests ? `${release.manifests.length} objects` : paint.yellow(`not seen: ${release.skipped}`),
  ]);
  return table(rows);
}

function placementLines(plan: Plan, paint: Colours): string[] {
  const { pools, needed, workloads, notRendered } = plan.placement;
  const nodes = pools.map((pool) => {
    const free = pool.allocatable ? `${request(pool.allocatable)} a node` : "capacity not known";
    return [
      `${pool.name}:`,
      `${range(needed[pool.name] ?? pool.nodes)} × ${pool.instanceTypes.join(", ")}`,
      free,
    ];
  });
  const pods = workloads.map((workload) => [
    `${workload.namespace}/${workload.name}`,
    `${range(workload.replicas)} × ${request(workload.request)}`,
    workload.problem ? paint.red(whereOf(workload)) : `on ${whereOf(workload)}`,
  ]);
  const rest =
    notRendered.length > 0 ? [paint.yellow(`not seen, so not placed: ${notRendered.join(", ")}`)] : [];
  return [...table(nodes), ...table(pods), ...rest];
}

function costLines(plan: Plan, paint: Colours): string[] {
  const { cost } = plan;
  const rows = cost.lines.map((line) => {
    const { floor, ceiling } = monthly(line);
    return [line.item, amount(line), floor, ceiling, paint.dim(line.source)];
  });
  const { hourly, monthly: month } = cost;
  const lines = table([
    ["", "", "floor/month", "ceiling/month", ""],
    ...rows,
    [paint.bold("total"), "", paint.bold(dollars(month.floor)), paint.bold(dollars(month.ceiling)), ""],
    ["per hour", "", dollars(hourly.floor), dollars(hourly.ceiling), ""],
  ]);
  const unknown =
    cost.unknown.length > 0
      ? [paint.yellow(`price unknown, not in the total: ${cost.unknown.join(", ")}`)]
      : [];
  const usage = "usage (traffic, logs, requests) is not in the total";
  return [...lines, ...unknown, paint.dim(`${usage}; oldest price of ${cost.pricesAsOf || "no date"}`)];
}

function checkLines(plan: Plan, paint: Colours): string[] {
  const marks = { pass: paint.green("pass"), warn: paint.yellow("warn"), fail: paint.red("FAIL") };
  return table(plan.checks.map((check) => [marks[check.status], check.id, check.detail]));
}

/** Columns as wide as their widest cell, colour codes not counted. */
function table(rows: string[][]): string[] {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, at) => Math.max(all[at] ?? 0, width(cell))),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell + " ".repeat((widths[at] ?? 0) - width(cell))))
      .join("  ")
      .trimEnd(),
  );
}
