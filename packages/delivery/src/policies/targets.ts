/**
 * What a statement of a role policy is about. The capital words are placeholders: `npm run policies -- --account ...`
 * fills them in.
 */
export interface Target {
  /** ARNs with placeholders. */
  resources: string[];
  /** Condition block of the statement. */
  condition?: Record<string, Record<string, string | string[]>>;
}

/** Words in the policy files that stand for values of an account. */
export const placeholders = [
  "ACCOUNT_ID",
  "REGION",
  "STACK",
  "OWNER/REPOSITORY",
  "STATE_BUCKET",
  "HOSTED_ZONE_ID",
] as const;

/** Name of the stack's cluster, with which the `Name` of everything in EC2 begins. */
const own = "inference-platform-STACK";

const ec2 = (type: string) => `arn:aws:ec2:REGION:ACCOUNT_ID:${type}/*`;
const eks = (path: string) => `arn:aws:eks:REGION:ACCOUNT_ID:${path}`;
const inRegion = { StringEquals: { "aws:RequestedRegion": "REGION" } };
const ownTag = { StringLike: { "aws:ResourceTag/Name": `${own}*` } };
const newTag = { StringLike: { "aws:RequestTag/Name": `${own}*` } };

/** An EC2 resource in the making: it must get a `Name` of the stack's. */
const made = (type: string): Target => ({ resources: [ec2(type)], condition: newTag });

/** Targets that do not depend on the program; those of roles are made from the plans. */
export const targets = {
  /** Reads, and the few writes for which AWS knows no resource. */
  region: { resources: ["*"], condition: inRegion },
  /** Services without regions. */
  global: { resources: ["*"] },
  ec2Own: { resources: [ec2("*")], condition: ownTag },
  ec2Tagging: {
    resources: [ec2("*")],
    // Tags that come with a create request; other resources cannot be given the stack's name.
    condition: {
      ...newTag,
      StringEquals: {
        "ec2:CreateAction": [
          "AllocateAddress",
          "CreateFlowLogs",
          "CreateInternetGateway",
          "CreateLaunchTemplate",
          "CreateNatGateway",
          "CreateRouteTable",
          "CreateSubnet",
          "CreateVpc",
          "CreateVpcEndpoint",
          "RunInstances",
        ],
      },
    },
  },
  newVpc: made("vpc"),
  newSubnet: made("subnet"),
  newInternetGateway: made("internet-gateway"),
  newAddress: made("elastic-ip"),
  newNatGateway: made("natgateway"),
  newRouteTable: made("route-table"),
  newVpcEndpoint: made("vpc-endpoint"),
  newFlowLog: made("vpc-flow-log"),
  newLaunchTemplate: made("launch-template"),
  // AWS makes a VPC's default group, without a tag by which it could be told from others.
  defaultSecurityGroup: { resources: [ec2("security-group")] },
  // EKS makes it and names it itself; the tag with the cluster's name is its own too.
  clusterSecurityGroup: {
    resources: [ec2("security-group")],
    condition: { StringEquals: { "aws:ResourceTag/aws:eks:cluster-name": own } },
  },
  // EKS tries the template in the name of whoever asks for the node group.
  launch: {
    resources: ["*"],
    condition: { ArnLike: { "ec2:LaunchTemplate": ec2("launch-template") }, ...inRegion },
  },
  eksOwn: {
    resources: [
      eks(`cluster/${own}`),
      ...["nodegroup", "addon", "access-entry", "podidentityassociation"].map((kind) =>
        eks(`${kind}/${own}/*`),
      ),
    ],
  },
  autoScalingGroups: {
    resources: ["arn:aws:autoscaling:REGION:ACCOUNT_ID:autoScalingGroup:*:autoScalingGroupName/eks-*"],
  },
  logsOwn: {
    resources: [
      `arn:aws:logs:REGION:ACCOUNT_ID:log-group:/aws/vpc/${own}/*`,
      `arn:aws:logs:REGION:ACCOUNT_ID:log-group:/aws/eks/${own}/*`,
    ],
  },
  newKey: { resources: ["*"], condition: { ...inRegion, ...newTag } },
  keysOwn: { resources: ["arn:aws:kms:REGION:ACCOUNT_ID:key/*"], condition: ownTag },
  aliasOwn: { resources: [`arn:aws:kms:REGION:ACCOUNT_ID:alias/eks/${own}`] },
  certificates: { resources: ["arn:aws:acm:REGION:ACCOUNT_ID:certificate/*"] },
  zone: { resources: ["arn:aws:route53:::hostedzone/HOSTED_ZONE_ID"] },
  zoneRecords: {
    resources: ["arn:aws:route53:::hostedzone/HOSTED_ZONE_ID"],
    condition: {
      "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"] },
    },
  },
  zoneChanges: { resources: ["arn:aws:route53:::change/*"] },
  // The role that runs Pulumi: its session's ARN lacks the role's path.
  runners: { resources: ["arn:aws:iam::ACCOUNT_ID:role/inference-platform-*"] },
  stateBucket: { resources: ["arn:aws:s3:::STATE_BUCKET"] },
  stateObjects: { resources: ["arn:aws:s3:::STATE_BUCKET/*"] },
  // The key is found by its alias: its id differs between accounts.
  secretsKey: {
    resources: ["arn:aws:kms:REGION:ACCOUNT_ID:key/*"],
    condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/pulumi-secrets" } },
  },
} satisfies Record<string, Target>;

/** Targets made from what the plans contain: see `documents.ts`. */
export const plannedTargets = ["roles", "passRole", "attach", "serviceLinkedRoles"] as const;

export type TargetName = keyof typeof targets | (typeof plannedTargets)[number];
