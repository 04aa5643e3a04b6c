import { Addon, type AddonArgs, type NodeGroup } from "@pulumi/aws/eks";
import type * as pulumi from "@pulumi/pulumi";
import { managedPolicyArn } from "../common/partition";
import { gpuResource } from "../gpu/names";
import { podIdentityRole } from "./pod-identity";

/** The cluster that add-ons are installed in. */
export interface AddonTarget {
  /** Prefix of the resources' names. */
  name: string;
  clusterName: pulumi.Output<string>;
  region: string;
  /** Versions by add-on name. */
  versions: Record<string, string>;
  /** ARN of the permissions boundary of the roles. @default none */
  permissionsBoundaryArn?: string;
  parent: pulumi.Resource;
}

/**
 * What a node needs to become ready: pod networking, credentials for pods, Service addresses. They are daemon sets, so
 * they install without nodes; a node that comes before them stays `NotReady` and its group fails.
 */
export function createNodeAddons(target: AddonTarget): Addon[] {
  const cniRoleArn = podIdentityRole(
    `${target.name}-vpc-cni`,
    "Pods of kube-system/aws-node",
    { ...identityOf(target), managedPolicyArns: [managedPolicyArn(target.region, "AmazonEKS_CNI_Policy")] },
    target.parent,
  );
  return [
    addon(target, "vpc-cni", {
      podIdentityAssociations: [{ serviceAccount: "aws-node", roleArn: cniRoleArn }],
      // Without it NetworkPolicies are accepted and ignored. The schema wants text, not a boolean.
      configurationValues: JSON.stringify({ enableNetworkPolicy: "true" }),
    }),
    addon(target, "eks-pod-identity-agent"),
    addon(target, "kube-proxy"),
  ];
}

/** What the roles of the add-ons have in common. */
const identityOf = ({ clusterName, permissionsBoundaryArn }: AddonTarget) => ({
  clusterName,
  permissionsBoundaryArn,
});

/**
 * The agent's own GPU watcher tolerates no taint by default: it would never run on GPU nodes, the agent would call
 * their GPUs broken, and node repair would replace healthy nodes (containers-roadmap 2567, 2555).
 */
const monitoringAgentValues = {
  dcgmAgent: { tolerations: [{ key: gpuResource, operator: "Exists", effect: "NoSchedule" }] },
};

/** What runs on the system nodes: names, volumes, resource metrics, node health. */
export function createClusterAddons(target: AddonTarget, nodes: NodeGroup): Addon[] {
  const csiRoleArn = podIdentityRole(
    `${target.name}-ebs-csi`,
    "Pods of kube-system/ebs-csi-controller-sa",
    // V2 limits the driver to volumes that carry its own tag.
    {
      ...identityOf(target),
      managedPolicyArns: [managedPolicyArn(target.region, "AmazonEBSCSIDriverPolicyV2")],
    },
    target.parent,
  );
  const afterNodes = { dependsOn: nodes }; // An add-on with a Deployment stays degraded until its pods have a node.
  return [
    addon(target, "coredns", {}, afterNodes),
    addon(
      target,
      "aws-ebs-csi-driver",
      { podIdentityAssociations: [{ serviceAccount: "ebs-csi-controller-sa", roleArn: csiRoleArn }] },
      afterNodes,
    ),
    addon(target, "metrics-server", {}, afterNodes),
    addon(
      target,
      "eks-node-monitoring-agent",
      { configurationValues: JSON.stringify(monitoringAgentValues) },
      afterNodes,
    ),
  ];
}

function addon(
  target: AddonTarget,
  addonName: string,
  args: Partial<AddonArgs> = {},
  opts: pulumi.CustomResourceOptions = {},
): Addon {
  return new Addon(
    `${target.name}-${addonName}`,
    {
      clusterName: target.clusterName,
      addonName,
      addonVersion: target.versions[addonName],
      // The program is the owner: what was changed by hand in the cluster does not stop an update.
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      ...args,
    },
    { parent: target.parent, ...opts },
  );
}
