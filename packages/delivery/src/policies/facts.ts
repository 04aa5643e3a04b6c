import { readdirSync } from "node:fs";
import { UserError } from "@inference-platform/kit";
import {
  type ApiCall,
  filledIn,
  lifecycleOf,
  managedDocument,
  type PolicyDocument,
  readStack,
  type StackAccount,
  Step,
  stackAccount,
  Token,
} from "@inference-platform/planner";
import { boundaryArn, runnerName } from "./names";

/** What the policies must know of stacks. */
export interface PolicyFacts {
  /** Actions of the program's look-ups. */
  lookups: string[];
  /** Actions that read what is there. */
  reads: string[];
  /** Actions of all that can happen to the resources, reads included. */
  lifecycle: string[];
  /** Logical names of the IAM roles. The engine adds a dash and seven hex digits. */
  roles: string[];
  /** Services that the roles trust. */
  services: string[];
  /** ARNs of the managed policies that are attached to them. */
  managedPolicies: string[];
  /** Services for which AWS makes roles of its own. */
  serviceLinked: string[];
  /** Everything that the roles are allowed, by managed and by own policies. */
  granted: PolicyDocument[];
}

/** The stacks that have a file in the project's folder. */
export function stacksOf(directory: string): string[] {
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** The account whose stacks are looked at; it is replaced by a placeholder or by the user's. */
const accountId = "123456789012";

/**
 * What a stack makes in AWS, with the boundary that its deploying role asks for.
 *
 * @param settings groups of settings that take the place of the stack file's
 */
export function accountOf(
  directory: string,
  stack: string,
  settings: Record<string, string> = {},
): Promise<StackAccount> {
  const region = readStack(directory, stack).context.config["aws:region"];
  const filled = (text: string) => filledIn(text, { account: accountId, stack, region });
  return stackAccount({
    directory,
    stack,
    callerArn: filled(`arn:PARTITION:sts::ACCOUNT_ID:assumed-role/${runnerName("deploy")}/run`),
    settings: { ...settings, permissionsBoundaryArn: filled(boundaryArn) },
  });
}

/** What the stacks of a project contain, together. Runs their programs, without a cloud. */
export async function policyFacts(directory: string, stacks: string[]): Promise<PolicyFacts> {
  const accounts: StackAccount[] = [];
  for (const stack of stacks) accounts.push(await accountOf(directory, stack));
  return factsOf(accounts);
}

/** The same of accounts that are there. */
export function factsOf(accounts: StackAccount[]): PolicyFacts {
  const life = accounts.flatMap(({ account }) => lifecycleOf(account));
  const resources = accounts.flatMap(({ account }) => account.resources());
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const managedPolicies = distinct(
    ofType(Token.RolePolicyAttachment).map(({ inputs }) => String(inputs.policyArn)),
  );
  const linked = life.filter(({ call }) => call.action === "iam:CreateServiceLinkedRole");
  return {
    lookups: actionsOf(accounts.flatMap(({ lookups }) => lookups)),
    reads: actionsOf(life.filter(({ step }) => step === Step.Read).map(({ call }) => call)),
    lifecycle: actionsOf(life.map(({ call }) => call)),
    roles: distinct(ofType(Token.Role).map(({ name }) => name)),
    services: distinct(ofType(Token.Role).flatMap(({ inputs }) => trusted(String(inputs.assumeRolePolicy)))),
    managedPolicies,
    // Whether nodes are spot is a setting.
    serviceLinked: distinct([
      ...linked.map(({ call }) => String(call.context?.["iam:AWSServiceName"])),
      "spot.amazonaws.com",
    ]),
    granted: [
      ...managedPolicies.map(recordedDocument),
      ...ofType(Token.RolePolicy).map(({ inputs }) => JSON.parse(String(inputs.policy)) as PolicyDocument),
    ],
  };
}

function recordedDocument(arn: string): PolicyDocument {
  const document = managedDocument(arn);
  if (!document) throw new UserError(`What ${arn} allows is not recorded. Add it to scripts/facts.ts.`);
  return document;
}

const distinct = (values: string[]) => [...new Set(values)].sort();
const actionsOf = (calls: ApiCall[]) => distinct(calls.map(({ action }) => action));

function trusted(assumeRolePolicy: string): string[] {
  const { Statement } = JSON.parse(assumeRolePolicy) as {
    Statement: { Principal: { Service: string } }[];
  };
  return Statement.map((statement) => statement.Principal.Service);
}
