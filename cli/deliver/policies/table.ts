import type { TargetName } from "./targets";

/** Actions by what they are allowed on. */
export type Grants = Partial<Record<TargetName, string[]>>;

/** The part of the platform that a type belongs to: each makes one policy file of the deploying role. */
export const Area = { Network: "network", Cluster: "cluster", Access: "access" } as const;
export type Area = (typeof Area)[keyof typeof Area];

/** What the provider calls for one type of resource. */
export interface TypePermissions {
  area: Area;
  read: Grants;
  create: Grants;
  /** Absent: every change replaces it, or is made with the actions of `create`. */
  update?: Grants;
  delete: Grants;
}

const retag = { ec2Own: ["ec2:CreateTags", "ec2:DeleteTags"] };
const tagged = { ec2Tagging: ["ec2:CreateTags"] };

/**
 * IAM actions for every AWS type that the stacks contain. Actions and which resources they can be limited to:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/; which of them a type needs: the `handlers` of
 * its CloudFormation schema and the calls of the Terraform provider that @pulumi/aws is made from. A type that is not
 * here fails the test and `npm run policies`.
 */
export const permissions: Record<string, TypePermissions> = {
  "aws:ec2/vpc:Vpc": {
    area: Area.Network,
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
    area: Area.Network,
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
    area: Area.Network,
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
    area: Area.Network,
    read: { region: ["ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"] },
    create: { newAddress: ["ec2:AllocateAddress"], ...tagged },
    update: retag,
    delete: { ec2Own: ["ec2:DisassociateAddress", "ec2:ReleaseAddress"] },
  },
  "aws:ec2/natGateway:NatGateway": {
    area: Area.Network,
    read: { region: ["ec2:DescribeNatGateways"] },
    create: { newNatGateway: ["ec2:CreateNatGateway"], ec2Own: ["ec2:CreateNatGateway"], ...tagged },
    update: retag,
    delete: { ec2Own: ["ec2:DeleteNatGateway"] },
  },
  "aws:ec2/routeTable:RouteTable": {
    area: Area.Network,
    read: { region: ["ec2:DescribeRouteTables"] },
    create: { newRouteTable: ["ec2:CreateRouteTable"], ec2Own: ["ec2:CreateRouteTable"], ...tagged },
    update: retag,
    delete: { ec2Own: ["ec2:DisassociateRouteTable", "ec2:DeleteRouteTable"] },
  },
  "aws:ec2/route:Route": {
    area: Area.Network,
    read: { region: ["ec2:DescribeRouteTables"] },
    create: { ec2Own: ["ec2:CreateRoute"] },
    update: { ec2Own: ["ec2:ReplaceRoute"] },
    delete: { ec2Own: ["ec2:DeleteRoute"] },
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    area: Area.Network,
    read: { region: ["ec2:DescribeRouteTables"] },
    create: { ec2Own: ["ec2:AssociateRouteTable"] },
    update: { ec2Own: ["ec2:ReplaceRouteTableAssociation"] },
    delete: { ec2Own: ["ec2:DisassociateRouteTable"] },
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    area: Area.Network,
    read: { region: ["ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"] },
    create: { newVpcEndpoint: ["ec2:CreateVpcEndpoint"], ec2Own: ["ec2:CreateVpcEndpoint"], ...tagged },
    update: { ec2Own: ["ec2:ModifyVpcEndpoint", ...retag.ec2Own] },
    delete: { ec2Own: ["ec2:DeleteVpcEndpoints"] },
  },
  "aws:ec2/flowLog:FlowLog": {
    area: Area.Network,
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
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    area: Area.Network,
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
  "aws:ec2/launchTemplate:LaunchTemplate": {
    area: Area.Cluster,
    read: { region: ["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"] },
    create: { newLaunchTemplate: ["ec2:CreateLaunchTemplate"], ...tagged },
    update: { ec2Own: ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", ...retag.ec2Own] },
    delete: { ec2Own: ["ec2:DeleteLaunchTemplate"] },
  },
  "aws:eks/cluster:Cluster": {
    area: Area.Cluster,
    read: { eksOwn: ["eks:DescribeCluster", "eks:DescribeUpdate", "eks:ListTagsForResource"] },
    create: {
      region: ["eks:CreateCluster"],
      eksOwn: ["eks:TagResource"],
      keysOwn: ["kms:DescribeKey", "kms:CreateGrant"],
      passRole: ["iam:PassRole"],
      serviceLinkedRoles: ["iam:CreateServiceLinkedRole"],
    },
    update: {
      eksOwn: [
        "eks:AssociateEncryptionConfig",
        "eks:UntagResource",
        "eks:UpdateClusterConfig",
        "eks:UpdateClusterVersion",
      ],
    },
    delete: { eksOwn: ["eks:DeleteCluster"] },
  },
  "aws:eks/nodeGroup:NodeGroup": {
    area: Area.Cluster,
    read: { eksOwn: ["eks:DescribeNodegroup", "eks:DescribeUpdate", "eks:ListTagsForResource"] },
    create: {
      eksOwn: ["eks:CreateNodegroup", "eks:TagResource"],
      launch: ["ec2:RunInstances"],
      passRole: ["iam:PassRole"],
      serviceLinkedRoles: ["iam:CreateServiceLinkedRole"],
      ...tagged,
    },
    update: { eksOwn: ["eks:UntagResource", "eks:UpdateNodegroupConfig", "eks:UpdateNodegroupVersion"] },
    delete: { eksOwn: ["eks:DeleteNodegroup"] },
  },
  "aws:eks/addon:Addon": {
    area: Area.Cluster,
    read: {
      eksOwn: ["eks:DescribeAddon", "eks:DescribePodIdentityAssociation", "eks:DescribeUpdate"],
    },
    create: {
      eksOwn: ["eks:CreateAddon", "eks:CreatePodIdentityAssociation", "eks:TagResource"],
      passRole: ["iam:PassRole"],
    },
    update: { eksOwn: ["eks:UpdateAddon", "eks:UpdatePodIdentityAssociation", "eks:UntagResource"] },
    delete: { eksOwn: ["eks:DeleteAddon", "eks:DeletePodIdentityAssociation"] },
  },
  "aws:eks/accessEntry:AccessEntry": {
    area: Area.Cluster,
    read: { eksOwn: ["eks:DescribeAccessEntry"] },
    create: { eksOwn: ["eks:CreateAccessEntry", "eks:TagResource"] },
    update: { eksOwn: ["eks:UpdateAccessEntry", "eks:UntagResource"] },
    delete: { eksOwn: ["eks:DeleteAccessEntry"] },
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    area: Area.Cluster,
    read: { eksOwn: ["eks:ListAssociatedAccessPolicies"] },
    create: { eksOwn: ["eks:AssociateAccessPolicy"] },
    delete: { eksOwn: ["eks:DisassociateAccessPolicy"] },
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    area: Area.Cluster,
    read: { eksOwn: ["eks:DescribePodIdentityAssociation"] },
    create: { eksOwn: ["eks:CreatePodIdentityAssociation", "eks:TagResource"], passRole: ["iam:PassRole"] },
    update: { eksOwn: ["eks:UpdatePodIdentityAssociation", "eks:UntagResource"] },
    delete: { eksOwn: ["eks:DeletePodIdentityAssociation"] },
  },
  "aws:autoscaling/tag:Tag": {
    area: Area.Cluster,
    read: { region: ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeTags"] },
    create: { autoScalingGroups: ["autoscaling:CreateOrUpdateTags"] },
    delete: { autoScalingGroups: ["autoscaling:DeleteTags"] },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    area: Area.Access,
    read: { region: ["logs:DescribeLogGroups"], logsOwn: ["logs:ListTagsForResource"] },
    create: { logsOwn: ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"] },
    update: { logsOwn: ["logs:DeleteRetentionPolicy", "logs:UntagResource"] },
    delete: { logsOwn: ["logs:DeleteLogGroup"] },
  },
  "aws:iam/role:Role": {
    area: Area.Access,
    read: {
      roles: [
        "iam:GetRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
        "iam:ListRoleTags",
      ],
    },
    create: { roles: ["iam:CreateRole", "iam:TagRole"] },
    update: {
      roles: ["iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UntagRole"],
    },
    delete: { roles: ["iam:DeleteRole"] },
  },
  "aws:iam/rolePolicy:RolePolicy": {
    area: Area.Access,
    read: { roles: ["iam:GetRolePolicy"] },
    create: { roles: ["iam:PutRolePolicy"] },
    delete: { roles: ["iam:DeleteRolePolicy"] },
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    area: Area.Access,
    read: { roles: ["iam:ListAttachedRolePolicies"] },
    create: { attach: ["iam:AttachRolePolicy"] },
    delete: { attach: ["iam:DetachRolePolicy"] },
  },
  "aws:kms/key:Key": {
    area: Area.Access,
    read: {
      keysOwn: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    },
    create: { newKey: ["kms:CreateKey", "kms:TagResource"], keysOwn: ["kms:EnableKeyRotation"] },
    update: {
      keysOwn: [
        "kms:DisableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
      ],
    },
    delete: { keysOwn: ["kms:ScheduleKeyDeletion"] },
  },
  "aws:kms/alias:Alias": {
    area: Area.Access,
    read: { region: ["kms:ListAliases"] },
    // Allowed on both: the alias and the key.
    create: { aliasOwn: ["kms:CreateAlias"], keysOwn: ["kms:CreateAlias"] },
    update: { aliasOwn: ["kms:UpdateAlias"], keysOwn: ["kms:UpdateAlias"] },
    delete: { aliasOwn: ["kms:DeleteAlias"], keysOwn: ["kms:DeleteAlias"] },
  },
  "aws:acm/certificate:Certificate": {
    area: Area.Access,
    read: { certificates: ["acm:DescribeCertificate", "acm:ListTagsForCertificate"] },
    create: { region: ["acm:RequestCertificate"], certificates: ["acm:AddTagsToCertificate"] },
    update: { certificates: ["acm:RemoveTagsFromCertificate", "acm:UpdateCertificateOptions"] },
    delete: { certificates: ["acm:DeleteCertificate"] },
  },
  "aws:acm/certificateValidation:CertificateValidation": {
    area: Area.Access,
    read: { certificates: ["acm:DescribeCertificate"] },
    create: {},
    delete: {},
  },
  "aws:route53/record:Record": {
    area: Area.Access,
    read: {
      zone: ["route53:GetHostedZone", "route53:ListResourceRecordSets"],
      zoneChanges: ["route53:GetChange"],
    },
    create: { zoneRecords: ["route53:ChangeResourceRecordSets"] },
    delete: { zoneRecords: ["route53:ChangeResourceRecordSets"] },
  },
};

/** What the program looks up while it runs; the identity of the caller needs no permission. */
export const lookups: Grants = {
  region: ["ec2:DescribeAvailabilityZones"],
  runners: ["iam:GetRole"],
};

/** Reading the state and its secrets: a preview writes neither. */
export const stateRead: Grants = {
  stateBucket: ["s3:ListBucket", "s3:GetBucketLocation"],
  stateObjects: ["s3:GetObject"],
  secretsKey: ["kms:Decrypt"],
};

/** Writing the state, its lock and its history. */
export const stateWrite: Grants = { stateObjects: ["s3:PutObject", "s3:DeleteObject"] };
