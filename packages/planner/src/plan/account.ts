import { SimulatedAws } from "../aws/account";
import { type ApiCall, callsOfLookup } from "../aws/iam";
import { runStack } from "./run";
import { readStack } from "./stack";

/** Which stack, and who runs its program. */
export interface StackAccountOptions {
  directory: string;
  stack: string;
  /** ARN of a session. */
  callerArn: string;
  /** As those of {@link PlanOptions}. */
  settings?: Record<string, string>;
}

/** A stack's resources in an account, and what its program looked up. */
export interface StackAccount {
  account: SimulatedAws;
  lookups: ApiCall[];
}

/** Look-ups of the safeguards, which do nothing without an engine. */
const safeguards = ["aws:autoscaling/getAmiIds:getAmiIds", "aws:autoscaling/getGroup:getGroup"];

/** Makes everything that a stack makes in AWS in a simulated account, with the requests of its look-ups. */
export async function stackAccount({
  directory,
  stack,
  callerArn,
  settings,
}: StackAccountOptions): Promise<StackAccount> {
  const region = readStack(directory, stack).context.config["aws:region"] ?? "";
  const account = new SimulatedAws({ region, callerArn });
  const lookups: ApiCall[] = [];
  await runStack({
    stack,
    directory,
    settings,
    aws: {
      create: (type, name, inputs) => account.create(type, name, inputs),
      invoke: (token, args) => {
        lookups.push(...callsOfLookup(token, args, account.view));
        return account.invoke(token, args);
      },
    },
  });
  for (const token of safeguards) lookups.push(...callsOfLookup(token, {}, account.view));
  return { account, lookups };
}
