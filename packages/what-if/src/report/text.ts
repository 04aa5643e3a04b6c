import { textTable } from "@inference-platform/kit";
import type { Row, WhatIf } from "./report";

const percent = (share: number) => `${(100 * share).toFixed(share > 0.9 && share < 1 ? 2 : 1)} %`;
const money = (dollars: number) =>
  `$${dollars >= 100 ? Math.round(dollars).toLocaleString("en-US") : dollars.toFixed(2)}`;
const count = (value: number) => Math.round(value).toLocaleString("en-US");

/** How figures are written, everywhere. */
export const wording = { percent, money, count };

const head = ["", "within objective", "minutes beyond", "lost", "GPU-hours", "node-hours", "cost", "a month"];

function cells(row: Row): string[] {
  return [
    row.name,
    percent(row.met),
    count(row.violatedMinutes),
    count(row.lost),
    row.gpuHours.toFixed(1),
    row.nodeHours.toFixed(1),
    money(row.dollars),
    money(row.monthlyDollars),
  ];
}

/** The answer in one line. */
export function summary({ stack, beside, traffic, replicas }: WhatIf): string {
  const oracle = beside.find(({ name }) => name.startsWith("oracle"));
  const times = oracle && oracle.gpuHours > 0 ? stack.gpuHours / oracle.gpuHours : undefined;
  return (
    `${percent(stack.met)} of ${count(traffic.requests)} requests within the objective, ` +
    `${count(stack.violatedMinutes)} minutes beyond it, ${count(stack.lost)} lost; ` +
    `${replicas.min} to ${replicas.max} replicas, ${money(stack.dollars)} (${money(stack.monthlyDollars)} a month)` +
    (times === undefined ? "" : `, ${times.toFixed(2)} times the oracle's GPU-hours`)
  );
}

function facts(report: WhatIf): string[] {
  const { traffic, replicas, objective } = report;
  return [
    `service ${report.service}: ${report.model} on ${report.gpu}`,
    `traffic ${traffic.name}: ${traffic.hours.toFixed(1)} hours, ${traffic.perSecond.toFixed(2)} requests/s on average`,
    `objective: first token within ${objective.firstTokenSeconds} s and ${Math.round(objective.perTokenSeconds * 1000)} ms ` +
      `per further token for ${percent(objective.share)} of a minute's requests`,
    `replicas ready: ${replicas.min} to ${replicas.max}, ${replicas.mean.toFixed(1)} on average; ` +
      `scaled up ${report.scaleUps} times, down ${report.scaleDowns} times`,
    `played: ${report.exact ? "every request by itself" : "as flows of requests"}, seed ${report.seed}`,
  ];
}

const limitLine = ({ what, share }: WhatIf["limits"][number]) => `${percent(share)} of the time: ${what}`;

export function textReport(reports: WhatIf[]): string {
  return reports.map(textOf).join("\n");
}

function textOf(report: WhatIf): string {
  const rows = [head, ...[report.stack, ...report.beside].map(cells)];
  const figures = head.map((_, column) => column).slice(1);
  const limits = report.limits.length > 0 ? report.limits.map(limitLine) : ["nothing"];
  return [
    summary(report),
    "",
    ...facts(report).map((line) => `  ${line}`),
    "",
    ...textTable(rows, { right: figures }).map((line) => `  ${line}`),
    "",
    "  What held it back:",
    ...limits.map((line) => `    ${line}`),
    "",
    "  Assumed:",
    ...report.assumptions.map((assumption) => `    ${assumption}`),
    "",
  ].join("\n");
}

export function markdownReport(reports: WhatIf[]): string {
  return reports.map(markdownOf).join("\n");
}

function markdownOf(report: WhatIf): string {
  const line = (row: string[]) => `| ${row.join(" | ")} |`;
  return [
    `**${report.service}**: ${summary(report)}`,
    "",
    line(head),
    line(head.map((_, column) => (column === 0 ? "---" : "---:"))),
    ...[report.stack, ...report.beside].map((row) => line(cells(row))),
    "",
    ...facts(report).map((fact) => `- ${fact}`),
    ...report.limits.map((limit) => `- held back ${limitLine(limit)}`),
    "",
    "<details><summary>Assumed</summary>",
    "",
    ...report.assumptions.map((assumption) => `- ${assumption}`),
    "",
    "</details>",
    "",
  ].join("\n");
}

/** Everything, without the noise of binary fractions. */
export function jsonReport(reports: WhatIf[]): string {
  const rounded = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(8)) : value;
  return `${JSON.stringify({ reports }, rounded, 2)}\n`;
}
