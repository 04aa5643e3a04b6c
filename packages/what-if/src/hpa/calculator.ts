import { Against, type Metric, Source } from "./metrics";
import type { ControllerFlags } from "./spec";

/** What the controller sees of a pod. Times in seconds of the same clock as the decision's. */
export interface PodView {
  /** A pod that is being deleted or has failed is not among the pods. */
  running: boolean;
  ready: boolean;
  startedAt: number;
  /** When `ready` last changed. */
  readySince: number;
  /** Requests in thousandths, by resource key; without one a utilization is an error. */
  requests?: Record<string, number>;
}

/** A pod's sample of a metric. */
export interface PodSample {
  /** Thousandths. */
  value: number;
  /** When it was taken, and over which time; only CPU's readiness rule reads them. */
  at: number;
  windowSeconds: number;
}

/** The cluster at one decision. `undefined` samples are an error of the metrics API, an `undefined` sample a missing one. */
export interface ClusterView {
  now: number;
  specReplicas: number;
  statusReplicas: number;
  pods: readonly PodView[];
  podSamples(metric: Metric): readonly (PodSample | undefined)[] | undefined;
  /** Thousandths; several series of an external metric are summed. */
  wholeValue(metric: Metric): number | undefined;
}

/** Ratios around the target without effect. */
export interface Tolerances {
  up: number;
  down: number;
}

/**
 * Replicas that one metric asks for, or undefined when it cannot be read: `ReplicaCalculator` of
 * kubernetes/kubernetes v1.35.0, pkg/controller/podautoscaler/replica_calculator.go.
 */
export function replicasFor(
  metric: Metric,
  view: ClusterView,
  tolerances: Tolerances,
  flags: ControllerFlags,
): number | undefined {
  return metric.source === Source.Whole
    ? forWhole(metric, view, tolerances)
    : forPods(metric, view, tolerances, flags);
}

function forWhole(metric: Metric, view: ClusterView, tolerances: Tolerances): number | undefined {
  const value = view.wholeValue(metric);
  if (value === undefined) return undefined;
  if (metric.against === Against.PerReplica) {
    const ratio = value / (metric.target * view.statusReplicas);
    return within(ratio, tolerances) ? view.statusReplicas : Math.ceil(value / metric.target);
  }
  const ratio = value / metric.target;
  if (view.specReplicas === 0) return Math.ceil(ratio);
  if (within(ratio, tolerances)) return view.specReplicas;
  if (view.pods.length === 0) return undefined;
  return Math.ceil(ratio * view.pods.filter((pod) => pod.running && pod.ready).length);
}

function forPods(
  metric: Metric,
  view: ClusterView,
  tolerances: Tolerances,
  flags: ControllerFlags,
): number | undefined {
  const samples = view.podSamples(metric);
  if (samples === undefined || view.pods.length === 0) return undefined;
  const group = groupPods(metric, view, samples, flags);
  if (group.ready.length === 0) return undefined;
  const requests = metric.against === Against.Utilization ? requestsOf(metric, view) : undefined;
  if (metric.against === Against.Utilization && requests === undefined) return undefined;
  const ratioOf = (values: PodValue[]) => usageRatio(metric, values, requests);

  const current = view.specReplicas;
  const ratio = ratioOf(group.ready);
  if (ratio === undefined) return undefined;
  const upWithUnready = group.unready.length > 0 && ratio > 1;
  if (!upWithUnready && group.missing.length === 0)
    return within(ratio, tolerances) ? current : Math.ceil(ratio * group.ready.length);

  const filled = [...group.ready];
  const down = ratio < 1;
  // A ratio of exactly 1 fills nothing.
  if (ratio !== 1)
    for (const pod of group.missing) filled.push({ pod, value: down ? assumed(metric, requests?.[pod]) : 0 });
  if (upWithUnready) for (const pod of group.unready) filled.push({ pod, value: 0 });

  const refilled = ratioOf(filled);
  if (refilled === undefined) return undefined;
  if (within(refilled, tolerances) || (ratio < 1 && refilled > 1) || (ratio > 1 && refilled < 1))
    return current;
  const replicas = Math.ceil(refilled * filled.length);
  const against = (refilled < 1 && replicas > current) || (refilled > 1 && replicas < current);
  return against ? current : replicas;
}

interface PodValue {
  pod: number;
  value: number;
}

/** Pods in the controller's groups: order decides, and a pod that runs but is not ready counts when it has a sample. */
function groupPods(
  metric: Metric,
  view: ClusterView,
  samples: readonly (PodSample | undefined)[],
  flags: ControllerFlags,
) {
  const ready: PodValue[] = [];
  const unready: number[] = [];
  const missing: number[] = [];
  view.pods.forEach((pod, index) => {
    const sample = samples[index];
    if (!pod.running) unready.push(index);
    else if (sample === undefined) missing.push(index);
    else if (metric.cpu && !cpuCounts(pod, sample, view.now, flags)) unready.push(index);
    else ready.push({ pod: index, value: sample.value });
  });
  return { ready, unready, missing };
}

function cpuCounts(pod: PodView, sample: PodSample, now: number, flags: ControllerFlags): boolean {
  if (pod.startedAt + flags.cpuInitializationSeconds > now)
    return pod.ready && sample.at >= pod.readySince + sample.windowSeconds;
  return pod.ready || pod.startedAt + flags.initialReadinessSeconds <= pod.readySince;
}

/** Every pod's request; a pod without one makes the utilization undefined. */
function requestsOf(metric: Metric, view: ClusterView): number[] | undefined {
  const requests = view.pods.map((pod) => pod.requests?.[metric.key]);
  return requests.every((request) => request !== undefined) ? requests : undefined;
}

function usageRatio(metric: Metric, values: PodValue[], requests: number[] | undefined): number | undefined {
  const total = values.reduce((sum, { value }) => sum + value, 0);
  if (requests === undefined) return Math.trunc(total / values.length) / metric.target;
  const requested = values.reduce((sum, { pod }) => sum + (requests[pod] ?? 0), 0);
  return requested === 0 ? undefined : Math.trunc((total * 100) / requested) / metric.target;
}

/** What a pod without a sample is taken to use when the others ask for fewer replicas. */
function assumed(metric: Metric, request: number | undefined): number {
  if (request === undefined) return metric.target;
  return Math.trunc((request * Math.max(100, metric.target)) / 100);
}

function within(ratio: number, { up, down }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}
