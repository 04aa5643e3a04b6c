import { createHash } from "node:crypto";
import { AccessEntry, AccessPolicyAssociation } from "@pulumi/aws/eks";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getSessionContextOutput } from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../common/partition";

/** Who administers a cluster. */
export interface ClusterAccess {
  /** Prefix of the resources' names. */
  name: string;
  clusterName: pulumi.Output<string>;
  region: string;
  /** ARNs of IAM roles and users, besides the identity that runs Pulumi. */
  administrators: string[];
  /** ARNs of those who may read everything but Secrets, and change nothing. */
  viewers: string[];
  /** ARNs of those who may read everything, and change nothing. */
  auditors: string[];
  parent: pulumi.Resource;
}

/**
 * Lets the listed identities into the cluster, and makes the one that runs Pulumi an administrator unless it is listed.
 *
 * EKS refuses a second entry for a principal, and who runs Pulumi is only known while it runs. So each principal's
 * resources are named after its ARN, and the identity that runs Pulumi gets its own only when it is not on the list.
 * Adding it to the list later changes nothing; when another identity that is not on the list runs Pulumi, it gets an
 * entry and the former one loses its own. List every role that runs Pulumi to keep previews of all of them quiet.
 *
 * @returns the grants; nothing can be done in the cluster before them.
 */
export function grantAdministration(access: ClusterAccess): pulumi.Input<pulumi.Resource>[] {
  const listed = new Map([
    ...access.administrators.map((arn) => [arn, grant(access, arn, "AmazonEKSClusterAdminPolicy")] as const),
    ...access.viewers.map((arn) => [arn, grant(access, arn, "AmazonEKSViewPolicy")] as const),
    // Reads Secrets too: helm keeps its releases in them, and a refresh compares those.
    ...access.auditors.map((arn) => [arn, grant(access, arn, "AmazonEKSAdminViewPolicy")] as const),
  ]);
  const caller = getCallerIdentityOutput({}, { parent: access.parent });
  // The role behind a session: EKS would not recognise the session itself. Other identities are passed through.
  const runner = getSessionContextOutput({ arn: caller.arn }, { parent: access.parent }).issuerArn;
  const runnersOwn = runner.apply(
    (arn) => listed.get(arn) ?? grant(access, arn, "AmazonEKSClusterAdminPolicy"),
  );
  return [...listed.values(), runnersOwn];
}

function grant(access: ClusterAccess, principalArn: string, policy: string): AccessPolicyAssociation {
  const name = `${access.name}-access-${principalName(principalArn)}`;
  const { clusterName, parent } = access;
  const entry = new AccessEntry(name, { clusterName, principalArn, type: "STANDARD" }, { parent });
  return new AccessPolicyAssociation(
    name,
    {
      clusterName,
      principalArn: entry.principalArn,
      policyArn: `arn:${partitionOf(access.region)}:eks::aws:cluster-access-policy/${policy}`,
      accessScope: { type: "cluster" },
    },
    { parent },
  );
}

/** A name for resources that belong to a principal: readable, and different for every ARN. */
export function principalName(arn: string): string {
  const readable = arn.slice(arn.lastIndexOf("/") + 1).replace(/[^A-Za-z0-9_-]/g, "-");
  return `${readable}-${createHash("sha256").update(arn).digest("hex").slice(0, 8)}`;
}
