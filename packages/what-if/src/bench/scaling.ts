import { coefficientsOf } from "../replica/calibrated";
import { fixedScaler } from "../scaler";
import { Bench, metShare, type Scenario } from "../scenario";
import { quantile } from "../serving/capacity";
import { scaled, type Traffic } from "../traffic/traffic";
import { type Bounds, ours, oursUnmeasured, type Policy, peers } from "./peers";

/** A part of the grid: one traffic at one size with one start-up. */
export interface Cell {
  traffic: string;
  startupSeconds: number;
  replicas: number;
}

/** What one policy did in a cell: means over the seeds. */
export interface Result extends Cell {
  policy: string;
  /** Multiple of its written target. */
  factor: number;
  met: number;
  /** Half of the 95 % interval over the seeds. */
  metInterval: number;
  gpuHours: number;
  gpuHoursInterval: number;
  /** GPU-hours of the oracle at the same share within the objective; none where it has no reason to go as high. */
  oracleHours?: number;
  violatedMinutes: number;
}

/** A traffic with the objective that it is judged by. */
export interface Load {
  traffic: Traffic;
  firstTokenSeconds: number;
}

export interface Grid {
  loads: Load[];
  startups: number[];
  sizes: number[];
  factors: number[];
  seeds: number[];
}

/** Share of what a replica can do, within the objective, that defines a traffic's mean size. */
const usualLoad = 0.65;
/** Penalties of the oracle's frontier: replica-seconds per missed request, powers of ten. */
const penalties = [-1.5, -0.8, -0.2, 0.2, 0.6, 1, 1.4, 1.8, 2.2, 2.6, 3, 3.6, 4.4];

/** Ours, ours as it is when nothing is known, two that are faster, and the peers. */
export const policies: Policy[] = [
  ours("ours", { share: 0.65, up: { window: 30, pods: 2, period: 60 } }),
  oursUnmeasured,
  ours("candidate: 4 pods a minute at once", { share: 0.65, up: { window: 0, pods: 4, period: 60 } }),
  ours("candidate: 10 pods a minute at once", { share: 0.65, up: { window: 0, pods: 10, period: 60 } }),
  ...peers,
];

/** Plays every policy in every cell. */
export function scalingBench(grid: Grid, tried: Policy[], onCell: (cell: Cell) => void): Result[] {
  const results: Result[] = [];
  for (const load of grid.loads)
    for (const replicas of grid.sizes)
      for (const startupSeconds of grid.startups) {
        const cell = { traffic: load.traffic.name, startupSeconds, replicas };
        onCell(cell);
        results.push(...cellResults(cell, load, grid, tried));
      }
  return results;
}

interface Run {
  met: number;
  hours: number;
  violated: number;
  oracle: number | undefined;
}

function cellResults(cell: Cell, load: Load, grid: Grid, tried: Policy[]): Result[] {
  const runs = new Map<string, { policy: string; factor: number; runs: Run[] }>();
  const record = (policy: string, factor: number, run: Run) => {
    const key = `${policy} ${factor}`;
    const entry = runs.get(key) ?? { policy, factor, runs: [] };
    entry.runs.push(run);
    runs.set(key, entry);
  };
  const { holding, most } = new Bench(scenarioOf(cell, load, 1, load.traffic), { exact: false }).capacity;
  const perReplica = holding > 0 ? holding : usualLoad * most;
  const counts = load.traffic.counts(60, 1);
  const rate = counts.reduce((sum, count) => sum + count, 0) / load.traffic.seconds;
  const traffic = scaled(load.traffic, (cell.replicas * usualLoad * perReplica) / rate);
  let capacity: Bench["capacity"] | undefined;
  for (const seed of grid.seeds) {
    const bench: Bench = new Bench(scenarioOf(cell, load, seed, traffic), { exact: false, capacity });
    capacity = bench.capacity;
    const held = bench.capacity.levels.findLast(({ met }) => met >= bench.scenario.objective.share);
    const bounds: Bounds = {
      min: 1,
      max: bench.most,
      holding: held?.inFlight ?? 1,
      startupSeconds: cell.startupSeconds,
    };
    const frontier = penalties
      .map((power) => bench.clairvoyant(10 ** power))
      .map((outcome) => ({ met: metShare(outcome), hours: outcome.replicaHours }));
    const play = (name: string, factor: number, outcome: ReturnType<Bench["play"]>) =>
      record(name, factor, {
        met: metShare(outcome),
        hours: outcome.replicaHours,
        violated: outcome.violated,
        oracle: hoursAt(frontier, metShare(outcome)),
      });
    for (const policy of tried)
      for (const factor of policy.tunable ? grid.factors : [1])
        play(policy.name, factor, bench.play(policy.scaler(bounds, factor)));
    for (const share of [1, 1.5, 2, 3]) {
      const size = Math.min(bench.most, Math.round(cell.replicas * share));
      play("fixed size", share, bench.play(fixedScaler(size), { initial: size }));
    }
  }
  return [...runs.values()].map(({ policy, factor, runs: all }) => summary(cell, policy, factor, all));
}

