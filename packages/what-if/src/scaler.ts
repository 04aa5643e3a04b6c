import type { Fleet } from "./fleet/fleet";
import type { ClusterView, PodSample } from "./hpa/calculator";
import { HpaController, type Reason } from "./hpa/controller";
import type { Metric } from "./hpa/metrics";
import type { HpaSpec } from "./hpa/spec";
import type { Scraper } from "./serving/scrape";
import type { Gauges } from "./serving/serving";

/** What a scaler sees. */
export interface Sight {
  now: number;
  fleet: Fleet;
  scraper: Scraper;
}

/** Decides how many replicas there should be. */
export interface Scaler {
  everySeconds: number;
  decide(sight: Sight): { replicas: number; reason?: Reason };
}

/** Signals of a replica by the name that an autoscaler's metric has. */
export type PodSignals = Record<string, (id: number, scraper: Scraper, now: number) => number | undefined>;

const gauge =
  (of: (gauges: Gauges) => number) =>
  (id: number, scraper: Scraper, now: number): number | undefined => {
    const gauges = scraper.last(id, now);
    return gauges && of(gauges);
  };

/** The signals of the catalog (components/signals) that depend on load alone. */
export const podSignals: PodSignals = {
  inference_requests_in_flight: gauge(({ running, waiting }) => running + waiting),
  inference_queue_depth: gauge(({ waiting }) => waiting),
  requests_running: gauge(({ running }) => running),
  inference_kv_cache_utilization: gauge(({ kvUsage }) => kvUsage),
  inference_requests_per_second: (id, scraper, now) => scraper.rate(id, now),
};

/** An autoscaler of Kubernetes over the fleet's pods. Whole metrics are the sum over the pods. */
export class HpaScaler implements Scaler {
  readonly everySeconds = 15;
  private readonly controller: HpaController;

  constructor(
    spec: HpaSpec,
    private readonly signals: PodSignals = podSignals,
  ) {
    this.controller = new HpaController(spec);
  }

  get metrics(): Metric[] {
    return this.controller.metrics;
  }

  decide({ now, fleet, scraper }: Sight): { replicas: number; reason: Reason } {
    const samples = (metric: Metric): (PodSample | undefined)[] | undefined => {
      const signal = this.signals[metric.key];
      if (!signal) return undefined;
      const found = fleet.pods.map(({ id, ready }): PodSample | undefined => {
        const value = ready ? signal(id, scraper, now) : undefined;
        return value === undefined
          ? undefined
          : { value: Math.floor(value * 1000), at: now, windowSeconds: 30 };
      });
      return found.some((sample) => sample !== undefined) ? found : undefined;
    };
    const view: ClusterView = {
      now,
      specReplicas: fleet.pods.length,
      statusReplicas: fleet.pods.length,
      // Of the CPU signal, in cores: the request of a replica.
      pods: fleet.views(now).map((pod) => ({ ...pod, requests: { cpu: 4000 } })),
      podSamples: samples,
      wholeValue: (metric) => samples(metric)?.reduce((sum, sample) => sum + (sample?.value ?? 0), 0),
    };
    return this.controller.sync(view);
  }
}

/** Always the same number. */
export function fixedScaler(replicas: number): Scaler {
  return { everySeconds: 3600, decide: () => ({ replicas }) };
}
