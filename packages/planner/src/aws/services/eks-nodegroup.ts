import type { LaunchTemplateArgs } from "@pulumi/aws/ec2";
import type { NodeGroupArgs } from "@pulumi/aws/eks";
import { type AccountView, define, inputsOf, type Plain, Refusals, type ResourceType } from "../definition";
import { uuid } from "../ids";
import { amiMismatch, instanceType, isAmiType } from "../instances";
import { clusterVersions, minorOf } from "../kubernetes-versions";
import { Token } from "../tokens";
import { AwsError, type SimulatedResource } from "../types";
import { subnetOf } from "./ec2-network";
import { clusterErrors } from "./eks-cluster";
import { joinErrors } from "./eks-join";
import { RequiredPolicy } from "./iam-managed";
import { attachedPolicies, roleByArn, serviceRoleErrors } from "./iam-trust";

type Inputs = Plain<NodeGroupArgs>;

const invalid = (text: string) => () => new AwsError("InvalidParameterException", text);

/** What EKS takes when the program says nothing. */
const defaults = {
  amiType: "AL2023_x86_64_STANDARD",
  capacityType: "ON_DEMAND",
  instanceTypes: ["t3.medium"],
};

function scalingErrors({ scalingConfig }: Inputs): AwsError[] {
  const { minSize, maxSize, desiredSize } = scalingConfig;
  return new Refusals()
    .when(minSize < 0, invalid(`minSize ${minSize} cannot be negative`))
    .when(maxSize < 1, invalid(`maxSize ${maxSize} must be at least 1`))
    .when(minSize > maxSize, invalid(`minSize ${minSize} can't be greater than maxSize ${maxSize}`))
    .when(
      desiredSize < minSize,
      invalid(`Minimum capacity ${minSize} can't be greater than desired size ${desiredSize}`),
    )
    .when(
      desiredSize > maxSize,
      invalid(`desired capacity ${desiredSize} can't be greater than max size ${maxSize}`),
    ).errors;
}

/** The template that the group names, when the program made it. */
function templateOf({ launchTemplate }: Inputs, account: AccountView): SimulatedResource | undefined {
  const { id, name } = launchTemplate ?? {};
  return account
    .all(Token.LaunchTemplate)
    .find((template) => (id === undefined ? template.inputs.name === name : template.id === id));
}

/** What may stand in the launch template, in the group, or in neither. Source: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html */
function templateErrors(inputs: Inputs, account: AccountView): AwsError[] {
  const { launchTemplate } = inputs;
  if (!launchTemplate) return [];
  const template = templateOf(inputs, account);
  const data = template && inputsOf<LaunchTemplateArgs>(template);
  const version = Number(launchTemplate.version);
  const latest = Number(template?.outputs.latestVersion ?? 0);
  return new Refusals()
    .when(
      (launchTemplate.id === undefined) === (launchTemplate.name === undefined),
      invalid("Either provide launch template ID or launch template name in the request."),
    )
    .when(!template, invalid(`Launch template ${launchTemplate.id ?? launchTemplate.name} does not exist`))
    .when(
      template !== undefined && Number.isInteger(version) && (version < 1 || version > latest),
      invalid(`Launch template version ${launchTemplate.version} does not exist: the latest is ${latest}`),
    )
    .when(inputs.diskSize !== undefined, invalid("Disk size must be specified within the launch template."))
    .when(
      inputs.remoteAccess !== undefined,
      invalid("Remote access configuration cannot be specified with a launch template."),
    )
    .when(
      data?.instanceType !== undefined && (inputs.instanceTypes ?? []).length > 0,
      invalid("Cannot specify instance types in launch template and API request"),
    )
    .when(
      data?.iamInstanceProfile !== undefined,
      invalid("Cannot specify instance profile in launch template"),
    )
    .when(
      data?.imageId !== undefined && inputs.amiType !== undefined && inputs.amiType !== "CUSTOM",
      invalid("You cannot specify an AMI Type when specifying a launch template with a custom AMI"),
    )
    .when(
      data?.imageId !== undefined && (inputs.version !== undefined || inputs.releaseVersion !== undefined),
      invalid("You cannot specify the field kubernetesVersion or releaseVersion when using custom AMIs."),
    )
    .when(
      (data?.networkInterfaces ?? []).some((card) => card.subnetId !== undefined),
      invalid("Cannot specify subnets in launch template"),
    ).errors;
}

