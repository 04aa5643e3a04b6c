import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { defineCommand, projectRoot, UsageError, UserError, writeResult } from "@inference-platform/kit";
import { interleaved, median, type Sample, slope } from "./measure";
import { oneResource, withServices } from "./subjects";

/** Numbers of services at which the time is taken. */
const serviceCounts = [1, 25, 50, 100];

/** The goals of the project, for comparison; the benchmark prints, it does not judge. */
const goals = { time: 1.5, millisecondsPerService: 15, upperOverLower: 1.1 };

/** What a run of the benchmark says. */
export interface BenchResult {
  machine: string;
  rounds: number;
  /** Medians by subject. */
  subjects: Record<string, Sample>;
  /** Staging over one resource. */
  ratios: { time: number; memory: number };
  /** Milliseconds per added service: over all counts, and in the lower and upper half; equal halves mean linear. */
  perService: { overall: number; lowerHalf: number; upperHalf: number };
}

/** The command `bench`. */
export const command = defineCommand({
  name: "bench",
  stack: false,
  summary:
    "Measures, in processes of their own, in turn and repeatedly: processor time and memory of evaluating the staging stack, over " +
    "those of a program with one resource that loads the same packages; and the time per added inference service, from " +
    "1 to 100.",
  options: {
    rounds: { type: "string", value: "N", default: "7", help: "How often each is measured." },
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["text", "json"],
      default: "text",
      help: "What to print.",
    },
  },
  exitCodes: { 0: "measured", 1: "an evaluation failed", 2: "wrong usage" },
  run: async ({ values }) => {
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1) {
      throw new UsageError(`--rounds ${values.rounds}: must be a whole number from 1.`);
    }
    const result = await bench(projectRoot, rounds);
    await writeResult(values.format === "json" ? `${JSON.stringify(result, null, 2)}\n` : textOf(result));
    return 0;
  },
});

async function bench(root: string, rounds: number): Promise<BenchResult> {
  if (!existsSync(join(root, "index.ts"))) throw new UserError("The benchmark needs the project's index.ts.");
  const temporary = mkdtempSync(join(tmpdir(), "inference-platform-bench-"));
  try {
    const staging = { name: "staging", directory: root, stack: "staging" };
    const services = serviceCounts.map((count) => withServices(root, temporary, count));
    const samples = await interleaved([oneResource(root, temporary), staging, ...services], rounds, (round) =>
      process.stderr.write(`round ${round + 1} of ${rounds} ...\n`),
    );
    return summary(samples, rounds);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function summary(samples: Map<string, Sample[]>, rounds: number): BenchResult {
  const middle = (name: string): Sample => {
    const all = samples.get(name) ?? [];
    const of = (read: (sample: Sample) => number) => median(all.map(read));
    return {
      milliseconds: of((sample) => sample.milliseconds),
      memoryMiB: of((sample) => sample.memoryMiB),
      resources: of((sample) => sample.resources),
    };
  };
  const points = serviceCounts.map((count): [number, number] => [
    count,
    middle(`${count} services`).milliseconds,
  ]);
  const half = Math.floor(points.length / 2);
  const one = middle("one resource");
  const staging = middle("staging");
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`,
    rounds,
    subjects: Object.fromEntries([...samples.keys()].map((name) => [name, middle(name)])),
    ratios: { time: staging.milliseconds / one.milliseconds, memory: staging.memoryMiB / one.memoryMiB },
    perService: {
      overall: slope(points),
      lowerHalf: slope(points.slice(0, half + 1)),
      upperHalf: slope(points.slice(half)),
    },
  };
}

function textOf(result: BenchResult): string {
  const rows = Object.entries(result.subjects).map(
    ([name, sample]) =>
      `  ${name.padEnd(14)}${sample.milliseconds.toFixed(0).padStart(7)} ms` +
      `${sample.memoryMiB.toFixed(0).padStart(7)} MiB${String(sample.resources).padStart(7)} resources`,
  );
  const { ratios, perService } = result;
  return [
    `Medians of ${result.rounds} rounds on ${result.machine}`,
    ...rows,
    `staging ÷ one resource: time ${ratios.time.toFixed(2)} (goal ≤ ${goals.time}), memory ${ratios.memory.toFixed(2)}`,
    `per added service: ${perService.overall.toFixed(1)} ms (goal ≤ ${goals.millisecondsPerService}); ` +
      `lower half ${perService.lowerHalf.toFixed(1)}, upper half ${perService.upperHalf.toFixed(1)}: ` +
      `ratio ${(perService.upperHalf / perService.lowerHalf).toFixed(2)} (goal ≤ ${goals.upperOverLower})`,
    "",
  ].join("\n");
}
