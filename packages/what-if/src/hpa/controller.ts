import {
  type Behavior,
  behaviorOf,
  downLimit,
  type Rules,
  stabilized,
  type Timed,
  tolerancesOf,
  upLimit,
} from "./behavior";
import { type ClusterView, replicasFor, type Tolerances } from "./calculator";
import { type Metric, metricsOf } from "./metrics";
import { type ControllerFlags, defaultFlags, type HpaSpec } from "./spec";

/** Why the replicas are what they are after a decision. */
export const Reason = {
  Disabled: "scaled to zero by hand",
  Bounds: "outside the bounds",
  Unreadable: "metrics cannot be read",
  Steady: "within tolerance or already right",
  Window: "held by a stabilization window",
  Rate: "held by a scaling policy",
  Bound: "held by minReplicas or maxReplicas",
  Followed: "as the metrics ask",
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

/** One decision of the controller. */
export interface Decision {
  replicas: number;
  /** Largest proposal of the metrics, before windows, policies and bounds; undefined without one. */
  proposed?: number;
  reason: Reason;
}

/** Longest window that the API accepts. */
const longestWindowSeconds = 3600;

/**
 * The HorizontalPodAutoscaler controller for one autoscaler: `reconcileAutoscaler` of kubernetes/kubernetes v1.35.0,
 * pkg/controller/podautoscaler/horizontal.go. It keeps what the controller keeps between two syncs: recommendations and
 * scale events. Equal to the Go code decision by decision: test/hpa.
 */
export class HpaController {
  readonly metrics: Metric[];
  private readonly behavior: Behavior | undefined;
  private readonly tolerances: Tolerances;
  private recommendations: Timed[] = [];
  private readonly added: Timed[] = [];
  private readonly removed: Timed[] = [];
  private seen = false;

  constructor(
    private readonly spec: HpaSpec,
    private readonly flags: ControllerFlags = defaultFlags,
  ) {
    this.metrics = metricsOf(spec);
    this.behavior = behaviorOf(spec.behavior, flags);
    this.tolerances = tolerancesOf(spec.behavior, flags);
  }

  /** Decides once. The caller scales to `replicas` before the next call. */
  sync(view: ClusterView): Decision {
    const { now, specReplicas: current } = view;
    if (!this.seen) this.recommendations.push({ at: now, count: current });
    this.seen = true;
    const decision = this.decide(view);
    const change = decision.replicas - current;
    if (this.behavior && change > 0) recordEvent(this.added, { at: now, count: change }, this.behavior.up);
    if (this.behavior && change < 0)
      recordEvent(this.removed, { at: now, count: -change }, this.behavior.down);
    this.forget(now);
    return decision;
  }

  private decide(view: ClusterView): Decision {
    const { specReplicas: current } = view;
    const min = this.spec.minReplicas ?? 1;
    const max = this.spec.maxReplicas;
    if (current === 0 && min !== 0) return { replicas: 0, reason: Reason.Disabled };
    if (current > max) return { replicas: max, reason: Reason.Bounds };
    if (current < min) return { replicas: min, reason: Reason.Bounds };
    const proposed = this.proposal(view);
    if (proposed === undefined) return { replicas: current, reason: Reason.Unreadable };
    return { proposed, ...this.normalized(current, proposed, min, max, view.now) };
  }

  /** The largest proposal; none when no metric can be read, or when one cannot and the others ask for fewer replicas. */
  private proposal(view: ClusterView): number | undefined {
    const proposals = this.metrics.map((metric) => replicasFor(metric, view, this.tolerances, this.flags));
    const known = proposals.filter((proposal) => proposal !== undefined);
    if (known.length === 0) return undefined;
    const largest = Math.max(...known);
    return known.length < proposals.length && largest < view.specReplicas ? undefined : largest;
  }

  private normalized(
    current: number,
    proposed: number,
    min: number,
    max: number,
    now: number,
  ): Omit<Decision, "proposed"> {
    const behavior = this.behavior;
    const held = behavior
      ? stabilized(current, proposed, this.recommendations, behavior, now)
      : this.highest(proposed, now);
    this.recommendations.push({ at: now, count: proposed });
    const rate = behavior
      ? this.limited(current, held, behavior, now)
      : Math.min(held, Math.max(2 * current, 4));
    const replicas = Math.min(max, Math.max(min, rate));
    return { replicas, reason: reasonOf({ current, proposed, held, rate, replicas }) };
  }

  /** Without a behavior one window serves both directions. */
  private highest(proposed: number, now: number): number {
    const since = now - this.flags.downscaleStabilizationSeconds;
    return this.recommendations.reduce(
      (most, { at, count }) => (at >= since ? Math.max(most, count) : most),
      proposed,
    );
  }

  private limited(current: number, wanted: number, behavior: Behavior, now: number): number {
    if (wanted > current)
      return Math.min(wanted, upLimit(current, this.added, this.removed, behavior.up, now));
    if (wanted < current)
      return Math.max(wanted, downLimit(current, this.added, this.removed, behavior.down, now));
    return wanted;
  }

  private forget(now: number): void {
    const oldest = this.recommendations[0];
    if (oldest && oldest.at < now - 2 * longestWindowSeconds)
      this.recommendations = this.recommendations.filter(({ at }) => at >= now - longestWindowSeconds);
  }
}

/**
 * Keeps a scale event. As in the controller it takes the place of the last one that is older than every period of its own
 * direction, although the other direction may have a longer one and would still count it.
 */
function recordEvent(events: Timed[], event: Timed, rules: Rules): void {
  const longest = Math.max(...rules.policies.map(({ periodSeconds }) => periodSeconds));
  const outdated = events.findLastIndex(({ at }) => at < event.at - longest);
  if (outdated >= 0) events[outdated] = event;
  else events.push(event);
}

function reasonOf(step: {
  current: number;
  proposed: number;
  held: number;
  rate: number;
  replicas: number;
}): Reason {
  if (step.replicas === step.proposed)
    return step.replicas === step.current ? Reason.Steady : Reason.Followed;
  if (step.replicas !== step.rate) return Reason.Bound;
  return step.rate === step.held ? Reason.Window : Reason.Rate;
}
