import {
  type BehaviorSpec,
  type ControllerFlags,
  type PolicySpec,
  quantityValue,
  type RulesSpec,
} from "./spec";

/** Rules of one direction, defaults filled in. */
export interface Rules {
  windowSeconds: number;
  /** Max, Min or Disabled. */
  select: string;
  policies: PolicySpec[];
}

export interface Behavior {
  up: Rules;
  down: Rules;
}

const upPolicies = [
  { type: "Pods", value: 4, periodSeconds: 15 },
  { type: "Percent", value: 100, periodSeconds: 15 },
];
const downPolicies = [{ type: "Percent", value: 100, periodSeconds: 15 }];

/** Defaults of the API server: pkg/apis/autoscaling/v2/defaults.go. No behavior stays none, which is not the same. */
export function behaviorOf(
  spec: BehaviorSpec | null | undefined,
  flags: ControllerFlags,
): Behavior | undefined {
  if (!spec) return undefined;
  return {
    up: rules(spec.scaleUp, 0, upPolicies),
    down: rules(spec.scaleDown, flags.downscaleStabilizationSeconds, downPolicies),
  };
}

function rules(spec: RulesSpec | null | undefined, windowSeconds: number, policies: PolicySpec[]): Rules {
  return {
    windowSeconds: spec?.stabilizationWindowSeconds ?? windowSeconds,
    select: spec?.selectPolicy ?? "Max",
    policies: spec?.policies ?? policies,
  };
}

/** Tolerances of both directions: a field of the behavior since 1.33, on by default in 1.35. */
export function tolerancesOf(spec: BehaviorSpec | null | undefined, flags: ControllerFlags) {
  const of = (rules: RulesSpec | null | undefined) =>
    rules?.tolerance === undefined || rules.tolerance === null
      ? flags.tolerance
      : quantityValue(rules.tolerance);
  return { up: of(spec?.scaleUp), down: of(spec?.scaleDown) };
}

/** Something at a time: replicas recommended, or replicas added. */
export interface Timed {
  at: number;
  count: number;
}

/** Replicas after the windows: raised to what every recent recommendation wants at least, lowered to what one wants at most. */
export function stabilized(
  current: number,
  proposed: number,
  recommendations: readonly Timed[],
  behavior: Behavior,
  now: number,
): number {
  let up = proposed;
  let down = proposed;
  for (const { at, count } of recommendations) {
    if (at > now - behavior.up.windowSeconds) up = Math.min(up, count);
    if (at > now - behavior.down.windowSeconds) down = Math.max(down, count);
  }
  return Math.min(Math.max(current, up), down);
}

/** The most replicas that the policies of scale-up allow now. */
export function upLimit(
  current: number,
  added: readonly Timed[],
  removed: readonly Timed[],
  rules: Rules,
  now: number,
): number {
  if (rules.select === "Disabled") return current;
  const limits = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = current - within(added, periodSeconds, now) + within(removed, periodSeconds, now);
    return type === "Pods" ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return Math.max(current, rules.select === "Min" ? Math.min(...limits) : Math.max(...limits));
}

/** The fewest replicas that the policies of scale-down allow now. */
export function downLimit(
  current: number,
  added: readonly Timed[],
  removed: readonly Timed[],
  rules: Rules,
  now: number,
): number {
  if (rules.select === "Disabled") return current;
  const limits = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = current - within(added, periodSeconds, now) + within(removed, periodSeconds, now);
    return type === "Pods" ? start - value : Math.trunc(start * (1 - value / 100));
  });
  return Math.min(current, rules.select === "Min" ? Math.max(...limits) : Math.min(...limits));
}

function within(events: readonly Timed[], periodSeconds: number, now: number): number {
  return events.reduce((sum, { at, count }) => (at > now - periodSeconds ? sum + count : sum), 0);
}
