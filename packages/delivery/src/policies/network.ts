import { retag, type TypePermissions, tagged } from "./grants";

/** The VPC and what is in it. See `table.ts`. */
export const networkPermissions: Record<string, TypePermissions> = {
  "aws:ec2/vpc:Vpc": {
    read: {
      region: [
        "ec2:DescribeVpcs",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
      ],
    },
    create: { newVpc: ["ec2:CreateVpc"], ec2Own: ["ec2:ModifyVpcAttribute"], ...tagged },
    update: retag,
    delete: { ec2Own: ["ec2:DeleteVpc"] },
  },
  "aws:ec2/subnet:Subnet": {
    read: { region: ["ec2:DescribeSubnets", "ec2:DescribeNetworkInterfaces"] },
    create: {
      newSubnet: ["ec2:CreateSubnet"],
      ec2Own: ["ec2:CreateSubnet", "ec2:ModifySubnetAttribute"],
      ...tagged,
    },
    update: retag,
    delete: { ec2Own: ["ec2:DeleteSubnet"] },
  },
  "aws:ec2/internetGateway:InternetGateway": {
    read: { region: ["ec2:DescribeInternetGateways"] },
    create: {
      newInternetGateway: ["ec2:CreateInternetGateway"],
      ec2Own: ["ec2:AttachInternetGateway"],
      ...tagged,
    },
    update: retag,
    delete: { ec2Own: ["ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"] },
  },
  "aws:ec2/eip:Eip": {
    read: { region: ["ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"] },
    create: { newAddress: ["ec2:AllocateAddress"], ...tagged },
    update: retag,
    delete: { ec2Own: ["ec2:DisassociateAddress", "ec2:ReleaseAddress"] },
  },
  "aws:ec2/natGateway:NatGateway": {
    read: { region: ["ec2:DescribeNatGateways"] },
    create: { newNatGateway: ["ec2:CreateNatGateway"], ec2Own: ["ec2:CreateNatGateway"], ...tagged },
    update: retag,
    delete: { ec2Own: ["ec2:DeleteNatGateway"] },
  },
  "aws:ec2/routeTable:RouteTable": {
    read: { region: ["ec2:DescribeRouteTables"] },
    create: { newRouteTable: ["ec2:CreateRouteTable"], ec2Own: ["ec2:CreateRouteTable"], ...tagged },
    update: retag,
    delete: { ec2Own: ["ec2:DisassociateRouteTable", "ec2:DeleteRouteTable"] },
  },
  "aws:ec2/route:Route": {
    read: { region: ["ec2:DescribeRouteTables"] },
    create: { ec2Own: ["ec2:CreateRoute"] },
    update: { ec2Own: ["ec2:ReplaceRoute"] },
    delete: { ec2Own: ["ec2:DeleteRoute"] },
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    read: { region: ["ec2:DescribeRouteTables"] },
    create: { ec2Own: ["ec2:AssociateRouteTable"] },
    update: { ec2Own: ["ec2:ReplaceRouteTableAssociation"] },
    delete: { ec2Own: ["ec2:DisassociateRouteTable"] },
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    read: { region: ["ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"] },
    create: { newVpcEndpoint: ["ec2:CreateVpcEndpoint"], ec2Own: ["ec2:CreateVpcEndpoint"], ...tagged },
    update: { ec2Own: ["ec2:ModifyVpcEndpoint", ...retag.ec2Own] },
    delete: { ec2Own: ["ec2:DeleteVpcEndpoints"] },
  },
  "aws:ec2/flowLog:FlowLog": {
    read: { region: ["ec2:DescribeFlowLogs"] },
    create: {
      newFlowLog: ["ec2:CreateFlowLogs"],
      ec2Own: ["ec2:CreateFlowLogs"],
      region: ["logs:CreateLogDelivery"],
      passRole: ["iam:PassRole"],
      ...tagged,
    },
    update: retag,
    delete: { ec2Own: ["ec2:DeleteFlowLogs"], region: ["logs:DeleteLogDelivery"] },
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    read: { region: ["ec2:DescribeSecurityGroupRules"] },
    create: { clusterSecurityGroup: ["ec2:AuthorizeSecurityGroupIngress"] },
    update: { clusterSecurityGroup: ["ec2:ModifySecurityGroupRules"] },
    delete: { clusterSecurityGroup: ["ec2:RevokeSecurityGroupIngress"] },
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    read: { region: ["ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"] },
    create: {
      defaultSecurityGroup: [
        "ec2:CreateTags",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
      ],
    },
    update: retag,
    // It is only forgotten: AWS deletes it with the VPC.
    delete: {},
  },
};
