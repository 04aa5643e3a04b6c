import type * as inputs from "@pulumi/kubernetes/types/input";
import type { StartupBudget } from "../budgets/budgets";
import { type Bounds, numberProblems, wholeNumberProblems } from "../common/bounds";
import type { Problem } from "../common/problem";
import { quantity } from "./hpa-metrics";

/** How fast an autoscaler follows its signals. */
export interface ScalingBehavior {
  /** Pods added per period, 1–1000. @default 2, unless a percentage is given */
  scaleUpPods?: number;
  /** Percent of the replicas added per period, 1 or more; with `scaleUpPods`, the larger counts. @default none */
  scaleUpPercent?: number;
  /** Period of scale-up, 1–1800 seconds. @default 60 */
  scaleUpPeriodSeconds?: number;
  /** Time that a need must last before pods are added, 0–3600 seconds. @default 30 */
  scaleUpWindowSeconds?: number;
  /** How far above its target a signal may be without effect, as a ratio, 0–1. @default 0.1, Kubernetes' own */
  scaleUpTolerance?: number;
  /** Pods removed per period, 1–1000. @default 1, unless a percentage is given */
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

/** Of the autoscaling API, seconds. */
const periodBounds: Bounds = { least: 1, most: 1800 };
const windowBounds: Bounds = { least: 0, most: 3600 };

/** Bounds of what is a whole number. */
export const behaviorBounds = {
  scaleUpPods: { least: 1, most: 1000 },
  scaleUpPercent: { least: 1, most: 1000 },
  scaleUpPeriodSeconds: periodBounds,
  scaleUpWindowSeconds: windowBounds,
  scaleDownPods: { least: 1, most: 1000 },
  scaleDownPercent: { least: 1, most: 100 },
  scaleDownPeriodSeconds: periodBounds,
  scaleDownWindowSeconds: windowBounds,
} satisfies Partial<Record<keyof ScalingBehavior, Bounds>>;

/** Bounds of the ratios. */
export const toleranceBounds = {
  scaleUpTolerance: { least: 0, most: 1, why: "with 1 nothing happens below twice the target" },
  scaleDownTolerance: { least: 0, most: 0.99, why: "with 1 nothing would ever be removed" },
} satisfies Partial<Record<keyof ScalingBehavior, Bounds>>;

/**
 * What is wrong with a behavior for replicas that start as the budget says.
 *
 * @example
 * ```ts
 * behaviorProblems({ scaleDownWindowSeconds: 60 }, chat.startup); // → [{ path: "scaleDownWindowSeconds", value: 60 }]
 * ```
 */
export function behaviorProblems(behavior: ScalingBehavior, startup: StartupBudget): Problem[] {
  const problems = [
    ...Object.entries(behaviorBounds).flatMap(([property, bounds]) =>
      wholeNumberProblems(property, behavior[property as keyof ScalingBehavior], bounds),
    ),
    ...Object.entries(toleranceBounds).flatMap(([property, bounds]) =>
      numberProblems(property, behavior[property as keyof ScalingBehavior], bounds),
    ),
  ];

  const window = behavior.scaleDownWindowSeconds;
  const least = Math.min(startup.coldSeconds, windowBounds.most);
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
