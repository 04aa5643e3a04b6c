import type { RouteTableArgs } from "@pulumi/aws/ec2";
import type { ClusterArgs, NodeGroupArgs } from "@pulumi/aws/eks";
import { type AccountView, inputsOf, type Plain, Refusals } from "../definition";
import { Token } from "../tokens";
import { AwsError } from "../types";
import { hasAddon } from "./eks-addon";

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
