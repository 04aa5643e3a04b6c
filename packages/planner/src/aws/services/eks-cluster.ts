import type { ClusterArgs } from "@pulumi/aws/eks";
import { parseCidr } from "../../../../../components/common/cidr";
import type { Properties } from "../../program/monitor";
import { type AccountView, define, inputsOf, type Plain, Refusals, type ResourceType } from "../definition";
import { hex } from "../ids";
import { clusterSecurityGroupId } from "../interfaces";
import { clusterVersions } from "../kubernetes-versions";
import { Token } from "../tokens";
import { transitionsOf } from "../transitions";
import { AwsError, type SimulatedResource } from "../types";
import { zonesWithoutEks } from "../zones";
import { subnetOf } from "./ec2-network";
import { securityGroupErrors } from "./ec2-security";
import { RequiredPolicy } from "./iam-managed";
import { attachedPolicies, roleByArn, serviceRoleErrors } from "./iam-trust";
import { keyErrors } from "./kms-logs";

const invalid = (text: string) => () => new AwsError("InvalidParameterException", text);

const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

type Inputs = Plain<ClusterArgs>;

/** Subnets in two zones, all in one network, none in a zone that EKS cannot use. */
function networkErrors({ vpcConfig }: Inputs, account: AccountView): AwsError[] {
  const refusals = new Refusals();
  const subnets = vpcConfig.subnetIds.map((id) => refusals.attempt(() => subnetOf(account, id)));
  const placed = subnets.filter((subnet) => subnet !== undefined);
  const unsupported = placed.find((subnet) => zonesWithoutEks.includes(subnet.zoneId));
  const zones = new Set(placed.map((subnet) => subnet.zone));
  const cidrs = vpcConfig.publicAccessCidrs ?? [];
  const bad = cidrs.find((cidr) => !parseCidr(cidr));
  return [
    ...refusals
      .when(
        placed.length > 0 && zones.size < 2,
        invalid("Subnets specified must be in at least two different AZs"),
      )
      .when(
        new Set(placed.map((subnet) => subnet.vpcId)).size > 1,
        invalid("Subnets specified must belong to the same VPC"),
      )
      .when(
        unsupported !== undefined,
        () =>
          new AwsError(
            "UnsupportedAvailabilityZoneException",
            `Cannot create cluster because ${unsupported?.zone} (${unsupported?.zoneId}), the targeted availability zone, does not currently have sufficient capacity to support the cluster`,
          ),
      )
      .when(bad !== undefined, invalid(`The following CIDRs are invalid in publicAccessCidrs: ${bad}`))
      .when(
        vpcConfig.endpointPublicAccess === false && vpcConfig.endpointPrivateAccess !== true,
        invalid("Private and public endpoint access cannot both be false"),
      )
      .when(
        vpcConfig.endpointPublicAccess === false && cidrs.length > 0,
        invalid("Public access CIDRs cannot be given while the public endpoint is off"),
      ).errors,
    ...(vpcConfig.securityGroupIds ?? []).flatMap((id) =>
      securityGroupErrors(account, id, "InvalidParameterException"),
    ),
  ];
}

/** The role must let EKS in and carry EKS's policy: without it, EKS could not clean up after itself either. */
function roleErrors({ roleArn }: Inputs, account: AccountView): AwsError[] {
  const code = "InvalidParameterException";
  const trust = serviceRoleErrors(account, roleArn, "eks.amazonaws.com", ["sts:AssumeRole"], code);
  const role = roleByArn(account, roleArn);
  const attached = role ? attachedPolicies(account, role) : [];
  return [
    ...trust,
    ...new Refusals().when(
      role !== undefined && !attached.includes(RequiredPolicy.Cluster),
      invalid(
        `The provided role doesn't have the Amazon EKS Managed Policies associated with it. Please ensure the following policy is attached: ${RequiredPolicy.Cluster} (${roleArn})`,
      ),
    ).errors,
  ];
}

function settingErrors(inputs: Inputs, account: AccountView): AwsError[] {
  const {
    name = "",
    version,
    encryptionConfig,
    accessConfig,
    kubernetesNetworkConfig,
    enabledClusterLogTypes,
  } = inputs;
  const mode = accessConfig?.authenticationMode;
  const service = kubernetesNetworkConfig?.serviceIpv4Cidr;
  const block = service === undefined ? undefined : parseCidr(service);
  const unknownLog = (enabledClusterLogTypes ?? []).find((type) => !logTypes.includes(type));
  return [
    ...new Refusals()
      .when(
        !/^[0-9A-Za-z][A-Za-z0-9\-_]{0,99}$/.test(name),
        invalid(
          `Cluster name '${name}' must match ^[0-9A-Za-z][A-Za-z0-9\\-_]* and have at most 100 characters`,
        ),
      )
      .when(
        version !== undefined && !clusterVersions.includes(version),
        invalid(`unsupported Kubernetes version ${version}: one of ${clusterVersions.join(", ")}`),
      )
      .when(
        mode !== undefined && !["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"].includes(mode),
        invalid(`authenticationMode ${mode} must be API, API_AND_CONFIG_MAP or CONFIG_MAP`),
      )
      .when(
        service !== undefined && (block === undefined || block.prefix < 12 || block.prefix > 24),
        invalid(`serviceIpv4Cidr ${service} must be a private network of /12 to /24`),
      )
      .when(unknownLog !== undefined, invalid(`log type ${unknownLog} must be one of ${logTypes.join(", ")}`))
      .when(
        encryptionConfig !== undefined && !encryptionConfig.resources.includes("secrets"),
        invalid("encryptionConfig.resources must be [secrets]"),
      )
      .when(
        inputs.upgradePolicy?.supportType !== undefined &&
          !["STANDARD", "EXTENDED"].includes(inputs.upgradePolicy.supportType),
        invalid(
          `upgradePolicy.supportType ${inputs.upgradePolicy?.supportType} must be STANDARD or EXTENDED`,
        ),
      ).errors,
    ...(encryptionConfig
      ? keyErrors(account, encryptionConfig.provider.keyArn, "InvalidParameterException")
      : []),
  ];
}

