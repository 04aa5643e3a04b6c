import type { DefaultSecurityGroupArgs, LaunchTemplateArgs, SecurityGroupArgs } from "@pulumi/aws/ec2";
import type { SecurityGroupEgressRuleArgs, SecurityGroupIngressRuleArgs } from "@pulumi/aws/vpc";
import { parseCidr } from "../../../../../components/common/cidr";
import { type AccountView, define, Refusals, type ResourceType } from "../definition";
import { ec2Id } from "../ids";
import { instanceType } from "../instances";
import { clusterSecurityGroupId } from "../interfaces";
import { Token } from "../tokens";
import { AwsError } from "../types";
import { vpcErrors } from "./ec2-network";

/** Refuses a security group that nothing made: neither the program, nor a VPC, nor a cluster. */
export function securityGroupErrors(
  account: AccountView,
  id: string,
  code = "InvalidGroup.NotFound",
): AwsError[] {
  const known =
    account.find(Token.SecurityGroup, id) ||
    account.all(Token.Vpc).some((vpc) => vpc.outputs.defaultSecurityGroupId === id) ||
    account.all(Token.Cluster).some((cluster) => clusterSecurityGroupId(cluster) === id);
  return known ? [] : [new AwsError(code, `The security group '${id}' does not exist`)];
}

interface Rule {
  cidrBlocks?: string[];
  fromPort: number;
  toPort: number;
  protocol: string;
}

function ruleErrors(rules: Rule[] | undefined): AwsError[] {
  return (rules ?? []).flatMap((rule) => {
    const bad = (rule.cidrBlocks ?? []).filter((cidr) => !parseCidr(cidr));
    const all = rule.protocol === "-1";
    return new Refusals()
      .when(bad.length > 0, () => new AwsError("InvalidParameterValue", `CIDR block ${bad[0]} is malformed`))
      .when(
        all && (rule.fromPort !== 0 || rule.toPort !== 0),
        () =>
          new AwsError(
            "InvalidParameterValue",
            "Protocol -1 (all) takes no ports: fromPort and toPort must be 0",
          ),
      )
      .when(
        !all && rule.fromPort > rule.toPort && rule.protocol !== "icmp",
        () =>
          new AwsError(
            "InvalidParameterValue",
            `Invalid TCP/UDP port range (${rule.fromPort}:${rule.toPort})`,
          ),
      ).errors;
  });
}

const defaultSecurityGroup = define<DefaultSecurityGroupArgs>(Token.DefaultSecurityGroup, {
  id: ({ inputs, account, seed }) =>
    String(account.find(Token.Vpc, inputs.vpcId)?.outputs.defaultSecurityGroupId ?? ec2Id("sg", seed)),
  check: ({ inputs, account }) => [
    ...vpcErrors(account, inputs.vpcId),
    ...ruleErrors(inputs.ingress),
    ...ruleErrors(inputs.egress),
  ],
  outputs: ({ account }, id) => ({
    arn: account.arn("ec2", `security-group/${id}`),
    name: "default",
    description: "default VPC security group",
    ownerId: account.accountId,
  }),
});

const securityGroup = define<SecurityGroupArgs>(Token.SecurityGroup, {
  nameProperty: "name",
  id: ({ seed }) => ec2Id("sg", seed),
  check: ({ inputs, account, existing }) => {
    const same = account
      .all(Token.SecurityGroup)
      .find(
        (other) =>
          other !== existing && other.inputs.name === inputs.name && other.inputs.vpcId === inputs.vpcId,
      );
    return [
      ...vpcErrors(account, inputs.vpcId),
      ...ruleErrors(inputs.ingress),
      ...ruleErrors(inputs.egress),
      ...new Refusals()
        .when(
          same !== undefined,
          () => new AwsError("InvalidGroup.Duplicate", `The security group '${inputs.name}' already exists`),
        )
        .when(
          inputs.name?.startsWith("sg-") ?? false,
          () => new AwsError("InvalidParameterValue", "Group names may not be in the format sg-*"),
        ).errors,
    ];
  },
  outputs: ({ inputs, account }, id) => ({
    arn: account.arn("ec2", `security-group/${id}`),
    ownerId: account.accountId,
    description: inputs.description ?? "Managed by Pulumi",
  }),
  checkDelete: (resource, account) => {
    const users = account.interfaces().filter((entry) => entry.securityGroupIds.includes(resource.id));
    if (users.length === 0) return undefined;
    return new AwsError(
      "DependencyViolation",
      `resource ${resource.id} has a dependent object: ${users.map((entry) => entry.description).join(", ")}`,
    );
  },
});

type SeparateRule = SecurityGroupIngressRuleArgs | SecurityGroupEgressRuleArgs;

const separateRule = (token: string) =>
  define<SeparateRule>(token, {
    id: ({ seed }) => ec2Id("sgr", seed),
    check: ({ inputs, account }) => {
      const sources = [
        inputs.cidrIpv4,
        inputs.cidrIpv6,
        inputs.prefixListId,
        inputs.referencedSecurityGroupId,
      ];
      return [
        ...securityGroupErrors(account, inputs.securityGroupId),
        ...(inputs.referencedSecurityGroupId
          ? securityGroupErrors(account, inputs.referencedSecurityGroupId)
          : []),
        ...new Refusals()
          .when(
            sources.filter(Boolean).length !== 1,
            () => new AwsError("InvalidParameterCombination", "A rule has exactly one source or destination"),
          )
          .when(
            inputs.cidrIpv4 !== undefined && !parseCidr(inputs.cidrIpv4),
            () => new AwsError("InvalidParameterValue", `CIDR block ${inputs.cidrIpv4} is malformed`),
          ).errors,
      ];
    },
    outputs: ({ account }, id) => ({
      securityGroupRuleId: id,
      arn: account.arn("ec2", `security-group-rule/${id}`),
    }),
  });

