import { PodIdentityAssociation } from "@pulumi/aws/eks";
import { Role, RolePolicy, RolePolicyAttachment } from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { after } from "../common/outputs";
import { refuse } from "../common/refuse";
import { clusterTags } from "../common/tags";

/** Arguments of `PodIdentity`. */
export interface PodIdentityArgs {
  /** Name of the EKS cluster; an output of the cluster, so that the association follows it. */
  clusterName: pulumi.Input<string>;
  /** Namespace of the service account. It need not exist yet. */
  namespace: string;
  /** Name of the service account whose pods get the role. It need not exist yet. */
  serviceAccount: string;
  /** ARNs of managed policies to attach. @default none; at least one of this and `policy` is needed */
  managedPolicyArns?: string[];
  /** The role's own policy document as JSON. @default none */
  policy?: pulumi.Input<string>;
  /** ARN of the policy that bounds what the role may be given. @default none */
  permissionsBoundaryArn?: string;
}

const associations = new WeakMap<PodIdentity, PodIdentityAssociation>();

/**
 * An IAM role that the pods of one service account get from the EKS Pod Identity agent: no OIDC provider, no
 * annotation on the service account.
 *
 * What runs under the service account must wait for `association`: pods get credentials when they start, and a pod
 * that started before the association has none until it is restarted.
 *
 * @example
 * ```ts
 * new PodIdentity("uploads", {
 *   clusterName: cluster.name,
 *   namespace: "apps",
 *   serviceAccount: "uploads",
 *   managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
 * });
 * ```
 */
export class PodIdentity extends pulumi.ComponentResource {
  /** ARN of the role; known once its policies are attached. */
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: PodIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:PodIdentity", name, {}, opts);
    const account = `${args.namespace}/${args.serviceAccount}`;
    const allowed = args.policy !== undefined || (args.managedPolicyArns ?? []).length > 0;
    const message = `must be given, or \`policy\`: without either, the role for ${account} allows nothing`;
    refuse(
      this,
      name,
      allowed ? [] : [{ path: "managedPolicyArns", value: args.managedPolicyArns, message }],
    );
    this.roleArn = podIdentityRole(name, `Pods of ${account}`, args, this);
    associations.set(
      this,
      new PodIdentityAssociation(
        `${name}-association`,
        {
          clusterName: args.clusterName,
          namespace: args.namespace,
          serviceAccount: args.serviceAccount,
          roleArn: this.roleArn,
        },
        { parent: this },
      ),
    );
    this.registerOutputs({ roleArn: this.roleArn });
  }

  /** The link between service account and role, for `dependsOn` of what uses the service account. */
  get association(): PodIdentityAssociation {
    const association = associations.get(this);
    if (!association) throw new Error("PodIdentity was not constructed");
    return association;
  }
}

/** What a role for pods may do. */
export interface PodIdentityPermissions {
  /** Name of the cluster, for the role's tags. */
  clusterName: pulumi.Input<string>;
  /** ARN of the permissions boundary. @default none */
  permissionsBoundaryArn?: string;
  /** ARNs of managed policies. @default none */
  managedPolicyArns?: string[];
  /** A policy document as JSON. @default none */
  policy?: pulumi.Input<string>;
}

/** Lets the Pod Identity agent take the role. `TagSession` is needed: the agent always passes session tags. */
const podIdentityTrust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    },
  ],
});

/**
 * A role that Pod Identity can hand to pods, without an association: add-ons make their own.
 *
 * @returns its ARN, known once its policies are attached.
 */
export function podIdentityRole(
  name: string,
  description: string,
  permissions: PodIdentityPermissions,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const role = new Role(
    `${name}-role`,
    {
      assumeRolePolicy: podIdentityTrust,
      description,
      permissionsBoundary: permissions.permissionsBoundaryArn,
      tags: pulumi.output(permissions.clusterName).apply((cluster) => clusterTags(cluster)),
    },
    { parent },
  );
  return withPolicies(name, role, permissions, parent);
}

/**
 * Gives a role its policies.
 *
 * @returns the role's ARN, which depends on the policies: who uses the ARN gets a role that can do its work, and on
 *   destroy is gone before the role loses its rights.
 */
export function withPolicies(
  name: string,
  role: Role,
  permissions: Pick<PodIdentityPermissions, "managedPolicyArns" | "policy">,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const attachments = (permissions.managedPolicyArns ?? []).map((policyArn) => {
    const suffix = policyArn.slice(policyArn.lastIndexOf("/") + 1);
    return new RolePolicyAttachment(`${name}-${suffix}`, { role: role.name, policyArn }, { parent }).id;
  });
  if (permissions.policy !== undefined) {
    attachments.push(
      new RolePolicy(`${name}-policy`, { role: role.name, policy: permissions.policy }, { parent }).id,
    );
  }
  return after(role.arn, attachments);
}
