import type { ClusterView, PodSample, PodView } from "../../src/hpa/calculator";
import { HpaController } from "../../src/hpa/controller";
import { type HpaSpec, milliValue } from "../../src/hpa/spec";

/** A scenario of the oracle: an autoscaler over pods that become ready by the clock, and signals over time. */
export interface Scenario {
  id: string;
  min: number;
  max: number;
  initialReplicas: number;
  durationSeconds: number;
  pendingSeconds: number;
  notReadySeconds: number;
  cpuRequestMilli: number;
  metrics: HpaSpec["metrics"];
  behavior: HpaSpec["behavior"];
  signals: Record<string, Signal>;
}

export interface Signal {
  /** Second and value from then on. */
  points: [number, number][];
  /** Divided among the ready pods. */
  share?: boolean;
  /** Spans without any value. */
  absent?: [number, number][];
  /** Pods that run and are not ready have a sample of 0. */
  loading?: boolean;
}

export type Scaled = [number, number][];

/** The oracle's pods: the first ones have been ready for long. */
const longAgo = -3600;
/** The time that the oracle's CPU samples cover. */
const cpuWindowSeconds = 30;
const syncSeconds = 15;

interface Pod {
  createdAt: number;
}

/** The changes that our controller makes in the oracle's cluster. */
export function play(scenario: Scenario): Scaled {
  const controller = new HpaController({
    minReplicas: scenario.min,
    maxReplicas: scenario.max,
    metrics: scenario.metrics ?? null,
    behavior: scenario.behavior ?? null,
  });
  const pods: Pod[] = Array.from({ length: scenario.initialReplicas }, () => ({ createdAt: longAgo }));
  const scaled: Scaled = [];
  // The controller's queue holds a new autoscaler back for one interval.
  for (let now = syncSeconds; now <= scenario.durationSeconds; now += syncSeconds) {
    const current = pods.length;
    const { replicas } = controller.sync(view(scenario, pods, now));
    if (replicas === current) continue;
    scaled.push([now, replicas]);
    while (pods.length < replicas) pods.push({ createdAt: now });
    while (pods.length > replicas) remove(scenario, pods, now);
  }
  return scaled;
}

function remove(scenario: Scenario, pods: Pod[], now: number): void {
  const ready = (pod: Pod) => state(scenario, pod, now).ready;
  let victim = 0;
  pods.forEach((pod, index) => {
    const best = pods[victim] as Pod;
    if (ready(pod) < ready(best) || (ready(pod) === ready(best) && pod.createdAt >= best.createdAt))
      victim = index;
  });
  pods.splice(victim, 1);
}

function state(scenario: Scenario, { createdAt }: Pod, now: number): PodView {
  const runningAt = createdAt + scenario.pendingSeconds;
  const readyAt = runningAt + scenario.notReadySeconds;
  // A change at the second of a sync is seen by the next one.
  const seen = (at: number) => at === createdAt || now > at;
  const ready = seen(readyAt);
  return {
    running: seen(runningAt),
    ready,
    startedAt: runningAt,
    readySince: ready ? readyAt : runningAt,
    requests: { cpu: scenario.cpuRequestMilli, "cpu/server": scenario.cpuRequestMilli },
  };
}

function view(scenario: Scenario, pods: Pod[], now: number): ClusterView {
  const views = pods.map((pod) => state(scenario, pod, now));
  const readyCount = views.filter((pod) => pod.ready).length;
  const signalAt = (name: string): number | undefined => {
    const signal = scenario.signals[name];
    if (!signal || signal.absent?.some(([from, to]) => now >= from && now < to)) return undefined;
    let value: number | undefined;
    for (const [at, then] of signal.points) if (at <= now) value = then;
    return value;
  };
  return {
    now,
    specReplicas: pods.length,
    statusReplicas: pods.length,
    pods: views,
    podSamples(metric) {
      const name = metric.key.split("/")[0] as string;
      const value = signalAt(name);
      const signal = scenario.signals[name];
      if (value === undefined || !signal) return undefined;
      const each = signal.share ? value / Math.max(1, readyCount) : value;
      const samples = views.map((pod): PodSample | undefined => {
        if (pod.ready) return { value: Math.trunc(each * 1000), at: now, windowSeconds: cpuWindowSeconds };
        return pod.running && signal.loading
          ? { value: 0, at: now, windowSeconds: cpuWindowSeconds }
          : undefined;
      });
      return samples.some((sample) => sample !== undefined) ? samples : undefined;
    },
    wholeValue(metric) {
      const value = signalAt(metric.key);
      return value === undefined ? undefined : milliValue(value);
    },
  };
}