const launchTemplate = define<LaunchTemplateArgs>(Token.LaunchTemplate, {
  nameProperty: "name",
  id: ({ seed }) => ec2Id("lt", seed),
  check: ({ inputs, account, existing }) => {
    const same = account
      .all(Token.LaunchTemplate)
      .find((other) => other !== existing && other.inputs.name === inputs.name);
    const { httpPutResponseHopLimit: hops, httpTokens: tokens } = inputs.metadataOptions ?? {};
    const sizes = (inputs.blockDeviceMappings ?? [])
      .map((mapping) => mapping.ebs)
      .filter((ebs) => ebs !== undefined);
    return [
      ...(inputs.vpcSecurityGroupIds ?? []).flatMap((id) => securityGroupErrors(account, id)),
      ...new Refusals()
        .when(
          same !== undefined,
          () =>
            new AwsError(
              "InvalidLaunchTemplateName.AlreadyExistsException",
              `Launch template name already in use: ${inputs.name}`,
            ),
        )
        .when(
          !/^[a-zA-Z0-9().\-/_]{3,128}$/.test(inputs.name ?? ""),
          () =>
            new AwsError(
              "InvalidLaunchTemplateName.MalformedException",
              `A launch template name must be between 3 and 128 characters of a-z, A-Z, 0-9, ( ) . - / _: ${inputs.name}`,
            ),
        )
        .when(
          hops !== undefined && (hops < 1 || hops > 64),
          () => new AwsError("InvalidParameterValue", `httpPutResponseHopLimit ${hops} must be 1 to 64`),
        )
        .when(
          tokens !== undefined && !["required", "optional"].includes(tokens),
          () => new AwsError("InvalidParameterValue", `httpTokens ${tokens} must be required or optional`),
        )
        .when(
          inputs.instanceType !== undefined && !instanceType(inputs.instanceType),
          () =>
            new AwsError("InvalidInstanceType", `The instance type '${inputs.instanceType}' does not exist`),
        ).errors,
      ...sizes.flatMap((ebs) => volumeErrors(account, ebs)),
    ];
  },
  outputs: ({ inputs, account, existing }, id) => {
    const unchanged = existing && templateData(existing.inputs) === templateData(inputs);
    const version = existing ? Number(existing.outputs.latestVersion) + (unchanged ? 0 : 1) : 1;
    const moves = inputs.updateDefaultVersion ?? false;
    return {
      arn: account.arn("ec2", `launch-template/${id}`),
      latestVersion: version,
      defaultVersion:
        inputs.defaultVersion ?? (moves ? version : Number(existing?.outputs.defaultVersion ?? 1)),
    };
  },
  checkDelete: (resource, account) => {
    // EC2 would delete it, but the node group could never be updated again; EKS reports the group as degraded.
    const user = account
      .all(Token.NodeGroup)
      .find((group) => (group.inputs.launchTemplate as { id?: string } | undefined)?.id === resource.id);
    return (
      user &&
      new AwsError("Ec2LaunchTemplateNotFound", `${resource.id} is still used by the node group ${user.id}`)
    );
  },
});

/** What a new version is made of; tags of the template itself and the default's number are not. */
function templateData(inputs: Record<string, unknown>): string {
  const { tags: _tags, defaultVersion: _default, updateDefaultVersion: _moves, ...data } = inputs;
  return JSON.stringify(data);
}

interface Volume {
  volumeSize?: number;
  volumeType?: string;
  iops?: number;
  throughput?: number;
  encrypted?: string;
  kmsKeyId?: string;
}

/** Limits of gp3: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html */
function volumeErrors(account: AccountView, volume: Volume): AwsError[] {
  const { volumeSize = 8, iops = 3000, throughput = 125 } = volume;
  const gp3 = volume.volumeType === "gp3";
  const invalid = (text: string) => () => new AwsError("InvalidParameterValue", text);
  return new Refusals()
    .when(
      volumeSize < 1 || volumeSize > 65_536,
      invalid(`Volume of ${volumeSize} GiB is not between 1 and 65536`),
    )
    .when(
      gp3 && (iops < 3000 || iops > 80_000),
      invalid(`Volume iops of ${iops} is not between 3000 and 80000`),
    )
    .when(
      gp3 && iops > Math.max(3000, volumeSize * 500),
      invalid(`Volume iops of ${iops} is more than 500 per GiB of ${volumeSize} GiB`),
    )
    .when(
      gp3 && (throughput < 125 || throughput > 2000),
      invalid(`Volume throughput of ${throughput} MiB/s is not between 125 and 2000`),
    )
    .when(
      gp3 && throughput > iops * 0.25,
      invalid(`Volume throughput of ${throughput} MiB/s is more than 0.25 per iops of ${iops}`),
    )
    .when(
      volume.kmsKeyId !== undefined &&
        !account.all(Token.Key).some((key) => key.outputs.arn === volume.kmsKeyId),
      () => new AwsError("InvalidKmsKey.NotFound", `The KMS key ${volume.kmsKeyId} does not exist`),
    ).errors;
}

/** Security groups and launch templates. Errors: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const security: ResourceType[] = [
  defaultSecurityGroup,
  securityGroup,
  separateRule(Token.SecurityGroupIngressRule),
  separateRule(Token.SecurityGroupEgressRule),
  launchTemplate,
];
