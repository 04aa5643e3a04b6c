import { Release } from "@pulumi/kubernetes/helm/v3";
import * as pulumi from "@pulumi/pulumi";
import { chartSource, charts } from "../common/charts";
import { refuse } from "../common/refuse";
import { defaultRelistSeconds, defaultScrapeSeconds, timingProblems } from "../signals/timing";
import type { AdapterRule } from "./adapter-rules";

/** Arguments of `PrometheusAdapter`. */
export interface PrometheusAdapterArgs {
  /** Namespace of the adapter. Its Pod Security level may be `restricted`. */
  namespace: pulumi.Input<string>;
  /** Address of Prometheus with scheme and port: `http://prometheus-operated.monitoring.svc:9090`. */
  prometheusUrl: pulumi.Input<string>;
  /** Rules for all services of the cluster, from `adapterRules`. The metrics API has one provider per cluster. */
  rules: AdapterRule[];
  /**
   * Rules for external metrics, from `externalRule`. Refused by the cluster when something else, such as KEDA, already
   * serves external metrics. @default none, and the external metrics API is left alone
   */
  externalRules?: AdapterRule[];
  /** Time between two scrapes of the engines, seconds. @default 15 */
  scrapeIntervalSeconds?: number;
  /**
   * Time between two looks for new series, seconds: how long a new service's metric may be unknown. At least the
   * scrape interval, at most 60. @default 30
   */
  relistIntervalSeconds?: number;
  /**
   * True when cert-manager runs in the cluster: the API server then verifies the adapter's certificate. Without it
   * their connection is encrypted, but the adapter proves nothing. @default false
   */
  certManager?: boolean;
  /** Folder or repository of charts to use in place of the publisher's. @default the publisher's repository */
  chartMirror?: string;
}

/**
 * The cluster's provider of custom metrics: answers the autoscalers' questions from Prometheus. One per cluster.
 *
 * @example
 * ```ts
 * const { rateWindowSeconds } = metricsTiming(15);
 * new PrometheusAdapter(
 *   "prometheus-adapter",
 *   {
 *     namespace: prometheus.namespace,
 *     prometheusUrl: prometheus.url,
 *     rules: adapterRules([chat], rateWindowSeconds),
 *   },
 *   { provider },
 * );
 * ```
 */
export class PrometheusAdapter extends pulumi.ComponentResource {
  /** Name of the release and of the adapter's Deployment and Service. */
  readonly releaseName: pulumi.Output<string>;

  constructor(name: string, args: PrometheusAdapterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:PrometheusAdapter", name, {}, opts);
    const scrapeIntervalSeconds = args.scrapeIntervalSeconds ?? defaultScrapeSeconds;
    const relistIntervalSeconds = args.relistIntervalSeconds ?? defaultRelistSeconds;
    refuse(
      this,
      name,
      timingProblems({
        scrapeIntervalSeconds,
        relistIntervalSeconds,
        rateWindowSeconds: Number.POSITIVE_INFINITY,
      }),
    );

    const release = new Release(
      `${name}-release`,
      {
        ...chartSource(charts.prometheusAdapter, args.chartMirror),
        name,
        namespace: args.namespace,
        timeout: 300,
        values: {
          fullnameOverride: name,
          prometheus: pulumi.output(args.prometheusUrl).apply(prometheusValues),
          metricsRelistInterval: `${relistIntervalSeconds}s`,
          // The queries of every autoscaler sync would otherwise be logged.
          logLevel: 2,
          ...adapterValues(name, args),
        },
      },
      { parent: this },
    );
    this.releaseName = release.name;
    this.registerOutputs({ releaseName: this.releaseName });
  }
}

// The chart puts the address together from its parts, and adds a port even to an address that has one.
function prometheusValues(address: string): Record<string, string | number> {
  const url = new URL(address);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return {
    url: `${url.protocol}//${url.hostname}`,
    port: Number(port),
    path: url.pathname.replace(/\/+$/, ""),
  };
}

function adapterValues(name: string, args: PrometheusAdapterArgs) {
  return {
    rules: {
      // The chart's own rules list nearly every series of the cluster once a minute.
      default: false,
      custom: args.rules,
      ...(args.externalRules ? { external: args.externalRules } : {}),
    },
    replicas: 2,
    podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    // One replica must always answer: without it every autoscaler holds.
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
      (topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: {
          matchLabels: { "app.kubernetes.io/name": "prometheus-adapter", "app.kubernetes.io/instance": name },
        },
      }),
    ),
    priorityClassName: "system-cluster-critical",
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    // Without this one the pod is refused where the Pod Security level is `restricted`.
    podSecurityContext: { fsGroup: 10001, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    certManager: { enabled: args.certManager ?? false },
  };
}
