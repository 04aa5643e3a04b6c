import type { Problem } from "../common/problem";
import type { DrainBudget, StartupBudget } from "./budgets";
import { hourSeconds, idleTimeoutLimit, leastScaleDownWindow, marginSeconds, slowestStart } from "./limits";

/** Time between the notice and the end of a spot instance. */
const spotNoticeSeconds = 120;

/**
 * Every inequality between the times that does not hold, with the arithmetic. Empty for computed budgets, unless
 * the start is slower than a scale-down window can be, or the longest request longer than load balancers allow.
 *
 * @example
 * ```ts
 * budgetProblems(chat.startup, { ...chat.drain, terminationGraceSeconds: 60 }); // → [{ path: "drain.terminationGraceSeconds" }]
 * ```
 */
export function budgetProblems(startup: StartupBudget, drain: DrainBudget): Problem[] {
  return [...startupProblems(startup), ...drainProblems(drain)];
}

function startupProblems(budget: StartupBudget): Problem[] {
  const window = budget.probePeriodSeconds * budget.probeFailureThreshold;
  const slowest = slowestStart(budget);
  const least = leastScaleDownWindow(budget.coldSeconds);
  const probe = `${budget.probePeriodSeconds} s × ${budget.probeFailureThreshold} tries = ${window} s`;
  return [
    ...notPositive("startup", { ...budget }),
    ...unless(budget.coldSeconds >= budget.startupSeconds, {
      path: "startup.coldSeconds",
      value: budget.coldSeconds,
      message: `must include startupSeconds: at least ${budget.startupSeconds}`,
    }),
    ...unless(window >= budget.startupSeconds, {
      path: "startup.probeFailureThreshold",
      value: budget.probeFailureThreshold,
      message: `gives ${probe}, but a start is expected to take ${budget.startupSeconds} s, so the container would be killed while it loads`,
      fix: `Set it to at least ${Math.ceil(budget.startupSeconds / Math.max(1, budget.probePeriodSeconds))}.`,
    }),
    ...unless(budget.progressDeadlineSeconds >= slowest, {
      path: "startup.progressDeadlineSeconds",
      value: budget.progressDeadlineSeconds,
      message: `must cover the slowest start: ${slowest - window} s for node and image + start-up probe ${probe}, together ${slowest} s`,
      fix: `Set it to at least ${slowest}.`,
    }),
    ...unless(budget.helmTimeoutSeconds >= budget.coldSeconds + marginSeconds, {
      path: "startup.helmTimeoutSeconds",
      value: budget.helmTimeoutSeconds,
      message: `must be at least the cold start of ${budget.coldSeconds} s + ${marginSeconds} s = ${budget.coldSeconds + marginSeconds} s`,
    }),
    ...(least > hourSeconds
      ? [
          {
            path: "startup.coldSeconds",
            value: budget.coldSeconds,
            message: `needs a scale-down window of 1.5 × ${budget.coldSeconds} s = ${least} s, but Kubernetes allows at most ${hourSeconds} s: replicas that still load would be removed`,
            fix: "Shorten the start: keep the weights on a claim (model.cache), or use a smaller or quantised model.",
          },
        ]
      : unless(budget.scaleDownWindowSeconds >= least && budget.scaleDownWindowSeconds <= hourSeconds, {
          path: "startup.scaleDownWindowSeconds",
          value: budget.scaleDownWindowSeconds,
          message: `must be from max(300 s, 1.5 × cold start of ${budget.coldSeconds} s) = ${least} s to ${hourSeconds} s`,
        })),
  ];
}

function drainProblems(budget: DrainBudget): Problem[] {
  const window = budget.preStopSeconds + budget.drainSeconds;
  const sum = `preStop ${budget.preStopSeconds} s + drain ${budget.drainSeconds} s = ${window} s`;
  const longest = budget.longestRequestSeconds;
  return [
    ...notPositive("drain", { ...budget, preStopSeconds: 1, drainSeconds: 1 }),
    ...["preStopSeconds" as const, "drainSeconds" as const].flatMap((key) =>
      unless(Number.isInteger(budget[key]) && budget[key] >= 0, {
        path: `drain.${key}`,
        value: budget[key],
        message: "must be a whole number of seconds, 0 or more",
      }),
    ),
    ...unless(longest < hourSeconds, {
      path: "drain.longestRequestSeconds",
      value: longest,
      message: `must be below ${hourSeconds} s, the longest deregistration delay of a target group`,
      fix: "Stream long answers in parts, or give the work to a queue.",
    }),
    ...unless(longest <= window, {
      path: "drain.drainSeconds",
      value: budget.drainSeconds,
      message: `gives ${sum}, less than the longest request of ${longest} s, which would be cut off`,
    }),
    ...unless(window <= budget.terminationGraceSeconds, {
      path: "drain.terminationGraceSeconds",
      value: budget.terminationGraceSeconds,
      message: `must be at least ${sum}, or the pod is killed while it drains`,
    }),
    ...unless(budget.deregistrationDelaySeconds <= window, {
      path: "drain.deregistrationDelaySeconds",
      value: budget.deregistrationDelaySeconds,
      message: `must be at most ${sum}, or the load balancer still holds connections to a pod that is gone`,
    }),
    ...unless(longest >= hourSeconds || budget.deregistrationDelaySeconds >= longest, {
      path: "drain.deregistrationDelaySeconds",
      value: budget.deregistrationDelaySeconds,
      message: `must be at least the longest request of ${longest} s, or the load balancer cuts it off`,
    }),
    ...unless(
      longest >= hourSeconds ||
        (budget.idleTimeoutSeconds > longest && budget.idleTimeoutSeconds <= idleTimeoutLimit),
      {
        path: "drain.idleTimeoutSeconds",
        value: budget.idleTimeoutSeconds,
        message: `must be above the longest request of ${longest} s and at most ${idleTimeoutLimit} s, the limit of the load balancer`,
      },
    ),
  ];
}

/**
 * What works, but not for every request. Spot instances end two minutes after the notice.
 *
 * @example
 * ```ts
 * budgetWarnings(150, true); // → [{ path: "drain.terminationGraceSeconds", value: 150 }]
 * ```
 */
export function budgetWarnings(terminationGraceSeconds: number, spot: boolean): Problem[] {
  return unless(!spot || terminationGraceSeconds <= spotNoticeSeconds, {
    path: "drain.terminationGraceSeconds",
    value: terminationGraceSeconds,
    message: `is longer than the ${spotNoticeSeconds} s between the notice and the end of a spot instance, so requests over ${spotNoticeSeconds} s can be lost`,
    fix: "Use on-demand nodes for long requests.",
  });
}

function notPositive(group: string, budget: Record<string, number>): Problem[] {
  return Object.entries(budget).flatMap(([key, value]) =>
    unless(Number.isInteger(value) && value >= 1, {
      path: `${group}.${key}`,
      value,
      message: "must be a whole number, 1 or more",
    }),
  );
}

function unless(holds: boolean, problem: Problem): Problem[] {
  return holds ? [] : [problem];
}
