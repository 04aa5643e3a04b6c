import type * as inputs from "@pulumi/kubernetes/types/input";
import type { StartupBudget } from "../budgets/budgets";
import type { Problem } from "../common/problem";
import { quantity } from "./hpa-metrics";

/** How fast an autoscaler follows its signals. */
export interface ScalingBehavior {
  /** Pods added per period, 1 or more. @default 2, unless a percentage is given */
  scaleUpPods?: number;
  /** Percent of the replicas added per period, 1 or more; with `scaleUpPods`, the larger counts. @default none */
  scaleUpPercent?: number;
  /** Period of scale-up, 1–1800 seconds. @default 60 */
  scaleUpPeriodSeconds?: number;
  /** Time that a need must last before pods are added, 0–3600 seconds. @default 30 */
  scaleUpWindowSeconds?: number;
  /** How far above its target a signal may be without effect, as a ratio, 0 or more. @default 0.1, Kubernetes' own */
  scaleUpTolerance?: number;
  /** Pods removed per period, 1 or more. @default 1, unless a percentage is given */
  scaleDownPods?: number;
  /** Percent of the replicas removed per period, 1–100; with `scaleDownPods`, the smaller counts. @default none */
  scaleDownPercent?: number;
  /** Period of scale-down, 1–1800 seconds. @default 120 */
  scaleDownPeriodSeconds?: number;
  /**
   * Time without need before pods are removed, at most 3600 seconds. Refused below the time of a cold start: replicas
   * that are still loading would be taken for unneeded ones. @default from the start-up budget
   */
  scaleDownWindowSeconds?: number;
  /**
   * How far below its target a signal may be without effect, as a ratio, 0 to below 1: 0.8 with a target of 10 removes
   * replicas under 2. @default 0.1, Kubernetes' own
   */
  scaleDownTolerance?: number;
}

/** Bounds of the autoscaling API. */
const maxPeriodSeconds = 1800;
const maxWindowSeconds = 3600;

/**
 * What is wrong with a behavior for replicas that start as the budget says.
 *
 * @example
 * ```ts
 * behaviorProblems({ scaleDownWindowSeconds: 60 }, chat.startup); // → [{ path: "scaleDownWindowSeconds", value: 60 }]
 * ```
 */
export function behaviorProblems(behavior: ScalingBehavior, startup: StartupBudget): Problem[] {
  const problems: Problem[] = [];
  const range = (property: keyof ScalingBehavior, low: number, high: number, whole = true) => {
    const value = behavior[property];
    if (value === undefined || (value >= low && value <= high && (!whole || Number.isInteger(value)))) return;
    const kind = whole ? "a whole number" : "a number";
    const upTo = Number.isFinite(high) ? `from ${low} to ${high}` : `of at least ${low}`;
    problems.push({ path: property, value, message: `must be ${kind} ${upTo}` });
  };
  range("scaleUpPods", 1, Number.POSITIVE_INFINITY);
  range("scaleUpPercent", 1, Number.POSITIVE_INFINITY);
  range("scaleUpPeriodSeconds", 1, maxPeriodSeconds);
  range("scaleUpWindowSeconds", 0, maxWindowSeconds);
  range("scaleUpTolerance", 0, Number.POSITIVE_INFINITY, false);
  range("scaleDownPods", 1, Number.POSITIVE_INFINITY);
  range("scaleDownPercent", 1, 100);
  range("scaleDownPeriodSeconds", 1, maxPeriodSeconds);
  range("scaleDownWindowSeconds", 0, maxWindowSeconds);
  range("scaleDownTolerance", 0, 0.99, false);

  const window = behavior.scaleDownWindowSeconds;
  const least = Math.min(startup.coldSeconds, maxWindowSeconds);
  if (window !== undefined && window < least)
    problems.push({
      path: "scaleDownWindowSeconds",
      value: window,
      message: `must be at least the ${least} seconds of a cold start: replicas that are still loading would be removed again`,
      fix: `Leave it out for ${startup.scaleDownWindowSeconds}.`,
    });
  return problems;
}

/**
 * The behavior as the autoscaling API takes it, defaults filled in.
 *
 * @example
 * ```ts
 * hpaBehavior({ scaleUpPods: 4 }, chat.startup); // → { scaleUp: { policies: [{ type: "Pods", value: 4, periodSeconds: 60 }] } }
 * ```
 */
export function hpaBehavior(
  behavior: ScalingBehavior,
  startup: StartupBudget,
): inputs.autoscaling.v2.HorizontalPodAutoscalerBehavior {
  const upPeriod = behavior.scaleUpPeriodSeconds ?? 60;
  const downPeriod = behavior.scaleDownPeriodSeconds ?? 120;
  const upPods = behavior.scaleUpPods ?? (behavior.scaleUpPercent === undefined ? 2 : undefined);
  const downPods = behavior.scaleDownPods ?? (behavior.scaleDownPercent === undefined ? 1 : undefined);
  return {
    scaleUp: {
      stabilizationWindowSeconds: behavior.scaleUpWindowSeconds ?? 30,
      selectPolicy: "Max",
      policies: policies(upPods, behavior.scaleUpPercent, upPeriod),
      ...tolerance(behavior.scaleUpTolerance),
    },
    scaleDown: {
      stabilizationWindowSeconds: behavior.scaleDownWindowSeconds ?? startup.scaleDownWindowSeconds,
      selectPolicy: "Min",
      policies: policies(downPods, behavior.scaleDownPercent, downPeriod),
      ...tolerance(behavior.scaleDownTolerance),
    },
  };
}

function policies(pods: number | undefined, percent: number | undefined, periodSeconds: number) {
  return [
    ...(pods === undefined ? [] : [{ type: "Pods", value: pods, periodSeconds }]),
    ...(percent === undefined ? [] : [{ type: "Percent", value: percent, periodSeconds }]),
  ];
}

function tolerance(ratio: number | undefined) {
  return ratio === undefined ? {} : { tolerance: quantity(ratio) };
}
