import { Token } from "../../tokens";
import { requestTags } from "../request";
import {
  about,
  anywhere,
  ec2Create,
  ec2Known,
  ec2Resource,
  ec2Retag,
  ec2Self,
  none,
  type Scene,
  type TypeCalls,
  tagsOf,
} from "./scene";

const vpcOf = (scene: Scene) => ec2Known(scene, "vpc", Token.Vpc, scene.inputs.vpcId);
const subnetOf = (scene: Scene) => ec2Known(scene, "subnet", Token.Subnet, scene.inputs.subnetId);
const tableOf = (scene: Scene) => ec2Known(scene, "route-table", Token.RouteTable, scene.inputs.routeTableId);
const tablesOf = (scene: Scene) =>
  ((scene.inputs.routeTableIds ?? []) as string[]).map((id) =>
    ec2Known(scene, "route-table", Token.RouteTable, id),
  );

/** The group that AWS made with the VPC: it has no tags until it is taken over. */
const defaultGroup = (scene: Scene, tags: Record<string, string>) => {
  const vpc = scene.account.find(Token.Vpc, scene.inputs.vpcId);
  return ec2Resource(scene, "security-group", vpc?.outputs.defaultSecurityGroupId, tags);
};

/**
 * The VPC and what is in it. Source: internal/service/ec2 of hashicorp/terraform-provider-aws, from which @pulumi/aws 7.48
 * is made (files of 2025 and 2026, read 2026-11).
 */
