import list from "../data/managed-policies.json";
import type { AccountView } from "../definition";
import { Token } from "../tokens";
import { AwsError } from "../types";

/** Policies that AWS manages, by path and name; source and date are in the file, `npm run facts` renews it. */
const managed = new Set(list.names);

/** Policies without which EKS refuses a role, or its nodes do not join. */
export const RequiredPolicy = {
  Cluster: "AmazonEKSClusterPolicy",
  Node: "AmazonEKSWorkerNodePolicy",
  RegistryRead: "AmazonEC2ContainerRegistryReadOnly",
  RegistryPull: "AmazonEC2ContainerRegistryPullOnly",
  Cni: "AmazonEKS_CNI_Policy",
} as const;

/**
 * Refuses a policy that a role cannot have: one that neither AWS nor the account has under this path, or one that only AWS
 * attaches. Messages: aws-cdk issues 3379 and 6131. The list is that of the partition `aws`; the others have fewer.
 */
export function managedPolicyErrors(account: AccountView, arn: string): AwsError[] {
  const prefix = `arn:${account.partition}:iam::aws:policy/`;
  const known = arn.startsWith(prefix)
    ? managed.has(arn.slice(prefix.length))
    : account.find(Token.Policy, arn) !== undefined;
  if (!known) return [new AwsError("NoSuchEntity", `Policy ${arn} does not exist or is not attachable.`)];
  if (!arn.startsWith(`${prefix}aws-service-role/`)) return [];
  return [
    new AwsError("PolicyNotAttachable", `Cannot attach a Service Role Policy to a Customer Role: ${arn}`),
  ];
}
