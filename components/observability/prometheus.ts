import { Namespace, Secret } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3";
import { Role } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { wholeNumberProblems } from "../common/bounds";
import { chartSource, charts } from "../common/charts";
import type { Problem } from "../common/problem";
import { refuse } from "../common/refuse";
import { platformLabels } from "../namespace/labels";
import { closeNamespace } from "../namespace/traffic";
import { scrapeSeconds } from "../signals/timing";
import { metricRetentionDays, metricStorageGiB } from "./limits";
import { monitoringPolicies } from "./policies";
import { grafanaRoleName, prometheusUrl, prometheusValues, stackName } from "./prometheus-values";

/** What the monitoring stack is made from. */
export interface PrometheusArgs {
  /** Namespace that is created for it, with Pod Security level `privileged` (the node exporter reads the host). @default monitoring */
  namespace?: string;
  /** Days that series are kept, 1 to 365; less where the volume fills first. */
  retentionDays: number;
  /** Size of Prometheus' volume, GiB, 10 to 16384; series take 85 % of it at most. */
  storageGiB: number;
  /** Time between two scrapes and between two evaluations of rules, seconds, 5 to 60. */
  scrapeIntervalSeconds: number;
  /** Deploy Grafana, with a generated admin password. */
  grafana: boolean;
  /** Storage class of the volumes. @default gp3 */
  storageClass?: string;
  /** Folder or repository of charts to use in place of the publisher's. @default the publisher's repository */
  chartMirror?: string;
}

/**
 * Prometheus, its operator, Alertmanager, node and object metrics, and Grafana if wanted. One per cluster. It picks up every monitor and
 * rule of the cluster, whatever their labels.
 *
 * Its namespace is closed for traffic but for what these parts, the metrics adapter and the DCGM exporter need of each other, of
 * the Kubernetes API and of nodes. Prometheus reaches every pod of the cluster, Alertmanager the internet on port 443; what else
 * runs in the namespace needs policies of its own.
 *
 * Helm keeps the chart's resource definitions (ServiceMonitor and so on) when the release goes, and does not upgrade
 * them: a new chart version may need `kubectl apply --server-side` of its `crds` folder first.
 *
 * @example
 * ```ts
 * const prometheus = new Prometheus(
 *   "prometheus",
 *   { retentionDays: 15, storageGiB: 50, scrapeIntervalSeconds: 15, grafana: true },
 *   { provider },
 * );
 * ```
 */
export class Prometheus extends pulumi.ComponentResource {
  /** Namespace of the stack; known when it is installed, so what takes it has the resource definitions that it needs. */
  readonly namespace: pulumi.Output<string>;
  /** Address of Prometheus inside the cluster, `http://host:port`. */
  readonly url: string;
  /** Name of the Secret with Grafana's `admin-user` and `admin-password`, in the namespace; absent without Grafana. */
  readonly grafanaSecretName?: pulumi.Output<string>;

  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:Prometheus", name, {}, opts);
    refuse(this, name, prometheusProblems(args));

    const namespaceName = args.namespace ?? "monitoring";
    const namespace = new Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespaceName,
          labels: {
            ...platformLabels(namespaceName, "observability"),
            // The node exporter and the DCGM exporter mount parts of the host, which the lower levels forbid.
            "pod-security.kubernetes.io/enforce": "privileged",
          },
        },
      },
      { parent: this },
    );
    const policies = closeNamespace(
      name,
      {
        namespace: namespace.metadata.name,
        labels: platformLabels(namespaceName, "observability"),
        allowed: monitoringPolicies,
      },
      this,
    );
    const grafana = args.grafana ? grafanaSecret(name, namespace, this) : undefined;
    const grafanaRole = args.grafana ? configMapReader(name, namespace, this) : undefined;
    this.grafanaSecretName = grafana?.metadata.name;

    const release = new Release(
      `${name}-release`,
      {
        ...chartSource(charts.kubePrometheusStack, args.chartMirror),
        name: stackName,
        namespace: namespace.metadata.name,
        values: prometheusValues({
          retentionDays: args.retentionDays,
          storageGiB: args.storageGiB,
          scrapeIntervalSeconds: args.scrapeIntervalSeconds,
          storageClass: args.storageClass ?? "gp3",
          grafanaSecretName: args.grafana ? grafanaSecretName(name) : undefined,
        }),
        // Three volumes and a dozen images, and the hooks before them.
        timeout: 900,
      },
      // Grafana names its Secret and its Role in plain text, and no pod may be open: no output says what must come first.
      { parent: this, dependsOn: [grafana, grafanaRole, ...policies].filter((one) => one !== undefined) },
    );
    this.namespace = release.namespace;
    this.url = prometheusUrl(namespaceName);

    this.registerOutputs({
      namespace: this.namespace,
      url: this.url,
      grafanaSecretName: this.grafanaSecretName,
    });
  }
}

/** What Grafana's sidecars read: dashboards and data sources are ConfigMaps of the namespace. */
function configMapReader(name: string, namespace: Namespace, parent: Prometheus): Role {
  return new Role(
    `${name}-grafana`,
    {
      metadata: {
        name: grafanaRoleName,
        namespace: namespace.metadata.name,
        labels: platformLabels(grafanaRoleName, "observability"),
      },
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] }],
    },
    { parent },
  );
}

function grafanaSecretName(name: string): string {
  return `${name}-grafana`;
}

function grafanaSecret(name: string, namespace: Namespace, parent: Prometheus): Secret {
  const password = new RandomPassword(`${name}-grafana-password`, { length: 32, special: false }, { parent });
  return new Secret(
    `${name}-grafana`,
    {
      metadata: {
        name: grafanaSecretName(name),
        namespace: namespace.metadata.name,
        labels: platformLabels(grafanaSecretName(name), "observability"),
      },
      stringData: { "admin-user": "admin", "admin-password": pulumi.secret(password.result) },
    },
    { parent },
  );
}

/** What is wrong with the arguments of a `Prometheus`; empty when nothing is. */
export function prometheusProblems(args: PrometheusArgs): Problem[] {
  return [
    ...wholeNumberProblems("retentionDays", args.retentionDays, metricRetentionDays),
    ...wholeNumberProblems("storageGiB", args.storageGiB, metricStorageGiB),
    ...wholeNumberProblems("scrapeIntervalSeconds", args.scrapeIntervalSeconds, scrapeSeconds),
  ];
}
