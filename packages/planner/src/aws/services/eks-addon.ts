import type { AddonArgs } from "@pulumi/aws/eks";
import { type AccountView, define, type Plain, Refusals, type ResourceType } from "../definition";
import { minorOf } from "../kubernetes-versions";
import { Token } from "../tokens";
import { AwsError } from "../types";
import { clusterErrors } from "./eks-cluster";
import { nodeGroups } from "./eks-state";
import { serviceRoleErrors } from "./iam-trust";

interface Known {
  /** What EKS installs when the program names no version; kube-proxy's follows the cluster. */
  version: string;
  /** True when it runs as a Deployment: it is Active only once a node takes its pods. */
  needsNodes?: boolean;
}

/** Add-ons that EKS offers. Sources: https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html, community-addons.html */
const addons: Record<string, Known> = {
  "vpc-cni": { version: "v1.21.1-eksbuild.1" },
  "kube-proxy": { version: "v1.35.0-eksbuild.1" },
  "eks-pod-identity-agent": { version: "v1.3.10-eksbuild.1" },
  "eks-node-monitoring-agent": { version: "v1.4.2-eksbuild.1" },
  coredns: { version: "v1.12.4-eksbuild.1", needsNodes: true },
  "aws-ebs-csi-driver": { version: "v1.53.0-eksbuild.1", needsNodes: true },
  "aws-efs-csi-driver": { version: "v2.1.15-eksbuild.1", needsNodes: true },
  "aws-fsx-csi-driver": { version: "v1.6.0-eksbuild.1", needsNodes: true },
  "aws-mountpoint-s3-csi-driver": { version: "v2.2.0-eksbuild.1", needsNodes: true },
  "snapshot-controller": { version: "v8.3.0-eksbuild.1", needsNodes: true },
  "amazon-cloudwatch-observability": { version: "v4.6.0-eksbuild.1", needsNodes: true },
  "metrics-server": { version: "v0.8.0-eksbuild.5", needsNodes: true },
  "kube-state-metrics": { version: "v2.17.0-eksbuild.4", needsNodes: true },
  "prometheus-node-exporter": { version: "v1.10.2-eksbuild.1" },
  "cert-manager": { version: "v1.19.1-eksbuild.1", needsNodes: true },
  "external-dns": { version: "v0.19.0-eksbuild.3", needsNodes: true },
  "fluent-bit": { version: "v4.2.0-eksbuild.1" },
};

const invalid = (text: string) => () => new AwsError("InvalidParameterException", text);
const resolutions = ["NONE", "OVERWRITE", "PRESERVE"];

type Inputs = Plain<AddonArgs>;

function settingErrors(inputs: Inputs, account: AccountView): AwsError[] {
  const { addonName, addonVersion, configurationValues, resolveConflictsOnCreate: onCreate } = inputs;
  const cluster = account.find(Token.Cluster, inputs.clusterName);
  const minor = cluster && minorOf(String(cluster.outputs.version));
  const proxy = /^v1\.(\d+)\./.exec(addonVersion ?? "");
  const refusals = new Refusals()
    .when(
      !addons[addonName],
      invalid(`Addon ${addonName} is not supported: one of ${Object.keys(addons).sort().join(", ")}`),
    )
    .when(
      addonVersion !== undefined && !/^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(addonVersion),
      invalid(`Addon version specified is not supported: ${addonVersion} (the form is v1.2.3-eksbuild.4)`),
    )
    .when(
      addonName === "kube-proxy" && proxy !== null && minor !== undefined && Number(proxy[1]) !== minor,
      invalid(
        `Addon version specified is not supported: kube-proxy ${addonVersion} on a cluster of 1.${minor}`,
      ),
    )
    .when(
      onCreate !== undefined && !["NONE", "OVERWRITE"].includes(onCreate),
      invalid(`resolveConflictsOnCreate ${onCreate} must be NONE or OVERWRITE`),
    )
    .when(
      inputs.resolveConflictsOnUpdate !== undefined && !resolutions.includes(inputs.resolveConflictsOnUpdate),
      invalid(
        `resolveConflictsOnUpdate ${inputs.resolveConflictsOnUpdate} must be one of ${resolutions.join(", ")}`,
      ),
    );
  if (configurationValues !== undefined) {
    refusals.attempt(() => {
      try {
        JSON.parse(configurationValues);
      } catch {
        throw invalid("ConfigurationValue is not in valid JSON format")();
      }
    });
  }
  return refusals.errors;
}

/** An add-on with pods of its own stays Degraded until a node without a taint against them is there; Pulumi then gives up. */
function nodeErrors(inputs: Inputs, account: AccountView): AwsError[] {
  if (!addons[inputs.addonName]?.needsNodes) return [];
  const tolerates = inputs.configurationValues?.includes('"tolerations"') ?? false;
  const usable = nodeGroups(account).some(
    (group) =>
      group.clusterName === inputs.clusterName &&
      group.desired > 0 &&
      (tolerates || group.taints.every((taint) => taint.key === "CriticalAddonsOnly")),
  );
  return new Refusals().when(
    !usable,
    () =>
      new AwsError(
        "InsufficientNumberOfReplicas",
        `The add-on ${inputs.addonName} is unhealthy because it doesn't have the desired number of replicas: the cluster ${inputs.clusterName} has no node that takes its pods`,
      ),
  ).errors;
}

/** True when the cluster has the add-on. */
export function hasAddon(account: AccountView, clusterName: string, addonName: string): boolean {
  return account
    .all(Token.Addon)
    .some((addon) => addon.inputs.clusterName === clusterName && addon.inputs.addonName === addonName);
}

/** What the role of a service account needs. */
export function podRoleErrors(account: AccountView, roleArn: string): AwsError[] {
  const actions = ["sts:AssumeRole", "sts:TagSession"];
  return serviceRoleErrors(account, roleArn, "pods.eks.amazonaws.com", actions, "InvalidParameterException");
}

const addon = define<AddonArgs>(Token.Addon, {
  id: ({ inputs }) => `${inputs.clusterName}:${inputs.addonName}`,
  check: ({ inputs, account, existing }) => [
    ...clusterErrors(account, inputs.clusterName),
    ...new Refusals().when(
      !existing && hasAddon(account, inputs.clusterName, inputs.addonName),
      () => new AwsError("ResourceInUseException", `Addon already exists: ${inputs.addonName}`),
    ).errors,
    ...settingErrors(inputs, account),
    ...(existing ? [] : nodeErrors(inputs, account)),
    ...(inputs.podIdentityAssociations ?? []).flatMap((association) =>
      podRoleErrors(account, association.roleArn),
    ),
  ],
  outputs: ({ inputs, account }, id) => {
    const cluster = account.find(Token.Cluster, inputs.clusterName);
    const version =
      inputs.addonName === "kube-proxy"
        ? `v${cluster?.outputs.version}.0-eksbuild.1`
        : addons[inputs.addonName]?.version;
    return {
      arn: account.arn("eks", `addon/${id.replace(":", "/")}`),
      addonVersion: inputs.addonVersion ?? version,
      createdAt: "2026-01-01T00:00:00Z",
      modifiedAt: "2026-01-01T00:00:00Z",
    };
  },
});

/** Add-ons. Errors: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html */
export const addonTypes: ResourceType[] = [addon];