/** GPU-hours of the cheapest schedule that is known to reach a share, straight between two of them. */
function hoursAt(frontier: { met: number; hours: number }[], met: number): number | undefined {
  const sorted = [...frontier].sort((a, b) => a.met - b.met);
  const above = sorted.findIndex((one) => one.met >= met);
  if (above < 0) return undefined;
  if (above === 0) return (sorted[0] as { hours: number }).hours;
  const a = sorted[above - 1] as { met: number; hours: number };
  const b = sorted[above] as { met: number; hours: number };
  return a.hours + ((b.hours - a.hours) * (met - a.met)) / Math.max(1e-12, b.met - a.met);
}

function summary(cell: Cell, policy: string, factor: number, runs: Run[]): Result {
  const of = (read: (run: Run) => number) => {
    const values = runs.map(read);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance =
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
    return { mean, interval: 1.96 * Math.sqrt(variance / values.length) };
  };
  const met = of((run) => run.met);
  const hours = of((run) => run.hours);
  return {
    ...cell,
    policy,
    factor,
    met: met.mean,
    metInterval: met.interval,
    gpuHours: hours.mean,
    gpuHoursInterval: hours.interval,
    oracleHours: runs.every(({ oracle }) => oracle !== undefined)
      ? of((run) => run.oracle ?? 0).mean
      : undefined,
    violatedMinutes: quantile(
      runs.map(({ violated }) => violated),
      0.5,
    ),
  };
}

function scenarioOf(cell: Cell, load: Load, seed: number, traffic: Traffic): Scenario {
  const none = { median: 0, p95: 0 };
  return {
    traffic,
    engine: coefficientsOf("llama-3.1-8b", "H100").engine,
    prefixHits: 0,
    objective: { firstTokenSeconds: load.firstTokenSeconds, perTokenSeconds: 0.05, share: 0.95 },
    pool: { min: 0, max: 250, replicasPerNode: 1 },
    startup: {
      node: none,
      image: none,
      load: { median: cell.startupSeconds, p95: 1.3 * cell.startupSeconds },
    },
    path: { scrapeSeconds: 15, relistSeconds: 30, rateSeconds: 60 },
    min: 1,
    max: Math.ceil(4 * cell.replicas),
    longestSeconds: 300,
    seed,
  };
}

/** Policies at one setting that are better than a result in both, in its cell, beyond the intervals of the seeds. */
export function beating(result: Result, all: Result[]): Result[] {
  return all.filter(
    (other) =>
      other.traffic === result.traffic &&
      other.startupSeconds === result.startupSeconds &&
      other.replicas === result.replicas &&
      other.policy !== result.policy &&
      other.met > result.met + other.metInterval + result.metInterval &&
      other.gpuHours < result.gpuHours - other.gpuHoursInterval - result.gpuHoursInterval,
  );
}
