import type { BehaviorSpec, HpaSpec, MetricSpec } from "../hpa/spec";
import { HpaScaler, type PodSignals, podSignals, type Scaler } from "../scaler";
import { averagedScaler, kvScaler } from "./loops";

/** Bounds, and what a cell of the bench says of its replica. */
export interface Bounds {
  min: number;
  max: number;
  /** Requests in flight at which a replica still holds the objective. */
  holding: number;
  /** From wanted to ready, seconds. */
  startupSeconds: number;
}

/** Somebody's setting of an autoscaler. */
export interface Policy {
  name: string;
  /** Where it is written. */
  source: string;
  /** Targets are multiplied by `factor`: 1 is as written. */
  scaler(bounds: Bounds, factor: number): Scaler;
  /** Whether a target can be tuned. */
  tunable: boolean;
}

/** An engine that decodes keeps one of its four cores busy, whatever the load: vLLM's CPU says nothing. */
const signals: PodSignals = {
  ...podSignals,
  requests_per_second_twice: (id, scraper, now) => {
    const rate = scraper.rate(id, now);
    return rate === undefined ? undefined : 2 * rate;
  },
  cpu: (id, scraper, now) => {
    const gauges = scraper.last(id, now);
    return gauges === undefined ? undefined : gauges.running > 0 ? 1 : 0.1;
  },
};

const perPod = (name: string, value: number): MetricSpec => ({
  type: "Pods",
  pods: { metric: { name }, target: { type: "AverageValue", averageValue: quantity(value) } },
});
const total = (name: string, value: number): MetricSpec => ({
  type: "External",
  external: { metric: { name }, target: { type: "AverageValue", averageValue: quantity(value) } },
});
const ratio = (name: string, value: number): MetricSpec => ({
  type: "Object",
  object: { metric: { name }, target: { type: "Value", value: quantity(value) } },
});
const cpu = (percent: number): MetricSpec => ({
  type: "Resource",
  resource: {
    name: "cpu",
    target: { type: "Utilization", averageUtilization: Math.max(1, Math.round(percent)) },
  },
});
const quantity = (value: number) => `${Math.max(1, Math.round(value * 1000))}m`;

function hpa({ min, max }: Bounds, metrics: MetricSpec[], behavior?: BehaviorSpec): Scaler {
  const spec: HpaSpec = { minReplicas: min, maxReplicas: max, metrics, behavior };
  return new HpaScaler(spec, signals);
}

/** Scale-up and scale-down in the words of the peers' files. */
function pace(
  up: { window: number; pods: number; period: number },
  down: { window: number; pods: number; period: number },
): BehaviorSpec {
  const rules = ({ window, pods, period }: typeof up, selectPolicy: string) => ({
    stabilizationWindowSeconds: window,
    selectPolicy,
    policies: [{ type: "Pods", value: pods, periodSeconds: period }],
  });
  return { scaleUp: rules(up, "Max"), scaleDown: rules(down, "Min") };
}

/** What this project's components make: a share of what a replica holds, and the window from the start-up. */
export function ours(
  name: string,
  setting: { share: number; up: { window: number; pods: number; period: number }; downPods?: number },
): Policy {
  return {
    name,
    source: "components/scaling/defaults.ts, behavior.ts",
    tunable: true,
    scaler(bounds, factor) {
      const target = Math.max(1, Math.round(setting.share * factor * bounds.holding));
      const window = Math.max(300, Math.round(1.5 * bounds.startupSeconds));
      const metrics = [perPod("inference_requests_in_flight", target), perPod("inference_queue_depth", 4)];
      return hpa(bounds, metrics, pace(setting.up, { window, pods: setting.downPods ?? 1, period: 120 }));
    },
  };
}

/** The same when nothing is known of the replica: 16 in flight, as llm-d's guide. */
export const oursUnmeasured: Policy = {
  name: "ours, unmeasured: 16 in flight",
  source: "components/scaling/defaults.ts without maxConcurrency",
  tunable: false,
  scaler: (bounds) =>
    ours("", { share: 16 / bounds.holding, up: { window: 30, pods: 2, period: 60 } }).scaler(bounds, 1),
};

