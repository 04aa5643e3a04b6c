import { expect, test } from "vitest";
import { ours, peers } from "../../src/bench/peers";
import { beating, type Result, scalingBench } from "../../src/bench/scaling";
import { coefficientsOf } from "../../src/replica/calibrated";
import type { Scaler } from "../../src/scaler";
import { Bench, type Scenario } from "../../src/scenario";
import { shape } from "../../src/traffic/shapes";

const none = { median: 0, p95: 0 };
const scenario: Scenario = {
  traffic: shape("steps", 10, 30, 2 * 3600),
  engine: coefficientsOf("llama-3.1-8b", "H100").engine,
  prefixHits: 0,
  objective: { firstTokenSeconds: 1, perTokenSeconds: 0.05, share: 0.95 },
  pool: { min: 0, max: 40, replicasPerNode: 1 },
  startup: { node: none, image: none, load: { median: 60, p95: 70 } },
  path: { scrapeSeconds: 15, relistSeconds: 30, rateSeconds: 60 },
  min: 1,
  max: 12,
  longestSeconds: 300,
  seed: 1,
};
const bench = new Bench(scenario, { exact: false });
const bounds = { min: 1, max: 12, holding: 40, startupSeconds: 60 };
const most = (scaler: Scaler) =>
  Math.max(...bench.play(scaler, { initial: 3 }).minutes.map(({ wanted }) => wanted));
const peer = (name: string, factor = 1) => {
  const found = peers.find((policy) => policy.name.startsWith(name));
  if (!found) throw new Error(name);
  return found.scaler(bounds, factor);
};

test("AIBrix' KPA sample never asks for more than two replicas: a gauge of at most 1 over 0.5", () => {
  expect(most(peer("AIBrix KPA"))).toBeLessThanOrEqual(3);
  const outcome = bench.play(peer("AIBrix KPA"), { initial: 3 });
  expect(outcome.minutes.slice(-20).every(({ wanted }) => wanted <= 2)).toBe(true);
});

test("a total held against a Value multiplies with the replicas: KServe's running 2 runs to the ceiling", () => {
  expect(most(peer("KServe KEDA"))).toBe(12);
});

test("CPU at 80 % leaves the replicas at the minimum: a core that is always busy says nothing", () => {
  const outcome = bench.play(peer("Kubernetes: CPU"), { initial: 3 });
  expect(outcome.minutes.slice(-20).every(({ wanted }) => wanted === 1)).toBe(true);
});

test("ours grows with the load and shrinks again", () => {
  const policy = ours("ours", { share: 0.65, up: { window: 30, pods: 2, period: 60 } });
  const wanted = bench.play(policy.scaler(bounds, 1), { initial: 2 }).minutes.map((minute) => minute.wanted);
  // Steps of 20 minutes: low, high, low.
  expect(wanted[38]).toBeGreaterThan(wanted[18] as number);
  expect(wanted[59]).toBeLessThan(wanted[38] as number);
});

test("the bench tells who is better in both, beyond the intervals", () => {
  const result = (policy: string, met: number, gpuHours: number): Result => ({
    traffic: "t",
    startupSeconds: 60,
    replicas: 3,
    policy,
    factor: 1,
    met,
    metInterval: 0.001,
    gpuHours,
    gpuHoursInterval: 1,
    violatedMinutes: 0,
  });
  const own = result("ours", 0.98, 50);
  const all = [own, result("same", 0.9805, 49.5), result("cheaper", 0.9, 40), result("better", 0.99, 45)];
  expect(beating(own, all).map(({ policy }) => policy)).toEqual(["better"]);
});

test("a small grid has every policy at every factor in every cell, with the oracle's hours below theirs", () => {
  const grid = {
    loads: [{ traffic: shape("steps", 5, 20, 3600), firstTokenSeconds: 1 }],
    startups: [60],
    sizes: [3],
    factors: [1, 2],
    seeds: [1],
  };
  const tried = [ours("ours", { share: 0.65, up: { window: 30, pods: 2, period: 60 } })];
  const results = scalingBench(grid, tried, () => {});
  expect(results.filter(({ policy }) => policy === "ours").map(({ factor }) => factor)).toEqual([1, 2]);
  for (const { oracleHours, gpuHours } of results)
    if (oracleHours) expect(oracleHours).toBeLessThan(gpuHours * 1.05);
});
