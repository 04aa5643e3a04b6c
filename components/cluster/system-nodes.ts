import { LaunchTemplate } from "@pulumi/aws/ec2";
import { NodeGroup } from "@pulumi/aws/eks";
import type * as pulumi from "@pulumi/pulumi";
import { wholeNumberProblems } from "../common/bounds";
import { below, type Problem } from "../common/problem";
import { repeatedProblems } from "../common/text";
import { cpuShape, unknownCpuType } from "../nodes/cpu-shapes";
import { nodeLaunchTemplateArgs } from "../nodes/launch-template";
import { systemDiskGiB } from "../nodes/limits";
import { systemNodeCount, systemNodesDefaults } from "./limits";

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

/** The arguments with every default in place. */
export function systemNodes(args: SystemNodesArgs = {}): Required<SystemNodesArgs> {
  return {
    instanceTypes: args.instanceTypes ?? systemNodesDefaults.instanceTypes,
    minNodes: args.minNodes ?? systemNodesDefaults.minNodes,
    maxNodes: args.maxNodes ?? Math.max(systemNodesDefaults.maxNodes, args.minNodes ?? 0),
    diskGiB: args.diskGiB ?? systemNodesDefaults.diskGiB,
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
  problems.push(...below(path, typeProblems(nodes.instanceTypes)));
  problems.push(
    ...repeatedProblems(`${path}.instanceTypes`, nodes.instanceTypes),
    ...wholeNumberProblems(`${path}.minNodes`, nodes.minNodes, systemNodeCount),
    ...wholeNumberProblems(`${path}.maxNodes`, nodes.maxNodes, systemNodeCount),
    ...wholeNumberProblems(`${path}.diskGiB`, nodes.diskGiB, systemDiskGiB),
  );
  if (nodes.minNodes > nodes.maxNodes)
    refuse("minNodes", nodes.minNodes, `must be at most maxNodes (${nodes.maxNodes})`);
  return problems;
}

function typeProblems(types: string[]): Problem[] {
  if (types.length === 0)
    return [{ path: "instanceTypes", value: [], message: "must name at least one instance type" }];
  const problems = types.flatMap((value, index): Problem[] => {
    const refuse = (message: string): Problem[] => [{ path: `instanceTypes[${index}]`, value, message }];
    if (!/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(value))
      return refuse("must be an EC2 instance type such as m7i.large");
    if (arm.test(value))
      return refuse("must have an x86-64 processor, which the image of the system nodes is for");
    if (accelerated.test(value))
      return refuse("must have no accelerator: system nodes would pay for one that nothing uses");
    return cpuShape(value) ? [] : refuse(unknownCpuType(value));
  });
  if (problems.length > 0) return problems;
  const shapes = types.map((type) => {
    const { vcpus, memoryGiB } = cpuShape(type) ?? {};
    return `${vcpus} vCPU, ${memoryGiB} GiB`;
  });
  if (new Set(shapes).size === 1) return [];
  const listed = types.map((type, index) => `${type} (${shapes[index]})`).join(", ");
  const message = `must all have the same vCPUs and memory, but are ${listed}`;
  const fix = "The autoscaler plans with one shape for a group: it would wait for nodes that are too small.";
  return [{ path: "instanceTypes", value: types, message, fix }];
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
