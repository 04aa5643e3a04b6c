import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { platformLabels } from "../namespace/labels";
import { alertGroups } from "./alerts";
import { dashboard } from "./dashboard";
import type { MonitoredService } from "./monitored-service";

/** Arguments of `InferenceMonitoring`. */
export interface InferenceMonitoringArgs {
  /**
   * Namespace of Prometheus. Pass the output of the component that installs it: the type PrometheusRule exists only
   * after that.
   */
  namespace: pulumi.Input<string>;
  /** Every inference service of the cluster. */
  services: MonitoredService[];
  /** Namespace of the metrics adapter. @default monitoring */
  adapterNamespace?: string;
  /** Name of the metrics adapter's Deployment. */
  adapterName: string;
  /** Add a dashboard for Grafana. */
  dashboard: boolean;
  /** Further labels of the objects, for a Prometheus that selects rules by label: `release: <its release name>`. @default none */
  labels?: Record<string, string>;
  /** Page with one heading per alert, to which alerts link. @default docs/alerts.md of this repository */
  runbook?: string;
}

/**
 * Alerts and a dashboard, made from the signals that the services export and follow. Two objects, however many services
 * there are, so that a new service changes neither Prometheus' release nor Grafana's.
 *
 * @example
 * ```ts
 * new InferenceMonitoring(
 *   "monitoring",
 *   {
 *     namespace: prometheus.namespace,
 *     services: [chat],
 *     adapterName: "prometheus-adapter",
 *     dashboard: true,
 *   },
 *   { provider },
 * );
 * ```
 */
export class InferenceMonitoring extends pulumi.ComponentResource {
  /** Name of the PrometheusRule. */
  readonly ruleName: pulumi.Output<string>;

  constructor(name: string, args: InferenceMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:InferenceMonitoring", name, {}, opts);
    const groups = alertGroups(args.services, {
      adapterNamespace: args.adapterNamespace ?? "monitoring",
      adapterName: args.adapterName,
      ...(args.runbook ? { runbook: args.runbook } : {}),
    });
    const labels = { ...platformLabels(name, "observability"), ...args.labels };
    const rules = new CustomResource(
      `${name}-alerts`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: { name, namespace: args.namespace, labels },
        spec: { groups },
      },
      { parent: this },
    );
    if (args.dashboard)
      new ConfigMap(
        `${name}-dashboard`,
        {
          // Grafana's sidecar loads what carries this label.
          metadata: { name, namespace: args.namespace, labels: { ...labels, grafana_dashboard: "1" } },
          // The sidecar puts the files of all dashboards into one folder.
          data: { [`${name}.json`]: dashboard(args.services, name) },
        },
        { parent: this },
      );
    this.ruleName = rules.metadata.name;
    this.registerOutputs({ ruleName: this.ruleName });
  }
}
