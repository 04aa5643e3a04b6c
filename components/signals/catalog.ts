import { RunError } from "@pulumi/pulumi/errors";
import { entryOf } from "../common/lookup";
import { SignalName } from "./names";
import { SeriesKind } from "./series";
import { type Signal, SignalUnit } from "./signal";

/** Kind of the signals that kubelet measures; the same text as in `Signal.kind`. */
export const resourceKind = "resource";

const catalog: Signal[] = [
  {
    name: SignalName.RequestsInFlight,
    title: "Requests that a replica works on or has queued",
    unit: SignalUnit.Requests,
    kind: SeriesKind.Gauge,
    additive: true,
    above: 0,
  },
  {
    name: SignalName.QueueDepth,
    title: "Requests that wait for a replica to start them",
    unit: SignalUnit.Requests,
    kind: SeriesKind.Gauge,
    additive: true,
    above: 0,
  },
  {
    name: SignalName.RequestsPerSecond,
    title: "Requests that a replica answers per second",
    unit: SignalUnit.RequestsPerSecond,
    kind: SeriesKind.Counter,
    additive: true,
    above: 0,
  },
  {
    name: SignalName.TokensPerSecond,
    title: "Tokens that a replica generates per second",
    unit: SignalUnit.TokensPerSecond,
    kind: SeriesKind.Counter,
    additive: true,
    above: 0,
  },
  {
    name: SignalName.KvCacheUtilization,
    title: "Share of a replica's KV cache in use",
    unit: SignalUnit.Ratio,
    kind: SeriesKind.Gauge,
    additive: false,
    above: 0,
    atMost: 1,
  },
  {
    name: SignalName.TimeToFirstTokenP95,
    title: "Time to the first token, 95th percentile over the service",
    unit: SignalUnit.Seconds,
    kind: SeriesKind.Histogram,
    quantile: 0.95,
    additive: false,
    above: 0,
  },
  {
    name: SignalName.RequestLatencyP99,
    title: "Time to the whole answer, 99th percentile over the service",
    unit: SignalUnit.Seconds,
    kind: SeriesKind.Histogram,
    quantile: 0.99,
    additive: false,
    above: 0,
  },
  {
    name: SignalName.FailuresPerSecond,
    title: "Requests of a replica that end in an error, per second",
    unit: SignalUnit.RequestsPerSecond,
    kind: SeriesKind.Counter,
    additive: true,
    above: 0,
    watchedOnly: true,
  },
  {
    name: SignalName.CpuUtilization,
    title: "CPU in use, percent of the request",
    unit: SignalUnit.Percent,
    kind: resourceKind,
    additive: false,
    above: 0,
    // Above the request only where the limit allows it; the HPA compares with the request.
    atMost: 100,
  },
  {
    name: SignalName.MemoryUtilization,
    title: "Memory in use, percent of the request",
    unit: SignalUnit.Percent,
    kind: resourceKind,
    additive: false,
    above: 0,
    atMost: 100,
  },
];

/** Every signal, by name: the only place where one is defined. */
export const signalCatalog: Record<string, Signal> = Object.fromEntries(
  catalog.map((signal) => [signal.name, signal]),
);

/**
 * The signal of that name; undefined for one that the catalog does not have.
 *
 * @example
 * ```ts
 * findSignal("inference_queue_depth"); // → { unit: "requests" }
 * findSignal("queue"); // → undefined
 * ```
 */
export function findSignal(name: string): Signal | undefined {
  return entryOf(signalCatalog, name);
}

/**
 * The signal of that name.
 *
 * @throws RunError naming the known ones.
 *
 * @example
 * ```ts
 * signalNamed("inference_queue_depth"); // → { unit: "requests", kind: "gauge", additive: true }
 * ```
 */
export function signalNamed(name: string): Signal {
  const signal = findSignal(name);
  if (!signal) throw new RunError(`unknown signal ${name}; known: ${Object.keys(signalCatalog).join(", ")}`);
  return signal;
}

/**
 * True for a signal that is a time taken over the whole service: a guardrail that never stands alone.
 *
 * @example
 * ```ts
 * isLatency(signalNamed("inference_request_latency_p99_seconds")); // → true
 * ```
 */
export function isLatency(signal: Signal): boolean {
  return signal.kind === SeriesKind.Histogram;
}

/**
 * True for CPU and memory, which the HPA reads without Prometheus.
 *
 * @example
 * ```ts
 * isResource(signalNamed("cpu_utilization")); // → true
 * ```
 */
export function isResource(signal: Signal): boolean {
  return signal.kind === resourceKind;
}
