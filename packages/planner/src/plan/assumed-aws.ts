import { UserError } from "@inference-platform/kit";
import type { Properties } from "../program/monitor";
import type { AwsAccount } from "./backend";

/**
 * Answers for an account whose resources the program builds on and did not make: everything that is asked for exists, as
 * it was asked for. It refuses nothing, because it cannot know what is there.
 */
export class AssumedAws implements AwsAccount {
  create(type: string, name: string, inputs: Properties): { id: string; outputs: Properties } {
    const arn = `arn:aws:${type.split(":")[1]}:::${name}`;
    const group = { autoscalingGroups: [{ name: `eks-${name}` }] };
    const computed =
      type === "aws:eks/nodeGroup:NodeGroup"
        ? { nodeGroupName: name, resources: [group] }
        : { latestVersion: 1 };
    return { id: `${name}-id`, outputs: { name, arn, ...computed, ...inputs } };
  }

  invoke(token: string): Properties {
    throw new UserError(
      `${token}: what an existing account answers is not known; plan without --existing-aws.`,
    );
  }
}
