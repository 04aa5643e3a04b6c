import type { Properties } from "../../../program/monitor";
import type { AccountView } from "../../definition";
import type { ApiCall } from "../request";
import { about, anywhere } from "./scene";

/**
 * What the provider asks AWS for when the program looks something up. Source: the data sources of
 * hashicorp/terraform-provider-aws (2026, read 2026-11).
 */
export const lookupCalls: Record<string, (account: AccountView, args: Properties) => ApiCall[]> = {
  // Everyone may ask STS who they are, whatever their policies say; partition and region are known without asking.
  "aws:index/getCallerIdentity:getCallerIdentity": () => [],
  "aws:index/getPartition:getPartition": () => [],
  "aws:index/getRegion:getRegion": () => [],
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => anywhere("ec2:DescribeAvailabilityZones"),
  "aws:index/getAvailabilityZone:getAvailabilityZone": () => anywhere("ec2:DescribeAvailabilityZones"),
  // A session's ARN lacks the path of its role: the role itself is asked for.
  "aws:iam/getSessionContext:getSessionContext": (account, { arn }) => {
    const [, role] = /:assumed-role\/([^/]+)\//.exec(String(arn)) ?? [];
    return role === undefined
      ? []
      : about([{ arn: account.globalArn("iam", `role/${role}`) }], ["iam:GetRole"]);
  },
  // The data source `aws_autoscaling_groups`.
  "aws:autoscaling/getAmiIds:getAmiIds": () => anywhere("autoscaling:DescribeAutoScalingGroups"),
  "aws:autoscaling/getGroup:getGroup": () => anywhere("autoscaling:DescribeAutoScalingGroups"),
};
