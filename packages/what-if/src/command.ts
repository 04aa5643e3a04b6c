import { resolve } from "node:path";
import {
  defineCommand,
  delayedProgress,
  onInterrupt,
  UsageError,
  UserError,
  writeResult,
} from "@inference-platform/kit";
import { type Plan, planStack, Revisions } from "@inference-platform/planner";
import { compare, comparisonLines, sloHits } from "./report/compare";
import { scenarioOf, type WhatIf, type WhatIfOptions, whatIf } from "./report/report";
import { jsonReport, markdownReport, textReport } from "./report/text";
import { Bench } from "./scenario";
import { type ServiceScaling, servicesOf } from "./stack";
import { loadTraffic, trafficHelp, typicalDay } from "./traffic/load";
import { scaled, type Traffic } from "./traffic/traffic";
import { tune, tuningText } from "./tune";

type Format = (reports: WhatIf[]) => string | Promise<string>;

const formats = {
  text: textReport,
  json: jsonReport,
  markdown: markdownReport,
  // Loads the plotting library, which the others need not wait for.
  html: async (reports: WhatIf[]) => (await import("./report/html")).htmlReport(reports),
} satisfies Record<string, Format>;

/** The command `what-if`. */
export const command = defineCommand({
  name: "what-if",
  stack: true,
  example: "--traffic diurnal:2-20",
  summary:
    "Plays traffic through a stack's scaling in virtual time: how many requests meet the objective, what it costs, and what " +
    "holds it back. Needs no cloud and no cluster. docs/what-if.md says how far to trust it.",
  options: {
    traffic: {
      type: "string",
      value: "TRAFFIC",
      help: `What arrives: ${trafficHelp}. Default: a day of a typical service, scaled to the stack.`,
    },
    traces: {
      type: "string",
      value: "DIR",
      help: "Folder with public traces; also looked for in ~/.cache/inference-platform/traces.",
    },
    days: {
      type: "string",
      value: "DAYS",
      help: "Length of shapes and of a Prometheus' history; others are cut to it.",
    },
    scale: { type: "string", value: "FACTOR", help: "So many times the requests of the traffic." },
    "first-token": { type: "string", value: "SECONDS", default: "2", help: "Objective for the first token." },
    "per-token": {
      type: "string",
      value: "SECONDS",
      default: "0.15",
      help: "Objective for the mean time per further token.",
    },
    share: {
      type: "string",
      value: "PERCENT",
      default: "95",
      help: "Share of a minute's requests that must meet both.",
    },
    base: {
      type: "string",
      value: "REVISION",
      help: "Compare with the stack of this branch, tag or commit.",
    },
    "fail-on": {
      type: "string",
      value: "GATE",
      help: "With --base, fail when minutes beyond the objective grow: slo:+5m.",
    },
    tune: { type: "boolean", help: "Try targets and behaviors, and tell which is best for this traffic." },
    seed: {
      type: "string",
      value: "NUMBER",
      default: "1",
      help: "The same seed gives the same answer, byte for byte.",
    },
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["text", "json", "markdown", "html"],
      default: "text",
      help: "What to print; html is one page with plots.",
    },
    out: { type: "string", value: "FILE", help: "Write there instead of to the terminal." },
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: { 0: "played", 1: "refused settings or traffic, or a gate is hit", 2: "wrong usage" },
  run: async ({ stack, values }) => {
    const problems: string[] = [];
    const number = (
      name: "days" | "scale" | "first-token" | "per-token" | "share" | "seed",
      low: number,
      high: number,
    ) => {
      const text = values[name];
      if (text === undefined) return undefined;
      const value = Number(text);
      if (!(value >= low && value <= high))
        problems.push(`--${name} ${text}: must be a number from ${low} to ${high}.`);
      return value;
    };
    const days = number("days", 0.01, 60);
    const factor = number("scale", 1e-6, 1e6);
    const options: WhatIfOptions = {
      objective: {
        firstTokenSeconds: number("first-token", 0.01, 3600) ?? 2,
        perTokenSeconds: number("per-token", 0.001, 60) ?? 0.15,
        share: (number("share", 1, 100) ?? 95) / 100,
      },
      seed: number("seed", 0, 2 ** 31) ?? 1,
    };
    const gate =
      values["fail-on"] === undefined ? undefined : sloGate(values["fail-on"], values.base, problems);
    if (problems.length > 0) throw new UsageError(problems.join("\n"));

    const progress = delayedProgress();
    progress.step("planning");
    const directory = resolve(values.directory);
    const plan = await planStack({ stack, directory, onProgress: progress.step }).finally(progress.end);
    const services = servicesOf(plan);
    if (services.length === 0)
      throw new UserError(`${stack} has no service with GPUs to play traffic through.`);
    const named =
      values.traffic === undefined
        ? undefined
        : await loadTraffic(values.traffic, { days, traces: values.traces });
    const trafficOf = (service: ServiceScaling) =>
      scaled(named ?? typical(service, options, days ?? 1), factor ?? 1);

    if (values.tune) {
      const tuned = services.map((service) =>
        tuningText(service, tune(service, trafficOf(service), options)),
      );
      await writeResult(tuned.join("\n"), values.out);
      return 0;
    }
    const traffics = services.map(trafficOf);
    const reports = services.map((service, index) => whatIf(service, traffics[index] as Traffic, options));
    if (values.base === undefined) {
      await writeResult(await formats[values.format](reports), values.out);
      return 0;
    }
    const base = await planOf(values.base, { directory, stack, onProgress: progress.step }).finally(
      progress.end,
    );
    const before = servicesOf(base).flatMap((service) => {
      const index = services.findIndex(({ name }) => name === service.name);
      return index < 0 ? [] : [whatIf(service, traffics[index] as Traffic, options)];
    });
    const comparisons = compare(before, reports);
    const hits = gate === undefined ? [] : sloHits(comparisons, gate);
    const lines = comparisonLines(comparisons);
    const text =
      values.format === "json"
        ? `${JSON.stringify({ comparisons, gates: hits, reports: JSON.parse(jsonReport(reports)).reports }, null, 2)}\n`
        : `${lines.map((line) => (values.format === "markdown" ? `- ${line}` : line)).join("\n")}\n\n${await formats[values.format](reports)}`;
    await writeResult(text, values.out);
    for (const hit of hits) process.stderr.write(`Gate ${hit}\n`);
    return hits.length > 0 ? 1 : 0;
  },
});

