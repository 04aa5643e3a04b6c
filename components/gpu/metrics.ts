import { Release } from "@pulumi/kubernetes/helm/v3";
import * as pulumi from "@pulumi/pulumi";
import { chartSource, charts } from "../common/charts";
import { refuse } from "../common/refuse";
import { gpuMetricsValues } from "./chart-values";

/** What the GPU metrics are made from. */
export interface GpuMetricsArgs {
  /**
   * Namespace to run in, with Pod Security level `privileged`. Pass the output of `Prometheus`: its chart brings the
   * definition of ServiceMonitor, without which this release fails.
   */
  namespace: pulumi.Input<string>;
  /** Time between two scrapes, seconds, 5 to 300. */
  scrapeIntervalSeconds: number;
  /** Labels of the nodes with GPUs. @default `nvidia.com/gpu.present: "true"`, as on the nodes of `GpuNodeGroup` */
  nodeLabels?: Record<string, string>;
  /** Folder or repository of charts to use in place of the publisher's. @default the publisher's repository */
  chartMirror?: string;
}

/**
 * NVIDIA's DCGM exporter on every GPU node: utilisation, memory, power and errors of each GPU. The series carry
 * `namespace`, `pod` and `container` of the workload that holds the GPU (none of them on an idle or a shared GPU),
 * and `node`. One per cluster.
 *
 * @example
 * ```ts
 * new GpuMetrics("gpu-metrics", { namespace: prometheus.namespace, scrapeIntervalSeconds: 15 }, { provider });
 * ```
 */
export class GpuMetrics extends pulumi.ComponentResource {
  /** Namespace of the daemon set; known when the exporter is installed. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: GpuMetricsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:GpuMetrics", name, {}, opts);
    const { scrapeIntervalSeconds: interval } = args;
    const valid = Number.isInteger(interval) && interval >= 5 && interval <= 300;
    const message = "must be a whole number from 5 to 300";
    refuse(this, name, valid ? [] : [{ path: "scrapeIntervalSeconds", value: interval, message }]);

    const release = new Release(
      `${name}-release`,
      {
        ...chartSource(charts.dcgmExporter, args.chartMirror),
        name: charts.dcgmExporter.name,
        namespace: args.namespace,
        values: gpuMetricsValues(interval, args.nodeLabels),
        // Nodes of a pool with a minimum may be starting, and the image is large.
        timeout: 900,
      },
      { parent: this },
    );
    this.namespace = release.namespace;

    this.registerOutputs({ namespace: this.namespace });
  }
}