/** What a cluster keeps for good, and steps that EKS takes in one direction only. */
function transitionErrors(inputs: Inputs, existing: SimulatedResource, account: AccountView): AwsError[] {
  const lookup = (id: string) => {
    const outputs = account.find(Token.Subnet, id)?.outputs;
    return outputs && { zone: String(outputs.availabilityZone), vpcId: String(outputs.vpcId) };
  };
  // What the program did not say is as it is.
  const after = { ...existing.outputs, ...inputs } as Properties;
  return transitionsOf(Token.Cluster, existing.outputs, after, { was: lookup, is: lookup }).flatMap(
    ({ row: { answer }, step }) => (answer ? [new AwsError(answer.code, answer.message(step))] : []),
  );
}

const cluster = define<ClusterArgs>(Token.Cluster, {
  nameProperty: "name",
  id: ({ inputs }) => String(inputs.name),
  check: ({ inputs, account, existing }) => [
    ...new Refusals().when(
      existing === undefined && account.find(Token.Cluster, inputs.name) !== undefined,
      () => new AwsError("ResourceInUseException", `Cluster already exists with name: ${inputs.name}`),
    ).errors,
    ...settingErrors(inputs, account),
    ...networkErrors(inputs, account),
    ...roleErrors(inputs, account),
    ...(existing ? transitionErrors(inputs, existing, account) : []),
  ],
  outputs: ({ name, seed, inputs, account }, id) => {
    const { endpoint, certificateAuthority } = account.clusterEndpoint(id);
    const issuer = `https://oidc.eks.${account.region}.amazonaws.com/id/${hex(32, "oidc", seed).toUpperCase()}`;
    const [subnet] = inputs.vpcConfig.subnetIds;
    return {
      arn: account.arn("eks", `cluster/${id}`),
      endpoint,
      certificateAuthority: { data: certificateAuthority },
      version: inputs.version ?? clusterVersions.at(-1),
      platformVersion: "eks.1",
      status: "ACTIVE",
      createdAt: "2026-01-01T00:00:00Z",
      identities: [{ oidcs: [{ issuer }] }],
      accessConfig: { authenticationMode: "CONFIG_MAP", ...inputs.accessConfig },
      kubernetesNetworkConfig: {
        ipFamily: "ipv4",
        serviceIpv4Cidr: "172.20.0.0/16",
        ...inputs.kubernetesNetworkConfig,
      },
      upgradePolicy: { supportType: "EXTENDED", ...inputs.upgradePolicy },
      vpcConfig: {
        endpointPrivateAccess: false,
        endpointPublicAccess: true,
        publicAccessCidrs: ["0.0.0.0/0"],
        ...inputs.vpcConfig,
        vpcId: subnet === undefined ? undefined : account.find(Token.Subnet, subnet)?.outputs.vpcId,
        clusterSecurityGroupId: clusterSecurityGroupId({
          type: Token.Cluster,
          name,
          seed,
          id,
          inputs: {},
          outputs: {},
        }),
      },
    };
  },
  checkDelete: (resource, account) => {
    if (inputsOf<ClusterArgs>(resource).deletionProtection === true) {
      return new AwsError(
        "InvalidRequestException",
        `Cluster ${resource.id} has deletion protection enabled. Disable deletion protection before you delete it`,
      );
    }
    const groups = account.all(Token.NodeGroup).filter((group) => group.inputs.clusterName === resource.id);
    if (groups.length === 0) return undefined;
    return new AwsError(
      "ResourceInUseException",
      `Cluster has nodegroups attached: ${groups.map((group) => group.outputs.nodeGroupName).join(", ")}`,
    );
  },
});

/** Clusters. Errors: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html */
export const clusters: ResourceType[] = [cluster];

/** Refuses a cluster that does not exist. */
export function clusterErrors(account: AccountView, name: string): AwsError[] {
  if (account.find(Token.Cluster, name)) return [];
  return [new AwsError("ResourceNotFoundException", `No cluster found for name: ${name}.`)];
}
