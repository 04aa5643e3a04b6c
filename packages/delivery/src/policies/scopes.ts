import type { Conditions } from "@inference-platform/planner";
import { clusterTag } from "../../../../components/common/tags";

/**
 * What an action is limited to; a statement of a policy for each. Words in capitals are placeholders:
 * `npm run policies -- --account …` fills them in.
 */
export interface Scope {
  /** `Sid` of the statement. */
  sid: string;
  /** ARNs with placeholders. */
  resources: string[];
  condition?: Conditions;
}

/** Name of the stack's cluster, and the value of the tag that says what belongs to it. */
export const ownCluster = "inference-platform-STACK";

const arn = (service: string, resource: string, { region = "REGION", account = "ACCOUNT_ID" } = {}) =>
  `arn:PARTITION:${service}:${region}:${account}:${resource}`;
const ec2 = (kind: string) => arn("ec2", `${kind}/*`);
const eks = (path: string) => arn("eks", path);
export const iam = (path: string, account = "ACCOUNT_ID") => arn("iam", path, { region: "", account });

const inRegion: Conditions = { StringEquals: { "aws:RequestedRegion": "REGION" } };
/** Exact: `inference-platform-prod` is not `inference-platform-prod-eu`. */
export const ownTag: Conditions = { StringEquals: { [`aws:ResourceTag/${clusterTag}`]: ownCluster } };
const newTag: Conditions = { StringEquals: { [`aws:RequestTag/${clusterTag}`]: ownCluster } };
/** For what gets its first tags: nobody's yet. */
const unowned = { [`aws:ResourceTag/${clusterTag}`]: "true" };

const region: Scope = { sid: "Region", resources: ["*"], condition: inRegion };
/** Writes for which AWS knows no resource; apart, so that they are seen. */
const regionWrites: Scope = { ...region, sid: "RegionWrites" };
const ec2Own: Scope = { sid: "Ec2Own", resources: [arn("ec2", "*")], condition: ownTag };

/** The kind of resource that each of these requests makes: it must get the stack's tag. */
const created: Record<string, string> = {
  AllocateAddress: "elastic-ip",
  CreateFlowLogs: "vpc-flow-log",
  CreateInternetGateway: "internet-gateway",
  CreateLaunchTemplate: "launch-template",
  CreateNatGateway: "natgateway",
  CreateRouteTable: "route-table",
  CreateSubnet: "subnet",
  CreateVpc: "vpc",
  CreateVpcEndpoint: "vpc-endpoint",
};
/** Of those, the ones that are made in something: that must be the stack's too. */
const inSomething = [
  "CreateFlowLogs",
  "CreateNatGateway",
  "CreateRouteTable",
  "CreateSubnet",
  "CreateVpcEndpoint",
];

const newEc2: Record<string, Scope[]> = Object.fromEntries(
  Object.entries(created).map(([action, kind]) => [
    `ec2:${action}`,
    [
      { sid: action.replace(/^(Create|Allocate)/, "New"), resources: [ec2(kind)], condition: newTag },
      ...(inSomething.includes(action) ? [ec2Own] : []),
    ],
  ]),
);

/** Tags that come with the request that makes something; nothing else can be given the stack's tag by it. */
const ec2Tagging: Scope = {
  sid: "Ec2Tagging",
  resources: [arn("ec2", "*")],
  condition: {
    StringEquals: {
      ...newTag.StringEquals,
      "ec2:CreateAction": [...Object.keys(created), "RunInstances"],
    },
  },
};

/** AWS makes a VPC's default group without a tag; the first one may be the stack's, and its rules go afterwards. */
const defaultGroup: Scope = {
  sid: "DefaultSecurityGroup",
  resources: [ec2("security-group")],
  condition: { ...newTag, Null: unowned },
};

/** EKS tries a launch template in the name of whoever asks for the node group: only one that is the stack's starts something. */
const launch: Scope = {
  sid: "Launch",
  resources: [
    ...["instance", "volume", "network-interface", "security-group"].map(ec2),
    arn("ec2", "image/*", { account: "" }),
  ],
  condition: { ArnLike: { "ec2:LaunchTemplate": ec2("launch-template") } },
};

/** EKS makes the group of a cluster and tags it with the cluster's name; nobody else can give that tag. */
const clusterGroup: Scope = {
  sid: "ClusterSecurityGroup",
  resources: [ec2("security-group")],
  condition: { StringEquals: { "aws:ResourceTag/aws:eks:cluster-name": ownCluster } },
};
/** The rules of a group have no tags of their own. */
const rules: Scope = { sid: "SecurityGroupRules", resources: [ec2("security-group-rule")] };

const eksOwn: Scope = {
  sid: "EksOwn",
  resources: [
    eks(`cluster/${ownCluster}`),
    ...["nodegroup", "addon", "access-entry", "podidentityassociation"].map((kind) =>
      eks(`${kind}/${ownCluster}/*`),
    ),
  ],
};

