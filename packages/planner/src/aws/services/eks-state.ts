import type { SubnetArgs } from "@pulumi/aws/ec2";
import type { AccessEntryArgs, ClusterArgs, NodeGroupArgs } from "@pulumi/aws/eks";
import { type AccountView, inputsOf } from "../definition";
import { Token } from "../tokens";
import { AwsError, type NodeGroupState, type SimulatedResource } from "../types";

/** The role behind an STS session; any other ARN as it is. EKS knows roles, not their sessions. */
export function issuerOf(principalArn: string): string {
  const session = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(principalArn);
  return session ? `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` : principalArn;
}

/** Principals with an access entry: those of the program and those that EKS makes for its node groups. */
export function entryPrincipals(account: AccountView, clusterName: string): string[] {
  const inCluster = (resource: SimulatedResource) => resource.inputs.clusterName === clusterName;
  const cluster = account.find(Token.Cluster, clusterName);
  const bootstrap =
    cluster && inputsOf<ClusterArgs>(cluster).accessConfig?.bootstrapClusterCreatorAdminPermissions;
  return [
    ...account
      .all(Token.AccessEntry)
      .filter(inCluster)
      .map((entry) => inputsOf<AccessEntryArgs>(entry).principalArn),
    ...account
      .all(Token.NodeGroup)
      .filter(inCluster)
      .map((group) => inputsOf<NodeGroupArgs>(group).nodeRoleArn),
    ...(cluster && bootstrap !== false ? [issuerOf(account.callerArn)] : []),
  ];
}

/** True when the API server lets the principal in: it has an entry with a policy or groups, or is the creator. */
export function accessAllowed(account: AccountView, principalArn: string, clusterName: string): boolean {
  const principal = issuerOf(principalArn);
  const cluster = account.find(Token.Cluster, clusterName);
  if (!cluster) return false;
  const bootstrap = inputsOf<ClusterArgs>(cluster).accessConfig?.bootstrapClusterCreatorAdminPermissions;
  if (bootstrap !== false && principal === issuerOf(account.callerArn)) return true;
  const mine = (resource: SimulatedResource) =>
    resource.inputs.clusterName === clusterName && resource.inputs.principalArn === principal;
  const entry = account.all(Token.AccessEntry).find(mine);
  const grouped = entry !== undefined && (inputsOf<AccessEntryArgs>(entry).kubernetesGroups ?? []).length > 0;
  return entry !== undefined && (grouped || account.all(Token.AccessPolicyAssociation).some(mine));
}

const effects: Record<string, string> = {
  NO_SCHEDULE: "NoSchedule",
  NO_EXECUTE: "NoExecute",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
};

interface ScalingConfig {
  minSize: number;
  maxSize: number;
  desiredSize: number;
}

/** Outputs hold what is true now, inputs what the program last asked for. */
const scalingOf = (group: SimulatedResource) => group.outputs.scalingConfig as ScalingConfig;

/** The managed node groups as the autoscaler and the nodes' stand-in see them. */
export function nodeGroups(account: AccountView): NodeGroupState[] {
  return account.all(Token.NodeGroup).map((group) => {
    const inputs = inputsOf<NodeGroupArgs>(group);
    const { minSize, maxSize, desiredSize } = scalingOf(group);
    const subnets = inputs.subnetIds.map((id) => account.find(Token.Subnet, id)?.outputs);
    return {
      id: group.id,
      clusterName: inputs.clusterName,
      name: String(group.outputs.nodeGroupName),
      autoScalingGroup: autoScalingGroupOf(group),
      instanceTypes: group.outputs.instanceTypes as string[],
      amiType: String(group.outputs.amiType),
      capacityType: String(group.outputs.capacityType),
      version: String(group.outputs.version),
      labels: inputs.labels ?? {},
      taints: (inputs.taints ?? []).map((taint) => ({
        key: taint.key,
        value: taint.value ?? "",
        effect: effects[taint.effect] ?? taint.effect,
      })),
      zones: [
        ...new Set(subnets.map((subnet) => String((subnet as SubnetArgs | undefined)?.availabilityZone))),
      ].sort(),
      min: minSize,
      max: maxSize,
      desired: desiredSize,
    };
  });
}

/** The name of the group's Auto Scaling group. */
export function autoScalingGroupOf(group: SimulatedResource): string {
  const [resources] = group.outputs.resources as { autoscalingGroups: { name: string }[] }[];
  return resources?.autoscalingGroups[0]?.name ?? "";
}

/**
 * Sets the number of nodes, as an autoscaler does: the program's inputs stay as they are.
 * @throws AwsError ValidationError, as the Auto Scaling API words it.
 */
export function setDesiredCapacity(account: AccountView, name: string, desired: number): SimulatedResource {
  const group = account.all(Token.NodeGroup).find((candidate) => autoScalingGroupOf(candidate) === name);
  if (!group) throw new AwsError("ValidationError", `AutoScalingGroup name not found - ${name}`);
  const { minSize, maxSize } = scalingOf(group);
  if (desired > maxSize) {
    throw new AwsError(
      "ValidationError",
      `New SetDesiredCapacity value ${desired} is above max value ${maxSize} for the AutoScalingGroup.`,
    );
  }
  if (desired < minSize) {
    throw new AwsError(
      "ValidationError",
      `New SetDesiredCapacity value ${desired} is below min value ${minSize} for the AutoScalingGroup.`,
    );
  }
  group.outputs = { ...group.outputs, scalingConfig: { minSize, maxSize, desiredSize: desired } };
  return group;
}
