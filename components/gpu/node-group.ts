import { Tag } from "@pulumi/aws/autoscaling";
import { LaunchTemplate } from "@pulumi/aws/ec2";
import { NodeGroup } from "@pulumi/aws/eks";
import * as pulumi from "@pulumi/pulumi";
import { wholeNumberProblems } from "../common/bounds";
import type { Problem } from "../common/problem";
import { refuse } from "../common/refuse";
import { asgTagName, eksTaintEffect, gpuLaunchTemplateArgs } from "./launch-template";
import { defaultGpuDiskGiB, gpuDiskGiB } from "./limits";
import { CapacityType, type GpuPool, poolAsgTags } from "./pool";

/** What a group of GPU nodes is made from. */
export interface GpuNodeGroupArgs {
  /** Name of the cluster as its output: the group then waits for the cluster, and goes before it. */
  clusterName: pulumi.Input<string>;
  /** Kubernetes version of the cluster, `1.35`: the nodes follow when the cluster is upgraded. */
  clusterVersion: string;
  /** The contract, from `gpuPool()`. */
  pool: GpuPool;
  /** ARN of the nodes' role, with the worker, registry and (unless the CNI has its own) network policies attached. */
  nodeRoleArn: pulumi.Input<string>;
  /** Private subnets of the nodes, one per zone. At least one. */
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Root volume, GiB, 100 to 16384. It holds container images where the instance has no local NVMe: engines' images
   * are 8 to 20 GiB, and two versions of one must fit. Where there is NVMe, images and `emptyDir` go there.
   * @default 200
   */
  diskGiB?: number;
}

/**
 * A managed node group of GPU nodes that keeps the pool contract: labels, taint, and tags from which Cluster Autoscaler
 * knows a node before there is one.
 *
 * A change of the instance types, the capacity type, the subnets or the role replaces the group: new nodes come first,
 * so the account's quota must hold both for a while. The group has no name of its own for that reason: the old and the
 * new one exist side by side, and Pulumi adds a suffix to each. Version, labels, taint, bounds and launch template
 * change in place; a new template or version replaces the nodes one by one.
 *
 * Pulumi sends the bounds together with the last desired size that it knows: a stale one stops running nodes, or is refused
 * below the new minimum. A program that changes `minNodes` or `maxNodes` therefore needs `registerSafeguards`, or a
 * refreshed state (`pulumi up --refresh`).
 *
 * @example
 * ```ts
 * new GpuNodeGroup("gpu", {
 *   clusterName: cluster.name,
 *   clusterVersion: cluster.version,
 *   pool,
 *   nodeRoleArn: cluster.nodeRoleArn,
 *   subnetIds: network.privateSubnetIds,
 * });
 * ```
 */
export class GpuNodeGroup extends pulumi.ComponentResource {
  /** Name of the node group in EKS. */
  readonly nodeGroupName: pulumi.Output<string>;
  /** Name of the auto scaling group behind it. */
  readonly autoscalingGroupName: pulumi.Output<string>;
  /** The contract of the nodes. */
  readonly pool: GpuPool;

  constructor(name: string, args: GpuNodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:GpuNodeGroup", name, {}, opts);
    refuse(this, name, nodeGroupProblems(args));
    const { pool, diskGiB = defaultGpuDiskGiB } = args;
    this.pool = pool;

    const wanted = pulumi
      .output(args.clusterName)
      .apply((clusterName) => pulumi.output(gpuLaunchTemplateArgs(pool, clusterName, diskGiB)));
    const template = new LaunchTemplate(
      `${name}-template`,
      {
        description: wanted.description,
        metadataOptions: wanted.metadataOptions,
        blockDeviceMappings: wanted.blockDeviceMappings,
        tagSpecifications: wanted.tagSpecifications,
        updateDefaultVersion: wanted.updateDefaultVersion,
        userData: wanted.userData,
        tags: wanted.tags,
      },
      { parent: this },
    );

    const group = new NodeGroup(
      `${name}-nodes`,
      {
        clusterName: args.clusterName,
        version: args.clusterVersion,
        amiType: "AL2023_x86_64_NVIDIA",
        capacityType: pool.spot ? CapacityType.Spot : CapacityType.OnDemand,
        instanceTypes: pool.instanceTypes,
        nodeRoleArn: args.nodeRoleArn,
        subnetIds: args.subnetIds,
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        scalingConfig: { minSize: pool.minNodes, maxSize: pool.maxNodes, desiredSize: pool.minNodes },
        labels: pool.nodeLabels,
        taints: [{ key: pool.taint.key, value: pool.taint.value, effect: eksTaintEffect(pool.taint.effect) }],
        // The default launches the new node first, for which scarce GPU capacity or the quota may have no room.
        updateConfig: { updateStrategy: "MINIMAL", maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
      },
      // Cluster Autoscaler owns the desired size: setting it back would stop nodes that serve.
      { parent: this, ignoreChanges: ["scalingConfig.desiredSize"] },
    );
    this.nodeGroupName = group.nodeGroupName;
    this.autoscalingGroupName = group.resources.apply(
      (resources) => resources[0]?.autoscalingGroups?.[0]?.name ?? "",
    );

    // Tags of a node group do not reach its auto scaling group.
    for (const [key, value] of Object.entries(poolAsgTags(pool, diskGiB))) {
      new Tag(
        `${name}-${asgTagName(key)}`,
        { autoscalingGroupName: this.autoscalingGroupName, tag: { key, value, propagateAtLaunch: false } },
        { parent: this },
      );
    }

    this.registerOutputs({
      nodeGroupName: this.nodeGroupName,
      autoscalingGroupName: this.autoscalingGroupName,
      pool,
    });
  }
}

function nodeGroupProblems({ diskGiB, subnetIds }: GpuNodeGroupArgs): Problem[] {
  const problems = wholeNumberProblems("diskGiB", diskGiB, gpuDiskGiB);
  if (Array.isArray(subnetIds) && subnetIds.length === 0)
    problems.push({ path: "subnetIds", value: [], message: "must name at least one private subnet" });
  return problems;
}
