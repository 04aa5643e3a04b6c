import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot, typescriptArguments } from "@inference-platform/kit";

/** What one process took. */
export interface Sample {
  /**
   * Processor time from the start of the process to the end of the evaluation, milliseconds. On an idle machine about
   * what a clock shows; on a busy one it does not count the others.
   */
  milliseconds: number;
  /** Highest resident memory, MiB. */
  memoryMiB: number;
  /** Resources that the program registered. */
  resources: number;
}

/** A program and stack to measure. */
export interface Subject {
  name: string;
  directory: string;
  stack: string;
  stackFile?: string;
}

/** Evaluates a stack in a process of its own, as a user's command would: nothing is warm but the file system. */
export function measure(subject: Subject): Promise<Sample> {
  const child = join(__dirname, "child.ts");
  const root = projectRoot;
  const args = [...typescriptArguments, child, JSON.stringify(subject)];
  return new Promise((done, fail) => {
    const run = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const output: Buffer[] = [];
    run.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    run.on("error", fail);
    run.on("close", (code) => {
      if (code === 0) done(JSON.parse(Buffer.concat(output).toString()) as Sample);
      else fail(new Error(`the evaluation of ${subject.name} failed`));
    });
  });
}

/** Measures all subjects in turn, `rounds` times: what disturbs the machine disturbs all of them. */
export async function interleaved(
  subjects: Subject[],
  rounds: number,
  onRound: (round: number) => void,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(subjects.map((subject) => [subject.name, []]));
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    for (const subject of subjects) samples.get(subject.name)?.push(await measure(subject));
  }
  return samples;
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Slope of the straight line through the points that is nearest to them. */
export function slope(points: [number, number][]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([at]) => at));
  const y = mean(points.map(([, value]) => value));
  const over = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  const under = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return over / under;
}
