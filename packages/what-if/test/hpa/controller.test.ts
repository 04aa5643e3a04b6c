import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HpaController } from "../../src/hpa/controller";
import { milliValue } from "../../src/hpa/spec";
import { play, type Scaled, type Scenario } from "./scenario";

const recorded = readFileSync(join(__dirname, "fixtures/recorded.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { scenario: Scenario; scaled: Scaled });

test("400 scenarios that Kubernetes 1.35's controller answered are answered alike, every change at its second", () => {
  expect(recorded.length).toBe(400);
  for (const { scenario, scaled } of recorded)
    expect(play(scenario), JSON.stringify(scenario)).toEqual(scaled);
});

test("the recorded scenarios have every metric type, absent series, loading pods, and both kinds of behavior", () => {
  const text = recorded.map(({ scenario }) => JSON.stringify(scenario));
  const with_ = (part: string) => text.filter((one) => one.includes(part)).length;
  for (const part of [
    '"Pods","pods"',
    '"Resource"',
    '"ContainerResource"',
    '"Object"',
    '"External"',
    '"type":"Value"',
    '"loading":true',
    '"absent":[[',
    '"behavior":null',
    '"Disabled"',
    '"tolerance"',
  ])
    expect(with_(part), part).toBeGreaterThan(15);
});

test("a quantity is rounded up to thousandths, but not the binary error of a decimal fraction", () => {
  expect(["5", "500m", "0.07", "1.0001", "2k", "1Ki", 0.29].map(milliValue)).toEqual([
    5000, 500, 70, 1001, 2_000_000, 1_024_000, 290,
  ]);
  expect(() => milliValue("5 pods")).toThrow(/"5 pods" is not a Kubernetes quantity/);
});

test("without a metric the controller holds the replicas and says so", () => {
  const controller = new HpaController({ maxReplicas: 4 });
  const view = {
    now: 15,
    specReplicas: 2,
    statusReplicas: 2,
    pods: [],
    podSamples: () => undefined,
    wholeValue: () => undefined,
  };
  expect(controller.sync(view)).toEqual({ replicas: 2, reason: "metrics cannot be read" });
});
