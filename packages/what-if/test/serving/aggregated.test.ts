import { expect, test } from "vitest";
import { coefficientsOf } from "../../src/replica/calibrated";
import { HpaScaler } from "../../src/scaler";
import { Bench, metShare, type Scenario } from "../../src/scenario";
import { shape } from "../../src/traffic/shapes";
import { inFlightSpec } from "../../src/tune";

const scenario: Scenario = {
  traffic: shape("diurnal", 10, 60, 6 * 3600),
  engine: coefficientsOf("llama-3.1-8b", "H100").engine,
  prefixHits: 0,
  objective: { firstTokenSeconds: 1, perTokenSeconds: 0.05, share: 0.95 },
  pool: { min: 0, max: 40, replicasPerNode: 1 },
  startup: { node: { median: 60, p95: 90 }, image: { median: 20, p95: 30 }, load: { median: 60, p95: 80 } },
  path: { scrapeSeconds: 15, relistSeconds: 30, rateSeconds: 60 },
  min: 1,
  max: 20,
  longestSeconds: 300,
  seed: 5,
};
const setting = { target: 25, scaleUpPods: 2, scaleUpWindowSeconds: 30, scaleDownWindowSeconds: 300 };
const ours = () => new HpaScaler(inFlightSpec(scenario, setting));
const hard = { ...scenario, traffic: shape("steps", 10, 45, 3 * 3600) };

const cases = { "a morning": scenario, "steps up and down": hard };

for (const [name, played] of Object.entries(cases))
  test(`flows of requests give what single requests give, in ${name}: within 3 % of attainment and GPU-hours`, () => {
    const exact = new Bench(played, { exact: true });
    const one = exact.play(ours());
    const flows = new Bench(played, { exact: false, capacity: exact.capacity }).play(ours());
    const share = metShare(flows) - metShare(one);
    const hours = flows.replicaHours / one.replicaHours - 1;
    const percent = (ratio: number) => `${(100 * ratio).toFixed(2)} %`;
    console.log(
      `${name}: ${Math.round(one.arrived)} requests, attainment ${percent(metShare(one))}, error ${percent(share)}; ` +
        `${one.replicaHours.toFixed(1)} GPU-hours, error ${percent(hours)}`,
    );
    expect(Math.abs(share)).toBeLessThan(0.03);
    expect(Math.abs(hours)).toBeLessThan(0.03);
  });

test("the same seed gives the same bytes, another seed others", () => {
  const play = (seed: number) => JSON.stringify(new Bench({ ...hard, seed }, { exact: false }).play(ours()));
  expect(play(3)).toBe(play(3));
  expect(play(4)).not.toBe(play(3));
});

test("who knows the traffic needs fewer GPU-hours for the same share within the objective", () => {
  const bench = new Bench(hard, { exact: false });
  const own = bench.play(ours());
  const oracle = bench.oracle(metShare(own));
  expect(metShare(oracle)).toBeGreaterThanOrEqual(metShare(own));
  expect(oracle.replicaHours).toBeLessThan(own.replicaHours);
});

test("requests are given up when they would wait longer than the longest request may take", () => {
  const bench = new Bench({ ...hard, max: 1, longestSeconds: 60 }, { exact: false });
  const outcome = bench.fixed(1);
  expect(outcome.lost).toBeGreaterThan(0.3 * outcome.arrived);
  expect(outcome.met + outcome.lost).toBeLessThanOrEqual(outcome.arrived);
});
