import type { Bounds } from "../common/bounds";
import type { StartupBudget } from "./budgets";

export { idleTimeoutLimit } from "../common/load-balancer";

/** Between the slowest start and what waits for it. */
export const marginSeconds = 60;
/** Highest deregistration delay of a target group, and highest HPA window. */
export const hourSeconds = 3600;

/** The longest request that must be answered, seconds. */
export const longestRequest: Bounds = {
  least: 1,
  most: hourSeconds - 1,
  why: "a target group waits for an hour at most",
};

/**
 * The shortest scale-down window under which a loading replica is never taken for an idle one (not capped).
 *
 * @example
 * ```ts
 * leastScaleDownWindow(60); // → 300
 * leastScaleDownWindow(400); // → 600
 * ```
 */
export function leastScaleDownWindow(coldSeconds: number): number {
  return Math.max(300, Math.ceil(1.5 * coldSeconds));
}

type Slowness = Pick<
  StartupBudget,
  "startupSeconds" | "coldSeconds" | "probePeriodSeconds" | "probeFailureThreshold"
>;

/** Node and image as expected, then a container that becomes ready at the last try of its start-up probe. */
export function slowestStart(budget: Slowness): number {
  const beforeStart = Math.max(0, budget.coldSeconds - budget.startupSeconds);
  return beforeStart + budget.probePeriodSeconds * budget.probeFailureThreshold;
}
