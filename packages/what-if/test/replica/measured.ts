import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A measurement of one replica. Milliseconds; tokens. */
export interface Measured {
  name: string;
  model: string;
  gpu: string;
  tensorParallel?: number;
  /** Arrivals per second, or streams that each send the next request when the last is answered, or one batch at once. */
  rate?: number;
  streams?: number;
  batch?: number;
  input: number;
  output: number;
  /**
   * Share of prompt tokens that the prefix cache has: 0.98 in runs of thousands of requests over about 50 prompts, 0.85 in
   * the first 300 requests of such a run, 0.6 assumed where it is not published. @default 0
   */
  hits?: number;
  /** Prompt tokens of a step, where it is not vLLM's 2,048. */
  tokenBudget?: number;
  /** Taken at the engine, without HTTP. */
  engineOnly?: boolean;
  ttft?: number;
  itl?: number;
  /** Requests per second that come back. */
  throughput?: number;
  source: string;
}

/**
 * Every measured row known; stages of one run are rows. Read in November 2026 from
 * - blis: inference-sim/sim-to-real-accuracy-validation dcec3fd, results_trainval/error_records.csv, column `actual`; rates
 *   and lengths from inference-sim/inference-sim f90a1e3, testdata/trained_physics_iter29.json
 * - matched: the same repository, results/llmservingsim_error_records_matched.csv, first 300 requests; rates are those of
 *   the workload of the same name
 * - splitwise: Mutinifni/splitwise-sim 8f99e7d, data/perf_model.csv
 * - sageserve: shashwatj07/SageServe 0b95ca2, data/Llama-3.1-8B-tp-2.csv
 * - kubeai: substratusai/kubeai 5389dea, docs/benchmarks/prefix-aware-load-balancing.md, round robin; an eighth of 8 replicas
 */
export const measured: Measured[] = read(join(__dirname, "fixtures/measured.csv"));

function read(file: string): Measured[] {
  const [head = "", ...lines] = readFileSync(file, "utf8").trim().split("\n");
  const columns = head.split(";");
  const texts = ["name", "model", "gpu", "source"];
  return lines.map((line) => {
    const cells = line.split(";").map((cell, index): [string, unknown] => {
      const column = columns[index] as string;
      return [column, texts.includes(column) ? cell : cell === "true" || Number(cell)];
    });
    return Object.fromEntries(cells.filter(([, value]) => value !== 0)) as unknown as Measured;
  });
}
