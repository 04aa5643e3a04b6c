import type { StartupBudget } from "../budgets/budgets";
import { entryOf } from "../common/lookup";
import { nearest } from "../common/nearest";
import { below, type Problem } from "../common/problem";
import { Engine, type EngineProfile } from "../engines/profile";
import { findSignal, isLatency, isResource, signalCatalog } from "../signals/catalog";
import type { SignalSource } from "../signals/series";
import type { Signal, SignalTarget } from "../signals/signal";
import { sourceProblems } from "../signals/source-checks";
import { type MetricsTiming, timingProblems } from "../signals/timing";
import { behaviorProblems, type ScalingBehavior } from "./behavior";

/** A service's autoscaling, to be checked. */
export interface ScalingRequest {
  /** The server, which says which signals there are. */
  profile: EngineProfile;
  /** What to follow. */
  signals: SignalTarget[];
  /** How fast to follow. */
  behavior: ScalingBehavior;
  /** How long a replica takes to start. */
  startup: StartupBudget;
  /** How often numbers are taken. */
  timing: MetricsTiming;
}

/**
 * What is wrong with the autoscaling of a service; every problem at once. Paths start with `signals`, `behavior`,
 * `timing` or, for series that a custom server names itself, `custom.signals`.
 *
 * @example
 * ```ts
 * const { profile, startup, behavior } = chat;
 * const signals = [{ signal: "inference_request_latency_p99_seconds", target: 2 }];
 * scalingProblems({ profile, startup, behavior, signals, timing: metricsTiming(15) }); // → [{ path: "signals" }]
 * ```
 */
export function scalingProblems(request: ScalingRequest): Problem[] {
  return [
    ...signalProblems(request.profile, request.signals),
    ...customSignalProblems(request.profile),
    ...below("behavior", behaviorProblems(request.behavior, request.startup)),
    ...below("timing", timingProblems(request.timing)),
  ];
}

/**
 * What is wrong with the signals that a service wants to follow.
 *
 * @example
 * ```ts
 * signalProblems(chat.profile, [{ signal: "inference_queue_dept", target: 4 }]); // → [{ fix: "Did you mean inference_queue_depth?" }]
 * ```
 */
export function signalProblems(profile: EngineProfile, signals: SignalTarget[]): Problem[] {
  if (signals.length === 0)
    return [{ path: "signals", value: [], message: "must name at least one signal to scale on" }];
  const problems = signals.flatMap((wanted, index) => {
    const path = `signals[${index}]`;
    const signal = findSignal(wanted.signal);
    if (!signal) return [unknownSignal(`${path}.signal`, wanted.signal)];
    const twice = signals.findIndex((other) => other.signal === wanted.signal) < index;
    return [
      ...(twice
        ? [{ path: `${path}.signal`, value: wanted.signal, message: "must not be named twice" }]
        : []),
      ...targetProblems(path, signal, wanted.target),
      ...availabilityProblems(path, signal, profile),
    ];
  });
  const known = signals.map((wanted) => findSignal(wanted.signal)).filter((signal) => signal !== undefined);
  if (known.length === signals.length && known.every(isLatency))
    problems.push({
      path: "signals",
      value: signals.map((wanted) => wanted.signal),
      message:
        "must not be latencies only: there is none until a request is answered, and more replicas need not lower it",
      fix: "Add requests in flight, queue depth, requests per second or CPU; the latency stays as a guardrail.",
    });
  return problems;
}

function targetProblems(path: string, signal: Signal, target: number): Problem[] {
  const { above, atMost } = signal;
  if (Number.isFinite(target) && target > above && (atMost === undefined || target <= atMost)) {
    // The HPA counts in thousandths, utilization in whole percents.
    const step = isResource(signal) ? 1 : 0.001;
    if (target >= step && (!isResource(signal) || Number.isInteger(target))) return [];
  }
  const most = atMost === undefined ? "" : ` and at most ${atMost}`;
  const whole = isResource(signal) ? ", a whole number" : "";
  return [
    {
      path: `${path}.target`,
      value: target,
      message: `must be above ${above}${most}${whole}: ${signal.name} is in ${signal.unit}`,
    },
  ];
}

function availabilityProblems(path: string, signal: Signal, profile: EngineProfile): Problem[] {
  const refuse = (message: string, fix?: string): Problem[] => [
    { path: `${path}.signal`, value: signal.name, message, ...(fix ? { fix } : {}) },
  ];
  if (signal.watchedOnly) return refuse("is for alerts and dashboards, more replicas do not lower it");
  if (isResource(signal)) return [];
  if (!profile.metricsPath) {
    const fix =
      profile.engine === Engine.Custom
        ? "Give metricsPath and custom.signals, or scale on CPU and memory."
        : "Remove the argument that switches them off.";
    return refuse(`needs the engine's metrics, and ${profile.engine} ${profile.version} exports none`, fix);
  }
  const source = entryOf(profile.signals, signal.name);
  if (!source) {
    const has = Object.keys(profile.signals).filter((name) => !findSignal(name)?.watchedOnly);
    return refuse(
      `cannot be computed from what ${profile.engine} ${profile.version} exports`,
      has.length > 0 ? `It has: ${has.join(", ")}.` : undefined,
    );
  }
  return deprecationProblems(`${path}.signal`, signal, source, profile);
}

function deprecationProblems(
  path: string,
  signal: Signal,
  source: SignalSource,
  profile: EngineProfile,
): Problem[] {
  return source.series
    .filter((series) => entryOf(profile.deprecatedSeries, series.name) !== undefined)
    .map((series) => ({
      path,
      value: signal.name,
      message: `is computed from ${series.name}, which ${profile.engine} ${profile.version} deprecates`,
      fix: `Use ${profile.deprecatedSeries[series.name]}.`,
    }));
}

/**
 * What is wrong with the series that a custom server says its signals are made of.
 *
 * @example
 * ```ts
 * customSignalProblems({ ...chat.profile, engine: "custom", signals: { requests: { series: [] } } }); // → [{ value: "requests" }]
 * ```
 */
export function customSignalProblems(profile: EngineProfile): Problem[] {
  if (profile.engine !== Engine.Custom) return [];
  return Object.entries(profile.signals).flatMap(([name, source]) => {
    const signal = findSignal(name);
    if (!signal) return [unknownSignal("custom.signals", name)];
    if (isResource(signal))
      return [
        {
          path: `custom.signals.${name}`,
          value: name,
          message: "must not be defined: it is measured by the kubelet, for every server",
        },
      ];
    return sourceProblems(`custom.signals.${name}`, signal, source);
  });
}

function unknownSignal(path: string, name: string): Problem {
  const names = Object.keys(signalCatalog);
  const close = nearest(name, names);
  return {
    path,
    value: name,
    message: `must be one of ${names.join(", ")}`,
    ...(close ? { fix: `Did you mean ${close}?` } : {}),
  };
}
