/**
 * The partition that a region belongs to, the second part of every ARN. Read from the region's name, so that policy
 * ARNs are known without asking AWS. Source: "AWS partitions" in the AWS General Reference.
 */
export function partitionOf(region: string): string {
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("eusc-")) return "aws-eusc";
  return "aws";
}

/** The ARN of a policy that AWS manages: `managedPolicyArn("eu-west-1", "AmazonEKSClusterPolicy")`. */
export function managedPolicyArn(region: string, name: string): string {
  return `arn:${partitionOf(region)}:iam::aws:policy/${name}`;
}