/** Peers' settings, as replay facts of November 2026 have them; `as intended` repairs only a query that cannot work. */
export const peers: Policy[] = [
  {
    name: "CPU 60 % and 20 requests/s",
    source: "the project's seeds: HPA of two metrics, no behavior; its counter counts every request twice",
    tunable: true,
    scaler: (bounds, factor) => hpa(bounds, [cpu(60), perPod("requests_per_second_twice", 20 * factor)]),
  },
  {
    name: "Kubernetes: CPU 80 %",
    source: "an HPA without metrics",
    tunable: true,
    scaler: (bounds, factor) => hpa(bounds, [cpu(80 * factor)]),
  },
  {
    name: "production-stack HPA: waiting, Value 1",
    source: "vllm-project/production-stack a6c01db tutorials/assets/hpa-10.yaml",
    tunable: true,
    scaler: (bounds, factor) => hpa(bounds, [ratio("inference_queue_depth", factor)]),
  },
  {
    name: "production-stack KEDA: waiting 5, as intended",
    source:
      "helm/templates/scaledobject-vllm.yaml; as shipped its query is empty and it stays at the minimum",
    tunable: true,
    scaler: (bounds, factor) => hpa(bounds, [total("inference_queue_depth", 5 * factor)]),
  },
  {
    name: "production-stack operator: running 5",
    source: "production-stack PR 903",
    tunable: true,
    scaler: (bounds, factor) =>
      hpa(
        bounds,
        [total("requests_running", 5 * factor)],
        pace({ window: 0, pods: 1, period: 60 }, { window: 300, pods: 1, period: 60 }),
      ),
  },
  {
    name: "AWS EKS guide: waiting 25",
    source:
      "amazon-eks-user-guide ml-inference-autoscaling-hpa-keda; without its latency trigger, which is divided by the replicas",
    tunable: true,
    scaler: (bounds, factor) =>
      hpa(
        bounds,
        [total("inference_queue_depth", 25 * factor)],
        pace({ window: 30, pods: 2, period: 60 }, { window: 300, pods: 1, period: 120 }),
      ),
  },
  {
    name: "KServe KEDA: running, Value 2, as intended",
    source: "kserve/website 05b83a6 autoscaling.md; as shipped it stops at its second series",
    tunable: true,
    scaler: (bounds, factor) => hpa(bounds, [ratio("requests_running", 2 * factor)]),
  },
  {
    name: "KServe serverless: concurrency 70",
    source: "knative/serving config-autoscaler.yaml: 100 x 70 %, 60 s, panic at 200 % over 6 s",
    tunable: true,
    scaler: (bounds, factor) =>
      averagedScaler(bounds, {
        target: 70 * factor,
        windowSeconds: 60,
        panic: { windowSeconds: 10, ratio: 2 },
        everySeconds: 5,
      }),
  },
  {
    name: "KubeAI: active 100",
    source:
      "substratusai/kubeai 2f32ef4 charts/kubeai/values.yaml: 10-minute mean, every 10 s, down after 30 s",
    tunable: true,
    scaler: (bounds, factor) =>
      averagedScaler(bounds, {
        target: 100 * factor,
        windowSeconds: 600,
        everySeconds: 10,
        downAfterSeconds: 30,
      }),
  },
  {
    name: "AIBrix APA: KV cache 0.5",
    source: "vllm-project/aibrix e3e10f9 samples/autoscaling/apa.yaml",
    tunable: true,
    scaler: (bounds, factor) => kvScaler(bounds, { target: 0.5 * factor, perReplica: true }),
  },
  {
    name: "AIBrix KPA: KV cache 0.5, as shipped",
    source: "samples/autoscaling/kpa.yaml: the mean is divided by the target without the replicas",
    tunable: true,
    scaler: (bounds, factor) => kvScaler(bounds, { target: 0.5 * factor, perReplica: false }),
  },
  {
    name: "llm-d KEDA: in flight 16",
    source: "llm-d keda-epp guide, HPA defaults",
    tunable: true,
    scaler: (bounds, factor) => hpa(bounds, [total("inference_requests_in_flight", 16 * factor)]),
  },
  {
    name: "GKE: waiting 4",
    source: "GKE's best practices, 3 to 5",
    tunable: true,
    scaler: (bounds, factor) =>
      hpa(bounds, [perPod("inference_queue_depth", 4 * factor)], {
        scaleDown: { stabilizationWindowSeconds: 300 },
      }),
  },
];