function typesOf(inputs: Inputs, account: AccountView): string[] {
  const template = templateOf(inputs, account);
  const fromTemplate = template && inputsOf<LaunchTemplateArgs>(template).instanceType;
  const given = inputs.instanceTypes ?? [];
  if (given.length > 0) return given;
  return fromTemplate ? [fromTemplate] : defaults.instanceTypes;
}

function instanceErrors(inputs: Inputs, account: AccountView): AwsError[] {
  const { amiType = defaults.amiType, capacityType = defaults.capacityType } = inputs;
  const types = typesOf(inputs, account);
  const unknown = types.filter((type) => !instanceType(type));
  const mismatch = types
    .filter((type) => !unknown.includes(type))
    .map((type) => amiMismatch(type, amiType))
    .find((reason) => reason !== undefined);
  return new Refusals()
    .when(
      !isAmiType(amiType),
      invalid(`amiType ${amiType} is not offered (the AL2 types ended on 2025-11-26)`),
    )
    .when(
      unknown.length > 0,
      invalid(`The following supplied instance types do not exist: [${unknown.join(", ")}]`),
    )
    .when(isAmiType(amiType) && mismatch !== undefined, invalid(mismatch ?? ""))
    .when(
      !["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"].includes(capacityType),
      invalid(`capacityType ${capacityType} must be ON_DEMAND, SPOT or CAPACITY_BLOCK`),
    ).errors;
}

/** Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html; kubelet refuses to start with the last prefix. */
const reservedPrefixes = ["kubernetes.io/", "k8s.io/", "eks.amazonaws.com/", "node-role.kubernetes.io/"];
const taintEffects = ["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"];

function labelErrors({ labels = {}, taints = [], updateConfig }: Inputs): AwsError[] {
  const reserved = Object.keys(labels).find((key) =>
    reservedPrefixes.some((prefix) => key.startsWith(prefix)),
  );
  const malformed = Object.entries(labels).find(
    ([, value]) => !/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/.test(value),
  );
  const badEffect = taints.find((taint) => !taintEffects.includes(taint.effect));
  const { maxUnavailable, maxUnavailablePercentage } = updateConfig ?? {};
  return new Refusals()
    .when(
      reserved !== undefined,
      invalid(`Label cannot contain reserved prefixes [${reservedPrefixes.join(", ")}]: ${reserved}`),
    )
    .when(
      malformed !== undefined,
      invalid(`Label value '${malformed?.[1]}' of ${malformed?.[0]} is not valid`),
    )
    .when(
      badEffect !== undefined,
      invalid(`Taint effect '${badEffect?.effect}' must be one of ${taintEffects.join(", ")}`),
    )
    .when(taints.length > 50, invalid(`${taints.length} taints; at most 50`))
    .when(
      updateConfig !== undefined &&
        (maxUnavailable === undefined) === (maxUnavailablePercentage === undefined),
      invalid("Update config has exactly one of maxUnavailable and maxUnavailablePercentage"),
    ).errors;
}

/** The kubelet may be up to three minor versions older than the API server, never newer. Source: https://kubernetes.io/releases/version-skew-policy/ */
function versionErrors(inputs: Inputs, account: AccountView, existing?: SimulatedResource): AwsError[] {
  const cluster = account.find(Token.Cluster, inputs.clusterName);
  if (!cluster || inputs.version === undefined) return [];
  const ofCluster = String(cluster.outputs.version);
  const ofNodes = inputs.version;
  const before = existing && String(existing.outputs.version);
  return new Refusals()
    .when(
      !clusterVersions.includes(ofNodes),
      invalid(
        `Requested Nodegroup kubernetes version ${ofNodes} is not one of ${clusterVersions.join(", ")}`,
      ),
    )
    .when(
      minorOf(ofNodes) > minorOf(ofCluster),
      invalid(`Nodegroup Kubernetes version ${ofNodes} cannot be newer than the cluster's ${ofCluster}`),
    )
    .when(
      minorOf(ofNodes) < minorOf(ofCluster) - 3,
      invalid(
        `Nodegroup Kubernetes version ${ofNodes} is more than three minor versions behind the cluster's ${ofCluster}`,
      ),
    )
    .when(
      before !== undefined && minorOf(ofNodes) < minorOf(before),
      invalid(`Nodegroup Kubernetes version cannot go back from ${before} to ${ofNodes}`),
    ).errors;
}

