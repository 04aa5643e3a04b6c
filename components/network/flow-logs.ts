import { LogGroup } from "@pulumi/aws/cloudwatch";
import { FlowLog } from "@pulumi/aws/ec2";
import { Role, RolePolicy } from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { after } from "../common/outputs";
import { clusterTags } from "../common/tags";

/** What flow logs need to know of the network. */
export interface FlowLogTarget {
  vpcId: pulumi.Input<string>;
  /** Part of the log group's name, `/aws/vpc/<cluster>/flow-logs`. */
  clusterName: string;
  /** Days for which the records are kept. */
  retentionDays: number;
  /** ARN of the permissions boundary of the role. @default none */
  permissionsBoundaryArn?: string;
}

/** Records who talked to whom in the VPC: one line per flow and ten minutes, accepted or rejected. */
export function createFlowLogs(name: string, target: FlowLogTarget, parent: pulumi.Resource): FlowLog {
  const logs = new LogGroup(
    `${name}-flow-logs`,
    { name: `/aws/vpc/${target.clusterName}/flow-logs`, retentionInDays: target.retentionDays },
    { parent },
  );
  const role = new Role(
    `${name}-flow-logs-role`,
    {
      description: `VPC flow logs of ${target.clusterName}`,
      assumeRolePolicy: logs.arn.apply(deliveryTrust),
      permissionsBoundary: target.permissionsBoundaryArn,
      tags: clusterTags(target.clusterName),
    },
    { parent },
  );
  const policy = new RolePolicy(
    `${name}-flow-logs-policy`,
    { role: role.name, policy: logs.arn.apply(deliveryPolicy) },
    { parent },
  );
  return new FlowLog(
    `${name}-flow-logs`,
    {
      vpcId: target.vpcId,
      trafficType: "ALL",
      logDestination: logs.arn,
      // Through the policy, so that delivery starts with its rights and ends before they are gone.
      iamRoleArn: after(role.arn, [policy.id]),
      maxAggregationInterval: 600,
      tags: clusterTags(target.clusterName),
    },
    { parent },
  );
}

/** Only flow logs of the same account may take the role, so that no other account's can write here through it. */
function deliveryTrust(logGroupArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": logGroupArn.split(":")[4] } },
      },
    ],
  });
}

function deliveryPolicy(logGroupArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: `${logGroupArn}:*`,
      },
      // Describing groups cannot be limited to one.
      { Effect: "Allow", Action: "logs:DescribeLogGroups", Resource: "*" },
    ],
  });
}
