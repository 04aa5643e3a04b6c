import { parse, type Spec, View } from "vega";
import type { Row, WhatIf } from "./report";
import { summary, wording } from "./text";

/** Points of a plot: a minute each for hours, a mean over more for days. */
const mostPoints = 1200;

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
.answer { font-size: 1.1rem; } svg { width: 100%; height: auto; } li { margin: .15rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; } tbody tr:first-child { font-weight: 600; }
`;

/** One page with plots, which needs nothing else: the SVG is drawn here. */
export async function htmlReport(reports: WhatIf[]): Promise<string> {
  const parts = await Promise.all(reports.map(section));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What if: ${escaped(reports.map(({ service }) => service).join(", "))}</title>
<style>${style}</style>
</head>
<body>
${parts.join("\n")}
</body>
</html>
`;
}

async function section(report: WhatIf): Promise<string> {
  const [load, objective, replicas, cost] = await Promise.all(plotsOf(report).map(draw));
  const list = (items: string[]) => `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
  const limits = report.limits.map(({ what, share }) => `${wording.percent(share)} of the time: ${what}`);
  return `<h1>${escaped(report.service)}</h1>
<p>${escaped(`${report.model} on ${report.gpu}, traffic ${report.traffic.name}`)}</p>
<p class="answer">${escaped(summary(report))}.</p>
<table>
<thead><tr><th></th><th>within objective</th><th>minutes beyond</th><th>lost</th><th>GPU-hours</th><th>cost</th><th>a month</th></tr></thead>
<tbody>${[report.stack, ...report.beside].map(rowOf).join("\n")}</tbody>
</table>
<h2>Load, and what the ready replicas do within the objective</h2>
${load}
<h2>Requests within the objective</h2>
${objective}
<h2>Replicas: wanted, ready, and the oracle's</h2>
${replicas}
<h2>Cost so far</h2>
${cost}
<h2>What held it back</h2>
${list(limits.length > 0 ? limits : ["nothing"])}
<h2>Assumed</h2>
${list(report.assumptions)}`;
}

function rowOf(row: Row): string {
  const { percent, count, money } = wording;
  const cells = [
    escaped(row.name),
    percent(row.met),
    count(row.violatedMinutes),
    count(row.lost),
    row.gpuHours.toFixed(1),
    money(row.dollars),
    money(row.monthlyDollars),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

interface Series {
  name: string;
  colour: string;
  /** Value of a minute. */
  of: (minute: number) => number;
}

interface Plot {
  unit: string;
  steps: boolean;
  minutes: number;
  series: Series[];
}

function plotsOf(report: WhatIf): Plot[] {
  const { minutes, oracle, perReplica, objective, stack } = report;
  const minuteCost = stack.nodeHours > 0 ? stack.dollars / stack.nodeHours / 60 : 0;
  let spent = 0;
  const costs = minutes.map(({ nodes }) => {
    spent += nodes * minuteCost;
    return spent;
  });
  const at = (minute: number) => minutes[minute] as WhatIf["minutes"][number];
  const share = (minute: number) => {
    const { arrived, met } = at(minute);
    return arrived === 0 ? 100 : Math.min(100, (100 * met) / arrived);
  };
  const common = { minutes: minutes.length, steps: false };
  return [
    {
      ...common,
      unit: "requests per minute",
      series: [
        { name: "arriving", colour: "#4c78a8", of: (minute) => at(minute).arrived },
        { name: "able", colour: "#f58518", of: (minute) => at(minute).ready * perReplica },
      ],
    },
    {
      ...common,
      unit: "percent of the requests",
      series: [
        { name: "within objective", colour: "#4c78a8", of: share },
        { name: "objective", colour: "#e45756", of: () => 100 * objective.share },
      ],
    },
    {
      ...common,
      steps: true,
      unit: "replicas",
      series: [
        { name: "wanted", colour: "#b279a2", of: (minute) => at(minute).wanted },
        { name: "ready", colour: "#4c78a8", of: (minute) => at(minute).ready },
        { name: "oracle", colour: "#54a24b", of: (minute) => oracle[minute] ?? 0 },
      ],
    },
    {
      ...common,
      unit: "US dollars",
      series: [{ name: "nodes", colour: "#72b7b2", of: (minute) => costs[minute] ?? 0 }],
    },
  ];
}

/** SVG by Vega's renderer, without a browser. */
async function draw(plot: Plot): Promise<string> {
  const svg = await new View(parse(specOf(plot)), { renderer: "none" }).toSVG();
  return svg.replace("<svg ", `<svg role="img" aria-label="${escaped(plot.unit)}" `);
}

function specOf({ unit, steps, minutes, series }: Plot): Spec {
  const step = Math.max(1, Math.ceil(minutes / mostPoints));
  const values = series.flatMap(({ name, of }) =>
    Array.from({ length: Math.ceil(minutes / step) }, (_, n) => {
      const until = Math.min(minutes, (n + 1) * step);
      let sum = 0;
      for (let minute = n * step; minute < until; minute++) sum += of(minute);
      return {
        hour: (n * step) / 60,
        value: Number((sum / (until - n * step)).toPrecision(6)),
        series: name,
      };
    }),
  );
  return {
    width: 880,
    height: 220,
    padding: 5,
    background: "#fff",
    autosize: { type: "fit", contains: "padding" },
    data: [{ name: "points", values }],
    scales: [
      { name: "x", type: "linear", range: "width", domain: [0, minutes / 60], nice: false },
      {
        name: "y",
        type: "linear",
        range: "height",
        domain: { data: "points", field: "value" },
        nice: true,
        zero: true,
      },
      {
        name: "colour",
        type: "ordinal",
        domain: series.map(({ name }) => name),
        range: series.map(({ colour }) => colour),
      },
    ],
    axes: [
      { orient: "bottom", scale: "x", title: "hours" },
      { orient: "left", scale: "y", title: unit, grid: true, gridColor: "#eee" },
    ],
    legends: [{ stroke: "colour", symbolType: "stroke", orient: "top", direction: "horizontal" }],
    marks: [
      {
        type: "group",
        from: { facet: { name: "line", data: "points", groupby: "series" } },
        marks: [
          {
            type: "line",
            from: { data: "line" },
            encode: {
              enter: {
                x: { scale: "x", field: "hour" },
                y: { scale: "y", field: "value" },
                stroke: { scale: "colour", field: "series" },
                strokeWidth: { value: 1.5 },
                interpolate: { value: steps ? "step-after" : "linear" },
              },
            },
          },
        ],
      },
    ],
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