/** A day whose busiest hour needs two thirds of what the stack may have. */
function typical(service: ServiceScaling, options: WhatIfOptions, days: number): Traffic {
  const bench = new Bench(scenarioOf(service, typicalDay(1, 1, 1), options), { exact: true });
  return typicalDay(bench.capacity.holding, Math.max(1, (2 / 3) * bench.most), days);
}

function sloGate(text: string, base: string | undefined, problems: string[]): number | undefined {
  const minutes = /^slo:\+(\d+(?:\.\d+)?)m$/.exec(text)?.[1];
  if (minutes === undefined) problems.push(`--fail-on ${text}: there is slo:+MINUTESm, such as slo:+5m.`);
  if (base === undefined) problems.push("--fail-on needs --base: there is nothing to compare with.");
  return minutes === undefined ? undefined : Number(minutes);
}

async function planOf(
  revision: string,
  options: { directory: string; stack: string; onProgress: (step: string) => void },
): Promise<Plan> {
  const revisions = new Revisions(options);
  const forget = onInterrupt(() => revisions.close());
  try {
    const repository = await revisions.repository();
    const { base } = await repository.compared(revision, undefined);
    const { plan, missing } = await revisions.of(repository, base);
    if (!plan) throw new UserError(`--base ${revision}: ${missing}.`);
    return plan;
  } finally {
    forget();
    revisions.close();
  }
}
