import { LaunchTemplate } from "@pulumi/aws/ec2";
import { NodeGroup } from "@pulumi/aws/eks";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../common/problem";
import { nodeLaunchTemplateArgs } from "../nodes/launch-template";

/** The nodes for everything that needs no GPU: add-ons, controllers, monitoring, Redis, CPU model servers. */
export interface SystemNodesArgs {
  /** x86-64 instance types without a GPU, in order of preference. @default m7i.large */
  instanceTypes?: string[];
  /** Lowest number of nodes, at least 1. @default 2 */
  minNodes?: number;
  /** Highest number of nodes, at least `minNodes`. @default 4 */
  maxNodes?: number;
  /** Root volume of a node, GiB, 20 to 16384. @default 50 */
  diskGiB?: number;
}

const defaults = { instanceTypes: ["m7i.large"], minNodes: 2, maxNodes: 4, diskGiB: 50 };

/** The arguments with every default in place. */
export function systemNodes(args: SystemNodesArgs = {}): Required<SystemNodesArgs> {
  return {
    instanceTypes: args.instanceTypes ?? defaults.instanceTypes,
    minNodes: args.minNodes ?? defaults.minNodes,
    maxNodes: args.maxNodes ?? Math.max(defaults.maxNodes, args.minNodes ?? 0),
    diskGiB: args.diskGiB ?? defaults.diskGiB,
  };
}

/** Families with a GPU or another accelerator: `g5`, `gr6`, `p4d`, `inf2`, `trn1`. */
const accelerated = /^(g|gr|p|inf|trn|dl|vt|f)\d/;
/** Families with an ARM processor: a `g` after the generation (`m7g`, `c7gn`, `g5g`, `p6e-gb200`), and `a1`. */
const arm = /^([a-z]+\d+[a-z-]*g[a-z0-9]*|a1)\./;

/** What is wrong with the nodes asked for; `path` is the property that holds them. */
export function systemNodesProblems(path: string, nodes: Required<SystemNodesArgs>): Problem[] {
  const problems: Problem[] = [];
  const refuse = (property: string, value: unknown, message: string) =>
    problems.push({ path: `${path}.${property}`, value, message });
  if (nodes.instanceTypes.length === 0) refuse("instanceTypes", [], "must name at least one instance type");
  nodes.instanceTypes.forEach((type, index) => {
    const property = `instanceTypes[${index}]`;
    if (!/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(type)) {
      refuse(property, type, "must be an EC2 instance type such as m7i.large");
    } else if (arm.test(type)) {
      refuse(property, type, "must have an x86-64 processor, which the image of the system nodes is for");
    } else if (accelerated.test(type)) {
      refuse(property, type, "must have no accelerator: system nodes would pay for one that nothing uses");
    }
  });
  if (!Number.isInteger(nodes.minNodes) || nodes.minNodes < 1) {
    refuse(
      "minNodes",
      nodes.minNodes,
      "must be a whole number of at least 1: DNS and the autoscaler run there",
    );
  }
  if (!Number.isInteger(nodes.maxNodes) || nodes.maxNodes < nodes.minNodes || nodes.maxNodes > 450) {
    refuse("maxNodes", nodes.maxNodes, `must be a whole number from minNodes (${nodes.minNodes}) to 450`);
  }
  if (!Number.isInteger(nodes.diskGiB) || nodes.diskGiB < 20 || nodes.diskGiB > 16384) {
    refuse("diskGiB", nodes.diskGiB, "must be a whole number from 20 (the image's own size) to 16384");
  }
  return problems;
}

/** What the node group needs of its cluster. */
export interface SystemNodesTarget {
  /** Prefix of the resources' names. */
  name: string;
  clusterName: string;
  /** Kubernetes version of the nodes. */
  version: string;
  /** The cluster's name, known once it exists. */
  cluster: pulumi.Output<string>;
  /** ARN of the nodes' role, known once nodes can become ready. */
  nodeRoleArn: pulumi.Output<string>;
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  parent: pulumi.Resource;
}

/** A managed node group over all private subnets. */
export function createSystemNodes(target: SystemNodesTarget, nodes: Required<SystemNodesArgs>): NodeGroup {
  const { name, clusterName, parent } = target;
  const template = new LaunchTemplate(
    `${name}-system`,
    nodeLaunchTemplateArgs({ clusterName, nodeGroupName: "system", diskGiB: nodes.diskGiB }),
    { parent },
  );
  // The name is left to Pulumi: instance types cannot be changed in place, and the new group must fit beside the old.
  return new NodeGroup(
    `${name}-system`,
    {
      clusterName: target.cluster,
      nodeRoleArn: target.nodeRoleArn,
      subnetIds: target.subnetIds,
      version: target.version,
      amiType: "AL2023_x86_64_STANDARD",
      instanceTypes: nodes.instanceTypes,
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      scalingConfig: { minSize: nodes.minNodes, desiredSize: nodes.minNodes, maxSize: nodes.maxNodes },
      labels: { "inference-platform/pool": "system" },
      updateConfig: { maxUnavailablePercentage: 33 },
      nodeRepairConfig: { enabled: true },
    },
    {
      parent,
      ignoreChanges: ["scalingConfig.desiredSize"], // The Cluster Autoscaler sets it.
    },
  );
}
