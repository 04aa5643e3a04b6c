import * as pulumi from "@pulumi/pulumi";
import { ClusterConnection } from "./connection";
import { hasEngine } from "./engine";
import { keepNodes, nodeGroupType } from "./node-group-size";
import { isGuardedObject, objectGuard } from "./objects";
import { releaseGuard, releaseType } from "./releases";

/** What the safeguards need of the program. */
export interface SafeguardsArgs {
  /**
   * Gives the kubeconfig of the cluster that the releases and objects are in, as JSON with certificates in line; `Cluster.kubeconfig`
   * is one. Called when it is needed: the cluster may be made after the safeguards.
   */
  kubeconfig: () => pulumi.Input<string>;
}

/**
 * Makes `pulumi up` safe to repeat, where Pulumi, helm and AWS by themselves are not. To be called once, before the first
 * resource of the program.
 *
 * Node groups: new bounds of a group that ignores `scalingConfig.desiredSize` go out with the number of nodes that run now,
 * and not with the one that Pulumi last knew, which would stop nodes. Needs `autoscaling:DescribeAutoScalingGroups`.
 *
 * Helm releases: what an interrupted run left is settled before a release is made or changed, so that there is no *cannot
 * re-use a name* and no *another operation is in progress*; a working release of somebody else is left alone. A release
 * that fails says why: which pods do not start, what no node offers, which claim has no volume. Releases are described
 * as managed by the stack, unless they have a description. A volume whose size in the values becomes smaller is
 * refused; one of Prometheus or Alertmanager that becomes larger grows, which their operator would not do.
 *
 * Kubernetes objects: one that a killed run left, before it was in the state, is deleted and made again. Objects have the
 * annotation `inference-platform/owner` for that; what has another owner or none is left alone, and so are kinds that
 * hold data, such as namespaces and claims.
 *
 * Does nothing under the SDK's mocks.
 *
 * @example
 * ```ts
 * registerSafeguards({ kubeconfig: () => cluster.kubeconfig });
 * // The cluster comes later: it is asked for only when something is about to be changed.
 * const cluster = new Cluster("cluster", {
 *   clusterName: "llm",
 *   region: "us-east-1",
 *   subnetIds: network.controlPlaneSubnetIds,
 * });
 * ```
 */
export function registerSafeguards({ kubeconfig }: SafeguardsArgs): void {
  if (!hasEngine()) return;
  const cluster = new ClusterConnection(kubeconfig);
  const guardRelease = releaseGuard(cluster);
  const guardObject = objectGuard(cluster);
  pulumi.runtime.registerResourceTransform(async (args) => {
    if (args.type === nodeGroupType) return keepNodes(args);
    if (args.type === releaseType) return guardRelease(args);
    return isGuardedObject(args) ? guardObject(args) : undefined;
  });
}