/** EKS tags the groups of its nodes with the cluster's name. */
const autoScalingGroups: Scope = {
  sid: "AutoScalingGroups",
  resources: [arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/eks-*")],
  condition: { StringEquals: { "aws:ResourceTag/eks:cluster-name": ownCluster } },
};

const logsOwn: Scope = {
  sid: "LogsOwn",
  resources: ["vpc", "eks"].map((kind) => arn("logs", `log-group:/aws/${kind}/${ownCluster}/*`)),
};

const key = arn("kms", "key/*");
/** Something without an ARN of its own yet. */
const newHere: Scope = {
  sid: "NewHere",
  resources: ["*"],
  condition: { StringEquals: { ...inRegion.StringEquals, ...newTag.StringEquals } },
};
/** The tags of a key in the making. One that has an alias, or an owner, is not: nobody else's can be tagged as the stack's. */
const newKeyTag: Scope = {
  sid: "NewKeyTag",
  resources: [key],
  condition: { ...newTag, Null: { ...unowned, "kms:ResourceAliases": "true" } },
};
/**
 * What is needed seconds after a key is made: KMS knows its tags up to five minutes later ("ABAC for AWS KMS", KMS
 * Developer Guide). None of it opens or changes what others have.
 */
const keyYoung: Scope = { sid: "KeyYoung", resources: [key] };
const keysOwn: Scope = { sid: "KeysOwn", resources: [key], condition: ownTag };
/** Grants that EKS makes for the cluster's Secrets: nobody can use a key of others by it, only name it for a cluster. */
const keyGrants: Scope = {
  sid: "KeyGrants",
  resources: [key],
  condition: { StringEquals: { "kms:ViaService": "eks.REGION.amazonaws.com" } },
};
const aliasOwn: Scope = { sid: "AliasOwn", resources: [arn("kms", `alias/eks/${ownCluster}`)] };

const certificateArns = [arn("acm", "certificate/*")];
const certificates: Scope = { sid: "Certificates", resources: certificateArns };
const certificatesOwn: Scope = { sid: "CertificatesOwn", resources: certificateArns, condition: ownTag };
const newCertificateTag: Scope = {
  sid: "NewCertificateTag",
  resources: certificateArns,
  condition: { ...newTag, Null: unowned },
};
const zoneArn = "arn:PARTITION:route53:::hostedzone/HOSTED_ZONE_ID";
const zone: Scope = { sid: "Zone", resources: [zoneArn] };
const zoneRecords: Scope = {
  sid: "ZoneRecords",
  resources: [zoneArn],
  condition: {
    "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"] },
    "ForAllValues:StringLike": {
      "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["DOMAIN", "*.DOMAIN"],
    },
  },
};
const zoneChanges: Scope = { sid: "ZoneChanges", resources: ["arn:PARTITION:route53:::change/*"] };

/** Scopes of IAM that depend on the roles that the program makes; see `documents.ts`. */
export interface RoleScopes {
  /** The program's roles, by name. */
  named: Scope;
  /** The same, to get the stack's boundary: those that are older than it. */
  bound: Scope;
  /** Roles with the stack's boundary, those in the making included. */
  own: Scope;
  /** Managed policies that may be on them. */
  attach: Scope;
  /** The program's roles, to be given to the services that they trust. */
  pass: Scope;
  /** Roles that AWS makes for itself, and to look at them. */
  serviceLinked: Scope;
  serviceLinkedReads: Scope;
}

const all = (scopes: Scope[], ...actions: string[]): Record<string, Scope[]> =>
  Object.fromEntries(actions.map((action) => [action, scopes]));

const services = (service: string, scopes: Scope[], ...actions: string[]) =>
  all(scopes, ...actions.map((action) => `${service}:${action}`));

