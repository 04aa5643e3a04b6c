import { parse, type Spec, View } from "vega";
import { beating, type Result } from "./scaling";

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** The cell that stands for a traffic in tables and plots, where the grid has it. */
const usual = { replicas: 8, startupSeconds: 150 };

export const ownPolicy = "ours";

/** The page: what each policy did as written in the usual cell, and in the whole grid where ours was beaten. */
export function scalingPage(results: Result[], facts: string[]): string {
  const traffics = [...new Set(results.map(({ traffic }) => traffic))];
  const parts = traffics.map((traffic) => trafficPart(results, traffic));
  return [
    "# Scaling policies, measured",
    "",
    "`npm run bench -- scaling` writes this page. Every policy gets the same replicas, start-up, metrics path and bounds, in virtual time",
    "([what-if.md](what-if.md)). The oracle knows the traffic and pays the same start-up; `× oracle` compares GPU-hours at the same share",
    "of requests within the objective. `—`: the oracle has no reason to go that high.",
    "",
    ...facts.map((fact) => `- ${fact}`),
    "",
    "## Ours over the whole grid",
    "",
    ...gridTable(results, traffics),
    "",
    ...parts.flat(),
    "## Where each policy is from",
    "",
  ].join("\n");
}

function gridTable(results: Result[], traffics: string[]): string[] {
  const own = results.filter(({ policy, factor }) => policy === ownPolicy && factor === 1);
  const lines = traffics.flatMap((traffic) =>
    own
      .filter((result) => result.traffic === traffic)
      .map((result) => {
        const better = beating(result, results.filter(isPeer));
        const by = [...new Set(better.map(({ policy, factor }) => named(policy, factor)))];
        return row([
          traffic,
          String(result.replicas),
          `${result.startupSeconds} s`,
          percent(result.met),
          result.gpuHours.toFixed(1),
          times(result),
          by.length > 0 ? by.join("; ") : "nobody",
        ]);
      }),
  );
  return [
    row(["traffic", "mean size", "start-up", "within objective", "GPU-hours", "× oracle", "better in both"]),
    row(["---", "---:", "---:", "---:", "---:", "---:", "---"]),
    ...lines,
  ];
}

function trafficPart(results: Result[], traffic: string): string[] {
  const cell = results.filter((result) => result.traffic === traffic && isUsual(result));
  const lines = cell
    .filter(({ factor, policy }) => factor === 1 || policy === "fixed size")
    .sort((a, b) => b.met - a.met)
    .map((result) =>
      row([
        named(result.policy, result.factor),
        `${percent(result.met)} ± ${(100 * result.metInterval).toFixed(2)}`,
        String(result.violatedMinutes),
        `${result.gpuHours.toFixed(1)} ± ${result.gpuHoursInterval.toFixed(1)}`,
        times(result),
      ]),
    );
  return [
    `## ${traffic}`,
    "",
    `Mean of ${usual.replicas} replicas, start-up ${usual.startupSeconds} s, targets as written.`,
    "",
    `![Share within the objective against GPU-hours, every policy with its target halved, as written and doubled](scaling-bench/${traffic}.svg)`,
    "",
    row(["policy", "within objective", "minutes beyond", "GPU-hours", "× oracle"]),
    row(["---", "---:", "---:", "---:", "---:"]),
    ...lines,
    "",
  ];
}

const isUsual = ({ replicas, startupSeconds }: Result) =>
  replicas === usual.replicas && startupSeconds === usual.startupSeconds;
const isPeer = ({ policy }: Result) =>
  !policy.startsWith("ours") && !policy.startsWith("candidate") && policy !== "fixed size";
const row = (cells: string[]) => `| ${cells.join(" | ")} |`;
const times = ({ gpuHours, oracleHours }: Result) =>
  oracleHours ? (gpuHours / oracleHours).toFixed(2) : "—";

function named(policy: string, factor: number): string {
  if (policy === "fixed size") return `fixed size: ${factor} × the mean`;
  return factor === 1 ? policy : `${policy}, target × ${factor}`;
}

/** Plot of a traffic's usual cell: what lies above and left of a point is better. */
export async function scalingPlot(results: Result[], traffic: string): Promise<string> {
  const values = results
    .filter((result) => result.traffic === traffic && isUsual(result))
    .map(({ policy, factor, met, gpuHours }) => ({
      hours: Number(gpuHours.toPrecision(5)),
      met: Number((100 * met).toFixed(3)),
      kind: policy === "fixed size" ? "fixed size" : isOwn(policy) ? "ours" : "peers",
      label: factor === 1 && (isOwn(policy) || met > 0.5) ? policy : "",
    }));
  return new View(parse(scatter(values)), { renderer: "none" }).toSVG();
}

const isOwn = (policy: string) => policy.startsWith("ours") || policy.startsWith("candidate");

function scatter(values: { hours: number; met: number; kind: string; label: string }[]): Spec {
  const place = { x: { scale: "x", field: "hours" }, y: { scale: "y", field: "met" } };
  return {
    width: 880,
    height: 420,
    padding: 5,
    background: "#fff",
    autosize: { type: "fit", contains: "padding" },
    data: [{ name: "points", values }],
    scales: [
      {
        name: "x",
        type: "linear",
        range: "width",
        domain: { data: "points", field: "hours" },
        zero: true,
        nice: true,
      },
      { name: "y", type: "linear", range: "height", domain: [0, 100] },
      {
        name: "colour",
        type: "ordinal",
        domain: ["ours", "peers", "fixed size"],
        range: ["#4c78a8", "#f58518", "#bab0ac"],
      },
    ],
    axes: [
      { orient: "bottom", scale: "x", title: "GPU-hours" },
      {
        orient: "left",
        scale: "y",
        title: "percent of the requests within the objective",
        grid: true,
        gridColor: "#eee",
      },
    ],
    legends: [{ fill: "colour", symbolType: "circle", orient: "top", direction: "horizontal" }],
    marks: [
      {
        type: "symbol",
        from: { data: "points" },
        encode: {
          enter: {
            ...place,
            fill: { scale: "colour", field: "kind" },
            size: { value: 50 },
            opacity: { value: 0.85 },
          },
        },
      },
      {
        type: "text",
        from: { data: "points" },
        encode: {
          enter: {
            ...place,
            text: { field: "label" },
            dx: { value: 6 },
            dy: { value: 3 },
            fontSize: { value: 8 },
            fill: { value: "#555" },
          },
        },
      },
    ],
  };
}
