import { Namespace } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3";
import * as pulumi from "@pulumi/pulumi";
import { chartSource, charts } from "../common/charts";
import { refuse } from "../common/refuse";
import { platformLabels } from "../namespace/labels";
import { closeNamespace, kubernetesApi } from "../namespace/traffic";
import { devicePluginValues } from "./chart-values";
import type { GpuPool } from "./pool";

/** What the device plugin is made from. */
export interface NvidiaDevicePluginArgs {
  /** Pools whose nodes it serves, at least one; it runs on no other node. A pool with `sharesPerGpu` gets time-slicing. */
  pools: GpuPool[];
  /** Namespace that is created for it. @default gpu-system */
  namespace?: string;
  /** Folder or repository of charts to use in place of the publisher's. @default the publisher's repository */
  chartMirror?: string;
}

/**
 * NVIDIA's device plugin: it makes the GPUs of a node something that pods can ask for. The AL2023 NVIDIA image has the
 * driver and the container toolkit, and not the plugin. Bottlerocket's image has it built in: don't list such pools.
 * One per cluster; the GPU Operator brings its own. Its namespace is closed for traffic, but to the Kubernetes API.
 *
 * @example
 * ```ts
 * new NvidiaDevicePlugin("device-plugin", { pools: [pool] }, { provider });
 * ```
 */
export class NvidiaDevicePlugin extends pulumi.ComponentResource {
  /** Namespace of the daemon set; known when the plugin is installed. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: NvidiaDevicePluginArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:NvidiaDevicePlugin", name, {}, opts);
    const message = "must have at least one pool: the plugin runs on nodes of pools only";
    refuse(this, name, args.pools.length > 0 ? [] : [{ path: "pools", value: [], message }]);

    const namespaceName = args.namespace ?? "gpu-system";
    const namespace = new Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespaceName,
          labels: {
            ...platformLabels(namespaceName, "gpu"),
            // The plugin mounts the kubelet's device socket from the host, which the lower levels forbid.
            "pod-security.kubernetes.io/enforce": "privileged",
          },
        },
      },
      { parent: this },
    );
    const labels = platformLabels(namespaceName, "gpu");
    const policies = closeNamespace(
      name,
      {
        namespace: namespace.metadata.name,
        labels,
        // Each node's plugin looks up which configuration the node's label names.
        allowed: { "allow-kubernetes-api": kubernetesApi({}) },
      },
      this,
    );
    const release = new Release(
      `${name}-release`,
      {
        ...chartSource(charts.nvidiaDevicePlugin, args.chartMirror),
        name: charts.nvidiaDevicePlugin.name,
        namespace: namespace.metadata.name,
        values: devicePluginValues(args.pools),
        // Nodes of a pool with a minimum may be starting while the daemon set waits for its pods: 3 to 5 minutes.
        timeout: 600,
      },
      // No output says that the namespace is closed before its first pod.
      { parent: this, dependsOn: policies },
    );
    this.namespace = release.namespace;

    this.registerOutputs({ namespace: this.namespace });
  }
}
