import type { Problem } from "../common/problem";

/** Whose token opens the cluster, where it is not that of the environment's credentials. */
export interface ClusterCredentialsArgs {
  /** Profile of the AWS CLI's configuration: the AWS provider's `profile`. @default that of the environment */
  profile?: string;
  /** ARN of a role to assume with those credentials: the one in the AWS provider's `assumeRoles`. @default none */
  roleArn?: string;
}

/** What is wrong with them, with paths below them. */
export function credentialsProblems({ profile, roleArn }: ClusterCredentialsArgs): Problem[] {
  const problems: Problem[] = [];
  if (profile !== undefined && !/^\S(.*\S)?$/.test(profile)) {
    problems.push({ path: "profile", value: profile, message: "must be the name of a profile" });
  }
  if (roleArn !== undefined && !/^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn)) {
    const message = "must be the ARN of an IAM role: arn:aws:iam::<account>:role/<name>";
    problems.push({ path: "roleArn", value: roleArn, message });
  }
  return problems;
}
