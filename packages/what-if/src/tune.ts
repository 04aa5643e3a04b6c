import type { HpaSpec, MetricSpec } from "./hpa/spec";
import { type Row, scenarioOf, type WhatIfOptions } from "./report/report";
import { wording } from "./report/text";
import { HpaScaler } from "./scaler";
import { Bench, metShare } from "./scenario";
import type { ServiceScaling } from "./stack";
import type { Traffic } from "./traffic/traffic";

/** A setting that was tried. */
export interface Tried extends Pick<Row, "met" | "violatedMinutes" | "gpuHours"> {
  /** Requests in flight per replica. */
  target: number;
  scaleUpPods: number;
  scaleUpWindowSeconds: number;
  scaleDownWindowSeconds: number;
  /** No other one is better in both the share within the objective and the GPU-hours. */
  best: boolean;
}

/** Tries targets in requests in flight, and behaviors, within the service's bounds. */
export function tune(service: ServiceScaling, traffic: Traffic, options: WhatIfOptions): Tried[] {
  const bench = new Bench(scenarioOf(service, traffic, options), { exact: false });
  const holding = bench.capacity.levels.findLast(({ met }) => met >= options.objective.share)?.inFlight ?? 1;
  const targets = [
    ...new Set([0.3, 0.45, 0.65, 0.85, 1].map((share) => Math.max(1, Math.round(share * holding)))),
  ];
  const downWindow = service.hpa?.behavior?.scaleDown?.stabilizationWindowSeconds ?? 300;
  const tried: Tried[] = [];
  for (const target of targets)
    for (const scaleUpPods of [2, 4])
      for (const scaleUpWindowSeconds of [0, 30])
        for (const scaleDownWindowSeconds of [...new Set([downWindow, 600])]) {
          const setting = { target, scaleUpPods, scaleUpWindowSeconds, scaleDownWindowSeconds };
          const outcome = bench.play(new HpaScaler(inFlightSpec(service, setting)));
          tried.push({
            ...setting,
            met: metShare(outcome),
            violatedMinutes: outcome.violated,
            gpuHours: outcome.replicaHours,
            best: false,
          });
        }
  for (const one of tried)
    one.best = !tried.some(
      (other) =>
        other.met >= one.met &&
        other.gpuHours <= one.gpuHours &&
        (other.met > one.met || other.gpuHours < one.gpuHours),
    );
  return tried.sort((a, b) => a.gpuHours - b.gpuHours);
}

type Setting = Pick<Tried, "target" | "scaleUpPods" | "scaleUpWindowSeconds" | "scaleDownWindowSeconds">;

export function inFlightSpec({ min, max }: { min: number; max: number }, setting: Setting): HpaSpec {
  const metric = (name: string, value: number): MetricSpec => ({
    type: "Pods",
    pods: { metric: { name }, target: { type: "AverageValue", averageValue: String(value) } },
  });
  return {
    minReplicas: min,
    maxReplicas: max,
    metrics: [metric("inference_requests_in_flight", setting.target), metric("inference_queue_depth", 4)],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: setting.scaleUpWindowSeconds,
        policies: [{ type: "Pods", value: setting.scaleUpPods, periodSeconds: 60 }],
      },
      scaleDown: {
        stabilizationWindowSeconds: setting.scaleDownWindowSeconds,
        selectPolicy: "Min",
        policies: [{ type: "Pods", value: 1, periodSeconds: 120 }],
      },
    },
  };
}

export function tuningText(service: ServiceScaling, tried: Tried[]): string {
  const rows = tried
    .filter(({ best }) => best)
    .map(
      ({
        target,
        scaleUpPods,
        scaleUpWindowSeconds,
        scaleDownWindowSeconds,
        met,
        violatedMinutes,
        gpuHours,
      }) =>
        [
          `target ${target}`.padEnd(12),
          `${scaleUpPods} pods/min`.padEnd(11),
          `up after ${scaleUpWindowSeconds} s`.padEnd(15),
          `down after ${scaleDownWindowSeconds} s`.padEnd(18),
          wording.percent(met).padStart(8),
          `${violatedMinutes} min beyond`.padStart(16),
          `${gpuHours.toFixed(1)} GPU-hours`.padStart(18),
        ].join(" "),
    );
  return `${service.name}: of ${tried.length} settings of requests in flight (queue 4), those that no other beats in both:\n${rows.map((row) => `  ${row}`).join("\n")}\n`;
}
