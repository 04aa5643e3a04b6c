import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, projectRoot, UsageError } from "@inference-platform/kit";
import { loadTraffic } from "../traffic/load";
import { type Cell, type Load, policies, type Result, scalingBench } from "./scaling";

/** The traffics, each with the objective for the first token: long prompts are computed for seconds. */
const traffics = {
  "servegen-m-large": { firstTokenSeconds: 2, days: 1 },
  "servegen-deepseek-r1": { firstTokenSeconds: 5, days: 1 },
  "azure-code": { firstTokenSeconds: 2, days: 1 },
  "azure-conv": { firstTokenSeconds: 2, days: 1 },
  "mooncake-conversation": { firstTokenSeconds: 10, days: 1 },
};

/** The command `bench scaling`. */
export const command = defineCommand({
  name: "bench",
  stack: false,
  summary:
    "Plays five public traces through this project's scaling, through its peers' as their files have it and with their targets halved " +
    "and doubled, through fixed sizes and an oracle; writes docs/scaling-bench.md with its plots. Takes up to hours.",
  options: {
    traces: {
      type: "string",
      value: "DIR",
      help: "Folder with the traces (docs/what-if.md says how they are made).",
    },
    days: { type: "string", value: "DAYS", default: "1", help: "Of servegen-m-large, which has 14." },
    seeds: { type: "string", value: "N", default: "10", help: "Runs of each; intervals are over them." },
    results: { type: "string", value: "FILE", help: "Write what was measured there too, as JSON." },
  },
  exitCodes: { 0: "written", 1: "a trace is missing", 2: "wrong usage" },
  run: async ({ values }) => {
    const seeds = Number(values.seeds);
    const days = Number(values.days);
    if (!Number.isInteger(seeds) || seeds < 1)
      throw new UsageError(`--seeds ${values.seeds}: must be a whole number from 1.`);
    if (!(days > 0 && days <= 14)) throw new UsageError(`--days ${values.days}: must be a number up to 14.`);
    const loads: Load[] = [];
    for (const [name, { firstTokenSeconds }] of Object.entries(traffics))
      loads.push({ firstTokenSeconds, traffic: await loadTraffic(name, { traces: values.traces, days }) });
    const results = scalingBench(
      {
        loads,
        startups: [60, 150, 420],
        sizes: [3, 8, 20],
        factors: [0.5, 1, 2],
        seeds: Array.from({ length: seeds }, (_, n) => n + 1),
      },
      policies,
      (cell: Cell) =>
        process.stderr.write(
          `${cell.traffic}, ${cell.replicas} replicas, start-up ${cell.startupSeconds} s ...\n`,
        ),
    );
    if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(results));
    await writePage(results, [`${seeds} seeds; ± is the 95 % interval over them`]);
    return 0;
  },
});

/** Writes the page and its plots. */
export async function writePage(results: Result[], facts: string[]): Promise<void> {
  // Loads the plotting library.
  const { scalingPage, scalingPlot } = await import("./render");
  const docs = join(projectRoot, "docs");
  mkdirSync(join(docs, "scaling-bench"), { recursive: true });
  for (const traffic of new Set(results.map((result) => result.traffic)))
    writeFileSync(join(docs, "scaling-bench", `${traffic}.svg`), `${await scalingPlot(results, traffic)}\n`);
  const objective = Object.entries(traffics).map(
    ([name, { firstTokenSeconds }]) => `${firstTokenSeconds} s (${name})`,
  );
  const page = scalingPage(results, [
    "Llama-3.1-8B on an H100, the model and GPU that are measured best; a replica holds the objective up to a rate, and the traffic is " +
      "scaled to 65 % of it at the mean size; bounds 1 to 4 times the mean size",
    `objective: 50 ms per further token and a first token within ${objective.join(", ")}; 95 % of a minute's requests`,
    "ours: 65 % of the requests in flight that hold the objective, queue 4, two pods a minute, scale-down window 1.5 × start-up",
    ...facts,
  ]);
  const sources = policies.map(({ name, source }) => `- ${name}: ${source}`);
  writeFileSync(join(docs, "scaling-bench.md"), `${page}${sources.join("\n")}\n`);
}
