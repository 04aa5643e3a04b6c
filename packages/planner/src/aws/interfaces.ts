import type { NatGatewayArgs, VpcEndpointArgs } from "@pulumi/aws/ec2";
import type { ClusterArgs, NodeGroupArgs } from "@pulumi/aws/eks";
import { type AccountView, inputsOf } from "./definition";
import { ec2Id } from "./ids";
import { Token } from "./tokens";
import type { NetworkInterface, SimulatedResource } from "./types";

const vpcOf = (account: AccountView, subnetId: string): string =>
  String(account.find(Token.Subnet, subnetId)?.inputs.vpcId ?? "");

/** The id of the security group that EKS makes with a cluster. */
export function clusterSecurityGroupId(cluster: SimulatedResource): string {
  return ec2Id("sg", "eks-cluster-sg", cluster.seed);
}

/** The groups that EKS made in a VPC; they go with their clusters. */
export function clusterSecurityGroups(account: AccountView, vpcId: string): string[] {
  return account
    .all(Token.Cluster)
    .filter(
      (cluster) => vpcOf(account, inputsOf<ClusterArgs>(cluster).vpcConfig.subnetIds[0] ?? "") === vpcId,
    )
    .map(clusterSecurityGroupId);
}

/** The network interfaces of everything that the program made. */
export function ownedInterfaces(account: AccountView): NetworkInterface[] {
  return [
    ...natInterfaces(account),
    ...endpointInterfaces(account),
    ...clusterInterfaces(account),
    ...nodeInterfaces(account),
  ];
}

function inSubnets(
  account: AccountView,
  owner: SimulatedResource,
  description: string,
  subnetIds: string[],
  rest: { securityGroupIds?: string[]; publicAddress?: boolean } = {},
): NetworkInterface[] {
  return subnetIds.map((subnetId) => ({
    id: ec2Id("eni", owner.id, subnetId),
    vpcId: vpcOf(account, subnetId),
    subnetId,
    description: `${description} ${owner.id}`,
    securityGroupIds: rest.securityGroupIds ?? [],
    publicAddress: rest.publicAddress ?? false,
  }));
}

const natInterfaces = (account: AccountView) =>
  account.all(Token.NatGateway).flatMap((nat) => {
    const { subnetId, connectivityType } = inputsOf<NatGatewayArgs>(nat);
    const publicAddress = connectivityType !== "private";
    return subnetId ? inSubnets(account, nat, "NAT gateway", [subnetId], { publicAddress }) : [];
  });

const endpointInterfaces = (account: AccountView) =>
  account.all(Token.VpcEndpoint).flatMap((endpoint) => {
    const { subnetIds, securityGroupIds } = inputsOf<VpcEndpointArgs>(endpoint);
    return inSubnets(account, endpoint, "VPC endpoint", subnetIds ?? [], { securityGroupIds });
  });

const clusterInterfaces = (account: AccountView) =>
  account.all(Token.Cluster).flatMap((cluster) => {
    const { vpcConfig } = inputsOf<ClusterArgs>(cluster);
    const securityGroupIds = [...(vpcConfig.securityGroupIds ?? []), clusterSecurityGroupId(cluster)];
    return inSubnets(account, cluster, "EKS cluster", vpcConfig.subnetIds, { securityGroupIds });
  });

const nodeInterfaces = (account: AccountView) =>
  account.all(Token.NodeGroup).flatMap((group) => {
    const { subnetIds, launchTemplate } = inputsOf<NodeGroupArgs>(group);
    const template = account.find(Token.LaunchTemplate, launchTemplate?.id);
    const securityGroupIds = (template?.inputs.vpcSecurityGroupIds ?? []) as string[];
    return inSubnets(account, group, "nodes of", subnetIds, { securityGroupIds });
  });