const registryPolicies = [RequiredPolicy.RegistryRead, RequiredPolicy.RegistryPull];

function roleErrors({ nodeRoleArn }: Inputs, account: AccountView): AwsError[] {
  const role = roleByArn(account, nodeRoleArn);
  const attached = role ? attachedPolicies(account, role) : [];
  return [
    ...serviceRoleErrors(
      account,
      nodeRoleArn,
      "ec2.amazonaws.com",
      ["sts:AssumeRole"],
      "InvalidParameterException",
    ),
    ...new Refusals().when(
      role !== undefined &&
        (!attached.includes(RequiredPolicy.Node) ||
          !registryPolicies.some((name) => attached.includes(name))),
      invalid(
        `The provided role doesn't have the Amazon EKS Managed Policies associated with it. Please ensure the following policies are attached: ${RequiredPolicy.Node} and one of ${registryPolicies.join(", ")} (${nodeRoleArn})`,
      ),
    ).errors,
  ];
}

function subnetErrors(inputs: Inputs, account: AccountView): AwsError[] {
  const refusals = new Refusals();
  const placed = inputs.subnetIds.map((id) => refusals.attempt(() => subnetOf(account, id)));
  const cluster = account.find(Token.Cluster, inputs.clusterName);
  const vpcId = (cluster?.outputs.vpcConfig as { vpcId?: string } | undefined)?.vpcId;
  return refusals.when(inputs.subnetIds.length === 0, invalid("Subnets cannot be empty")).when(
    placed.some((subnet) => subnet !== undefined && vpcId !== undefined && subnet.vpcId !== vpcId),
    invalid("Subnets are not in the cluster's VPC"),
  ).errors;
}

const nodeGroup = define<NodeGroupArgs>(Token.NodeGroup, {
  nameProperty: "nodeGroupName",
  id: ({ inputs }) => `${inputs.clusterName}:${inputs.nodeGroupName}`,
  check: ({ inputs, account, existing }) => {
    const id = `${inputs.clusterName}:${inputs.nodeGroupName}`;
    return [
      ...clusterErrors(account, inputs.clusterName),
      ...new Refusals()
        .when(
          !existing && account.find(Token.NodeGroup, id) !== undefined,
          () =>
            new AwsError(
              "ResourceInUseException",
              `NodeGroup already exists with name ${inputs.nodeGroupName} and cluster name ${inputs.clusterName}`,
            ),
        )
        .when(
          !/^[0-9A-Za-z][\w-]{0,62}$/.test(inputs.nodeGroupName ?? ""),
          invalid(`Nodegroup name '${inputs.nodeGroupName}' must have 1 to 63 characters of A-Z a-z 0-9 - _`),
        ).errors,
      ...scalingErrors(inputs),
      ...templateErrors(inputs, account),
      ...instanceErrors(inputs, account),
      ...labelErrors(inputs),
      ...versionErrors(inputs, account, existing),
      ...roleErrors(inputs, account),
      ...subnetErrors(inputs, account),
      ...(existing ? [] : joinErrors(inputs, account)),
    ];
  },
  outputs: ({ seed, inputs, account, existing }, id) => {
    const cluster = account.find(Token.Cluster, inputs.clusterName);
    const group = `eks-${inputs.nodeGroupName}-${uuid("asg", inputs.clusterName, seed)}`;
    const template = templateOf(inputs, account);
    const path = `nodegroup/${id.replace(":", "/")}/${uuid("nodegroup", seed)}`;
    return {
      arn: account.arn("eks", path),
      status: "ACTIVE",
      amiType: inputs.amiType ?? defaults.amiType,
      capacityType: inputs.capacityType ?? defaults.capacityType,
      instanceTypes: typesOf(inputs, account),
      version: inputs.version ?? existing?.outputs.version ?? cluster?.outputs.version,
      releaseVersion: inputs.releaseVersion ?? `${inputs.version ?? cluster?.outputs.version}.0-20260701`,
      resources: [{ autoscalingGroups: [{ name: group }], remoteAccessSecurityGroupId: "" }],
      ...(inputs.launchTemplate
        ? { launchTemplate: { ...inputs.launchTemplate, id: template?.id, name: template?.inputs.name } }
        : { diskSize: inputs.diskSize ?? 20 }),
    };
  },
});

/** Managed node groups. Errors: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
export const nodeGroupTypes: ResourceType[] = [nodeGroup];
