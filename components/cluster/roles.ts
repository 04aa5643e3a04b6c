import { Role } from "@pulumi/aws/iam";
import { Alias, Key } from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { managedPolicyArn } from "../common/partition";
import { clusterTags } from "../common/tags";
import { withPolicies } from "./pod-identity";

/** The cluster that roles are made for. */
export interface RoleTarget {
  /** Prefix of the resources' names. */
  name: string;
  clusterName: string;
  region: string;
  /** ARN of the permissions boundary of the roles. @default none */
  permissionsBoundaryArn?: string;
  parent: pulumi.Resource;
}

function trust(service: string, actions: string[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: actions }],
  });
}

/** The key with which Kubernetes Secrets are encrypted in the control plane's store, rotated every year. */
export function createSecretsKey(target: RoleTarget): Key {
  const { name, clusterName, parent } = target;
  const key = new Key(
    `${name}-secrets`,
    {
      description: `Kubernetes Secrets of EKS cluster ${clusterName}`,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      tags: clusterTags(clusterName, `${clusterName}-secrets`),
    },
    { parent },
  );
  new Alias(`${name}-secrets`, { name: `alias/eks/${clusterName}`, targetKeyId: key.keyId }, { parent });
  return key;
}

/** The control plane's role. @returns its ARN, known once it may use the key. */
export function createClusterRole(target: RoleTarget, keyArn: pulumi.Output<string>): pulumi.Output<string> {
  const { name, clusterName, region, parent } = target;
  const role = new Role(
    `${name}-control-plane`,
    {
      description: `Control plane of EKS cluster ${clusterName}`,
      assumeRolePolicy: trust("eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]),
      permissionsBoundary: target.permissionsBoundaryArn,
      tags: clusterTags(clusterName),
    },
    { parent },
  );
  const policy = pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
        Resource: keyArn,
      },
    ],
  });
  const managedPolicyArns = [managedPolicyArn(region, "AmazonEKSClusterPolicy")];
  return withPolicies(`${name}-control-plane`, role, { managedPolicyArns, policy }, parent);
}

/**
 * The role of every node: it may join the cluster and pull images, no more. Pod networking has a role of its own.
 *
 * @returns its ARN, known once its policies are attached.
 */
export function createNodeRole(target: RoleTarget): pulumi.Output<string> {
  const { name, clusterName, region, parent } = target;
  const role = new Role(
    `${name}-node`,
    {
      description: `Nodes of EKS cluster ${clusterName}`,
      assumeRolePolicy: trust("ec2.amazonaws.com", ["sts:AssumeRole"]),
      permissionsBoundary: target.permissionsBoundaryArn,
      tags: clusterTags(clusterName),
    },
    { parent },
  );
  const managedPolicyArns = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"].map(
    (policy) => managedPolicyArn(region, policy),
  );
  return withPolicies(`${name}-node`, role, { managedPolicyArns }, parent);
}