export const networkCalls: Record<string, TypeCalls> = {
  // vpc_.go
  [Token.Vpc]: {
    create: (scene) => [
      ...ec2Create(scene, "CreateVpc", "vpc"),
      ...(scene.inputs.enableDnsHostnames === true
        ? about([ec2Self(scene, "vpc")], ["ec2:ModifyVpcAttribute"])
        : []),
    ],
    read: (scene) => [
      ...anywhere(
        "ec2:DescribeVpcs",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
      ),
      ...about([ec2Self(scene, "vpc")], ["ec2:DescribeVpcAttribute"]),
    ],
    update: { tags: ec2Retag("vpc") },
    delete: (scene) => about([ec2Self(scene, "vpc")], ["ec2:DeleteVpc"]),
  },
  // vpc_subnet.go; a delete first looks for interfaces that Lambda and others leave behind.
  [Token.Subnet]: {
    create: (scene) => ec2Create(scene, "CreateSubnet", "subnet", [vpcOf(scene)]),
    read: () => anywhere("ec2:DescribeSubnets"),
    update: { tags: ec2Retag("subnet") },
    delete: (scene) => [
      ...anywhere("ec2:DescribeNetworkInterfaces"),
      ...about([ec2Self(scene, "subnet")], ["ec2:DeleteSubnet"]),
    ],
  },
  // vpc_internet_gateway.go
  [Token.InternetGateway]: {
    create: (scene) => [
      ...ec2Create(scene, "CreateInternetGateway", "internet-gateway"),
      ...about([ec2Self(scene, "internet-gateway"), vpcOf(scene)], ["ec2:AttachInternetGateway"]),
    ],
    read: () => anywhere("ec2:DescribeInternetGateways"),
    update: { tags: ec2Retag("internet-gateway") },
    delete: (scene) => [
      ...about([ec2Self(scene, "internet-gateway"), vpcOf(scene)], ["ec2:DetachInternetGateway"]),
      ...about([ec2Self(scene, "internet-gateway")], ["ec2:DeleteInternetGateway"]),
    ],
  },
  // ec2_eip.go; an address is taken from its gateway only when a refresh has seen it there.
  [Token.Eip]: {
    create: (scene) => ec2Create(scene, "AllocateAddress", "elastic-ip"),
    read: () => anywhere("ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"),
    update: { tags: ec2Retag("elastic-ip") },
    delete: (scene) =>
      about([ec2Self(scene, "elastic-ip")], ["ec2:DisassociateAddress", "ec2:ReleaseAddress"]),
  },
  // vpc_nat_gateway.go
  [Token.NatGateway]: {
    create: (scene) =>
      ec2Create(scene, "CreateNatGateway", "natgateway", [
        subnetOf(scene),
        ec2Known(scene, "elastic-ip", Token.Eip, scene.inputs.allocationId),
      ]),
    read: () => anywhere("ec2:DescribeNatGateways"),
    update: { tags: ec2Retag("natgateway") },
    delete: (scene) => about([ec2Self(scene, "natgateway")], ["ec2:DeleteNatGateway"]),
  },
  // vpc_route_table.go; a delete first takes the table from the subnets that are left.
  [Token.RouteTable]: {
    create: (scene) => ec2Create(scene, "CreateRouteTable", "route-table", [vpcOf(scene)]),
    read: () => anywhere("ec2:DescribeRouteTables"),
    update: { tags: ec2Retag("route-table") },
    delete: (scene) =>
      about([ec2Self(scene, "route-table")], ["ec2:DisassociateRouteTable", "ec2:DeleteRouteTable"]),
  },
  // vpc_route.go
  [Token.Route]: {
    create: (scene) => about([tableOf(scene)], ["ec2:CreateRoute"]),
    read: () => anywhere("ec2:DescribeRouteTables"),
    update: Object.fromEntries(
      ["gatewayId", "natGatewayId"].map((target) => [
        target,
        (scene: Scene) => about([tableOf(scene)], ["ec2:ReplaceRoute"]),
      ]),
    ),
    delete: (scene) => about([tableOf(scene)], ["ec2:DeleteRoute"]),
  },
  // vpc_route_table_association.go
  [Token.RouteTableAssociation]: {
    create: (scene) => about([tableOf(scene), subnetOf(scene)], ["ec2:AssociateRouteTable"]),
    read: () => anywhere("ec2:DescribeRouteTables"),
    update: {
      routeTableId: (scene) => about([tableOf(scene), subnetOf(scene)], ["ec2:ReplaceRouteTableAssociation"]),
    },
    delete: (scene) => about([tableOf(scene), subnetOf(scene)], ["ec2:DisassociateRouteTable"]),
  },
  // vpc_endpoint.go; gateway endpoints have a prefix list.
  [Token.VpcEndpoint]: {
    create: (scene) => [
      ...ec2Create(scene, "CreateVpcEndpoint", "vpc-endpoint", [vpcOf(scene), ...tablesOf(scene)]),
      // EC2 looks at them in the name of the caller: "dependent actions" of the Service Authorization Reference.
      ...anywhere("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"),
    ],
    read: () => anywhere("ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"),
    update: {
      routeTableIds: (scene) =>
        about([ec2Self(scene, "vpc-endpoint"), ...tablesOf(scene)], ["ec2:ModifyVpcEndpoint"]),
      tags: ec2Retag("vpc-endpoint"),
    },
    delete: (scene) => about([ec2Self(scene, "vpc-endpoint")], ["ec2:DeleteVpcEndpoints"]),
  },
  // vpc_flow_log.go; the rights on log deliveries: CloudFormation's schema of AWS::EC2::FlowLog.
  [Token.FlowLog]: {
    create: (scene) => [
      ...ec2Create(scene, "CreateFlowLogs", "vpc-flow-log", [vpcOf(scene)]),
      ...about([{ arn: String(scene.inputs.iamRoleArn) }], ["iam:PassRole"], {
        "iam:PassedToService": "vpc-flow-logs.amazonaws.com",
      }),
      ...anywhere("logs:CreateLogDelivery"),
    ],
    read: () => anywhere("ec2:DescribeFlowLogs"),
    update: { tags: ec2Retag("vpc-flow-log") },
    delete: (scene) => [
      ...about([ec2Self(scene, "vpc-flow-log")], ["ec2:DeleteFlowLogs"]),
      ...anywhere("logs:DeleteLogDelivery"),
    ],
  },
  // vpc_default_security_group.go: the tags come first, then the rules that AWS made go. A delete only forgets it.
  [Token.DefaultSecurityGroup]: {
    create: (scene) => {
      const tags = tagsOf(scene.inputs);
      return [
        ...about([defaultGroup(scene, {})], ["ec2:CreateTags"], requestTags(tags)),
        ...anywhere("ec2:DescribeSecurityGroupRules"),
        ...about(
          [defaultGroup(scene, tags)],
          ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"],
        ),
      ];
    },
    read: () => anywhere("ec2:DescribeSecurityGroups"),
    update: { tags: ec2Retag("security-group") },
    delete: none,
  },
};
