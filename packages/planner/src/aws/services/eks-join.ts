import type { RouteTableArgs } from "@pulumi/aws/ec2";
import type { AddonArgs, ClusterArgs, NodeGroupArgs, PodIdentityAssociationArgs } from "@pulumi/aws/eks";
import { type AccountView, inputsOf, type Plain, Refusals } from "../definition";
import { Token } from "../tokens";
import { AwsError } from "../types";
import { hasAddon } from "./eks-addon";
import { RequiredPolicy } from "./iam-managed";
import { attachedPolicies, roleByArn } from "./iam-trust";

const anywhere = "0.0.0.0/0";

/** Where a subnet's route table sends what is for the internet; undefined when nowhere. */
function wayOut(account: AccountView, subnetId: string): { gatewayId?: unknown } | undefined {
  const vpcId = account.find(Token.Subnet, subnetId)?.inputs.vpcId;
  const association = account
    .all(Token.RouteTableAssociation)
    .find((candidate) => candidate.inputs.subnetId === subnetId);
  const tableId =
    association?.inputs.routeTableId ?? account.find(Token.Vpc, vpcId)?.outputs.mainRouteTableId;
  const table = account.find(Token.RouteTable, tableId);
  const inline =
    table && inputsOf<RouteTableArgs>(table).routes?.find((route) => route.cidrBlock === anywhere);
  const separate = account
    .all(Token.Route)
    .find(({ inputs }) => inputs.routeTableId === tableId && inputs.destinationCidrBlock === anywhere);
  return inline ?? separate?.inputs;
}

/** True when images can be pulled inside of the VPC. */
function hasRegistryEndpoint(account: AccountView, subnetId: string): boolean {
  const vpcId = account.find(Token.Subnet, subnetId)?.inputs.vpcId;
  return account
    .all(Token.VpcEndpoint)
    .some(({ inputs }) => inputs.vpcId === vpcId && String(inputs.serviceName).endsWith(".ecr.dkr"));
}

const agent = "eks-pod-identity-agent";

/** True when the CNI's pods on the nodes get credentials: their own, through the agent or by IRSA, or the nodes'. */
function cniHasCredentials(
  { clusterName, nodeRoleArn }: Plain<NodeGroupArgs>,
  account: AccountView,
): boolean {
  const addon = account.find(Token.Addon, `${clusterName}:vpc-cni`);
  const own = addon && inputsOf<AddonArgs>(addon);
  const role = roleByArn(account, nodeRoleArn);
  const associated =
    (own?.podIdentityAssociations ?? []).length > 0 ||
    account
      .all(Token.PodIdentityAssociation)
      .some(({ inputs }) => inputs.clusterName === clusterName && inputs.serviceAccount === "aws-node");
  return (
    (associated && hasAddon(account, clusterName, agent)) ||
    own?.serviceAccountRoleArn !== undefined ||
    (role !== undefined && attachedPolicies(account, role).includes(RequiredPolicy.Cni))
  );
}

/** Pod identities that AWS accepts although no pod can use them: their cluster has no agent. */
export function agentlessIdentities(account: AccountView): AwsError[] {
  return account
    .all(Token.PodIdentityAssociation)
    .map((association) => inputsOf<PodIdentityAssociationArgs>(association))
    .filter(({ clusterName }) => !hasAddon(account, clusterName, agent))
    .map(
      ({ clusterName, namespace, serviceAccount }) =>
        new AwsError(
          "InvalidRequestException",
          `${namespace}/${serviceAccount} cannot get credentials: the cluster ${clusterName} has no ${agent} add-on`,
        ),
    );
}

/**
 * Why new nodes would not become Ready. EKS finds that out after 15 to 30 minutes: it waits for the nodes, then gives
 * up on the group.
 */
export function joinErrors(inputs: Plain<NodeGroupArgs>, account: AccountView): AwsError[] {
  const cluster = account.find(Token.Cluster, inputs.clusterName);
  if (!cluster || inputs.scalingConfig.desiredSize === 0) return [];
  // Without the self-managed add-ons, a cluster has no CNI until the add-on is there.
  const bare = inputsOf<ClusterArgs>(cluster).bootstrapSelfManagedAddons === false;
  const failure = (text: string) =>
    new AwsError("NodeCreationFailure", `Instances failed to join the kubernetes cluster: ${text}`);
  const refusals = new Refusals().when(bare && !hasAddon(account, inputs.clusterName, "vpc-cni"), () =>
    failure(`container runtime network not ready, ${inputs.clusterName} has no vpc-cni add-on yet`),
  );
  refusals.when(bare && refusals.errors.length === 0 && !cniHasCredentials(inputs, account), () =>
    failure(
      `the CNI has no credentials: attach ${RequiredPolicy.Cni} to the nodes' role, or give the add-on vpc-cni a pod identity and the cluster the add-on ${agent}`,
    ),
  );
  for (const subnetId of inputs.subnetIds) {
    const subnet = account.find(Token.Subnet, subnetId);
    if (!subnet) continue;
    const out = wayOut(account, subnetId);
    refusals
      .when(!out && !hasRegistryEndpoint(account, subnetId), () =>
        failure(`${subnetId} ${subnet.name} has no route to the internet, and its VPC no endpoint for ECR`),
      )
      .when(
        String(out?.gatewayId ?? "").startsWith("igw-") && subnet.inputs.mapPublicIpOnLaunch !== true,
        () =>
          new AwsError(
            "Ec2SubnetInvalidConfiguration",
            `One or more Amazon EC2 Subnets of [${subnetId}] does not automatically assign public IP addresses to instances launched into it`,
          ),
      );
  }
  return refusals.errors;
}
