import { accessPermissions } from "./access";
import { clusterPermissions } from "./cluster";
import type { Grants, TypePermissions } from "./grants";
import { networkPermissions } from "./network";

/**
 * IAM actions for every AWS type that the stacks contain, by the policy file of the deploying role that they go into.
 * Actions and which resources they can be limited to:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/; which of them a type needs: the `handlers` of
 * its CloudFormation schema and the calls of the Terraform provider that @pulumi/aws is made from. A type that is not
 * here fails the test and `npm run policies`.
 */
export const permissions: Record<string, Record<string, TypePermissions>> = {
  network: networkPermissions,
  cluster: clusterPermissions,
  access: accessPermissions,
};

/** What the program looks up while it runs; the identity of the caller needs no permission. */
export const lookups: Grants = {
  region: ["ec2:DescribeAvailabilityZones"],
  runners: ["iam:GetRole"],
};

/** Reading the state and its secrets: a preview writes neither. */
export const stateRead: Grants = {
  stateBucket: ["s3:ListBucket", "s3:GetBucketLocation"],
  stateObjects: ["s3:GetObject"],
  secretsKey: ["kms:Decrypt"],
};

/** Writing the state, its lock and its history. */
export const stateWrite: Grants = { stateObjects: ["s3:PutObject", "s3:DeleteObject"] };