/** What each action is limited to. An action that is not here is not granted: the generator stops and names it. */
export function scopesOf(roles: RoleScopes): Record<string, Scope[]> {
  return {
    ...newEc2,
    ...services("ec2", [region], ...ec2Reads),
    "ec2:DescribeVpcAttribute": [region],
    ...services("ec2", [ec2Own], ...ec2Writes),
    "ec2:CreateTags": [ec2Tagging, ec2Own, defaultGroup],
    "ec2:RunInstances": [launch, ec2Own],
    "ec2:AuthorizeSecurityGroupIngress": [clusterGroup],
    "ec2:ModifySecurityGroupRules": [clusterGroup, rules],
    "ec2:RevokeSecurityGroupIngress": [ec2Own, clusterGroup],
    ...services("eks", [eksOwn], ...eksActions),
    // With the tags, EKS also asks for `eks:TagResource`, on the name that the cluster will have.
    "eks:CreateCluster": [newHere],
    ...services("autoscaling", [region], "DescribeAutoScalingGroups", "DescribeTags"),
    ...services("autoscaling", [autoScalingGroups], "CreateOrUpdateTags", "DeleteTags"),
    "logs:DescribeLogGroups": [region],
    ...services("logs", [regionWrites], "CreateLogDelivery", "DeleteLogDelivery"),
    ...services(
      "logs",
      [logsOwn],
      "CreateLogGroup",
      "DeleteLogGroup",
      "ListTagsForResource",
      "PutRetentionPolicy",
      "TagResource",
      "UntagResource",
    ),
    "kms:CreateKey": [newHere],
    "kms:TagResource": [newKeyTag, keysOwn],
    ...services(
      "kms",
      [keyYoung],
      "DescribeKey",
      "EnableKeyRotation",
      "GetKeyPolicy",
      "GetKeyRotationStatus",
      "ListResourceTags",
    ),
    "kms:CreateAlias": [aliasOwn, keyYoung],
    "kms:UpdateAlias": [aliasOwn, keyYoung],
    "kms:DeleteAlias": [aliasOwn, keysOwn],
    "kms:CreateGrant": [keyGrants],
    "kms:ListAliases": [region],
    ...services(
      "kms",
      [keysOwn],
      "DisableKeyRotation",
      "ScheduleKeyDeletion",
      "UntagResource",
      "UpdateKeyDescription",
    ),
    "acm:RequestCertificate": [newHere],
    "acm:AddTagsToCertificate": [newCertificateTag, certificatesOwn],
    ...services("acm", [certificates], "DescribeCertificate", "ListTagsForCertificate"),
    ...services("acm", [certificatesOwn], "DeleteCertificate", "RemoveTagsFromCertificate"),
    ...services("route53", [zone], "GetHostedZone", "ListResourceRecordSets"),
    "route53:ChangeResourceRecordSets": [zoneRecords],
    "route53:GetChange": [zoneChanges],
    "iam:GetRole": [roles.named, roles.serviceLinkedReads],
    ...services(
      "iam",
      [roles.named],
      "GetRolePolicy",
      "ListAttachedRolePolicies",
      "ListInstanceProfilesForRole",
      "ListRolePolicies",
      "TagRole",
      "UntagRole",
    ),
    ...services(
      "iam",
      [roles.own],
      "CreateRole",
      "DeleteRole",
      "DeleteRolePolicy",
      "PutRolePolicy",
      "UpdateAssumeRolePolicy",
      "UpdateRoleDescription",
    ),
    "iam:PutRolePermissionsBoundary": [roles.bound],
    ...services("iam", [roles.attach], "AttachRolePolicy", "DetachRolePolicy"),
    "iam:PassRole": [roles.pass],
    "iam:CreateServiceLinkedRole": [roles.serviceLinked],
  };
}

const ec2Reads = [
  "DescribeAddresses",
  "DescribeAddressesAttribute",
  "DescribeAvailabilityZones",
  "DescribeFlowLogs",
  "DescribeInternetGateways",
  "DescribeLaunchTemplateVersions",
  "DescribeLaunchTemplates",
  "DescribeNatGateways",
  "DescribeNetworkAcls",
  "DescribeNetworkInterfaces",
  "DescribePrefixLists",
  "DescribeRouteTables",
  "DescribeSecurityGroupRules",
  "DescribeSecurityGroups",
  "DescribeSubnets",
  "DescribeVpcEndpoints",
  "DescribeVpcs",
];

const ec2Writes = [
  "AssociateRouteTable",
  "AttachInternetGateway",
  "CreateLaunchTemplateVersion",
  "CreateRoute",
  "DeleteFlowLogs",
  "DeleteInternetGateway",
  "DeleteLaunchTemplate",
  "DeleteNatGateway",
  "DeleteRoute",
  "DeleteRouteTable",
  "DeleteSubnet",
  "DeleteTags",
  "DeleteVpc",
  "DeleteVpcEndpoints",
  "DetachInternetGateway",
  "DisassociateAddress",
  "DisassociateRouteTable",
  "ModifyLaunchTemplate",
  "ModifyVpcAttribute",
  "ModifyVpcEndpoint",
  "ReleaseAddress",
  "ReplaceRoute",
  "ReplaceRouteTableAssociation",
  "RevokeSecurityGroupEgress",
];

const eksActions = [
  "AssociateAccessPolicy",
  "CreateAccessEntry",
  "CreateAddon",
  "CreateNodegroup",
  "CreatePodIdentityAssociation",
  "DeleteAccessEntry",
  "DeleteAddon",
  "DeleteCluster",
  "DeleteNodegroup",
  "DeletePodIdentityAssociation",
  "DescribeAccessEntry",
  "DescribeAddon",
  "DescribeCluster",
  "DescribeNodegroup",
  "DescribePodIdentityAssociation",
  "DescribeUpdate",
  "DisassociateAccessPolicy",
  "ListAssociatedAccessPolicies",
  "TagResource",
  "UntagResource",
  "UpdateAccessEntry",
  "UpdateAddon",
  "UpdateClusterConfig",
  "UpdateClusterVersion",
  "UpdateNodegroupConfig",
  "UpdateNodegroupVersion",
  "UpdatePodIdentityAssociation",
];
