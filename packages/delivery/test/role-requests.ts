import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import {
  type ApiCall,
  decide,
  filledIn,
  lifecycleOf,
  type PolicyDocument,
  type Principal,
  type StackAccount,
  Step,
} from "@inference-platform/planner";
import { accountOf } from "../src/policies/facts";

/** Values as a user gives them to `npm run policies`. */
export const valuesOf = (stack: string) => ({
  account: "123456789012",
  region: "us-east-1",
  stack,
  repository: "acme/serving",
  bucket: "acme-state",
  zone: "Z0123456789EXAMPLE",
  domain: stack === "prod" ? "llm.example.com" : `${stack}.example.com`,
});

const files = {
  preview: ["preview"],
  drift: ["drift"],
  deploy: ["deploy-network", "deploy-cluster", "deploy-access", "deploy-roles"],
};
export type Purpose = keyof typeof files;
export const purposes = Object.keys(files) as Purpose[];

/** A policy file of the repository with a stack's values. */
export function policyOf(name: string, stack: string): PolicyDocument {
  return JSON.parse(
    filledIn(readFileSync(join(projectRoot, "policies", `${name}.json`), "utf8"), valuesOf(stack)),
  );
}

/** A role of the workflows, with the policies of the repository. */
export function principalOf(purpose: Purpose, stack: string): Principal {
  return {
    arn: `arn:aws:sts::123456789012:assumed-role/inference-platform-${purpose}-${stack}/run`,
    policies: Object.fromEntries(files[purpose].map((name) => [name, policyOf(name, stack)])),
  };
}

/** What a role must be able to do for a stack. */
export async function requestsOf(purpose: Purpose, stack: string): Promise<ApiCall[]> {
  const { account, lookups } = await stackOf(stack);
  // Who runs the program is looked up too.
  const own = lookups.map((call) => JSON.parse(JSON.stringify(call).replaceAll("-deploy-", `-${purpose}-`)));
  if (purpose === "preview") return [...own, ...stateReads(stack)];
  const life = lifecycleOf(account);
  const reads = life.filter(({ step }) => step === Step.Read).map(({ call }) => call);
  if (purpose === "drift") return [...own, ...reads, ...stateReads(stack)];
  return [...own, ...life.map(({ call }) => call), ...stateReads(stack), ...stateWrites(stack)];
}

const stacks = new Map<string, Promise<StackAccount>>();

/** What a shipped stack makes in AWS; made once. */
export function stackOf(stack: string): Promise<StackAccount> {
  const made = stacks.get(stack) ?? accountOf(projectRoot, stack);
  stacks.set(stack, made);
  return made;
}

const bucket = "arn:aws:s3:::acme-state";
const checkpoint = (stack: string) => `${bucket}/${stack}/.pulumi/stacks/inference-platform/${stack}.json`;

/**
 * What Pulumi asks the state's bucket and key for. Source: pkg/backend/diy of pulumi/pulumi (2026, read 2026-11): list, read,
 * write, delete; the key opens the data key that encrypts the secrets.
 */
export const stateReads = (stack: string): ApiCall[] => [
  { action: "s3:ListBucket", resources: [{ arn: bucket }] },
  { action: "s3:GetObject", resources: [{ arn: checkpoint(stack) }] },
  {
    action: "kms:Decrypt",
    resources: [{ arn: "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000" }],
    context: { "kms:ResourceAliases": [`alias/pulumi-secrets-${stack}`] },
  },
];
export const stateWrites = (stack: string): ApiCall[] =>
  ["s3:PutObject", "s3:DeleteObject"].map((action) => ({ action, resources: [{ arn: checkpoint(stack) }] }));

/** The refusals of a role's requests, each as `action resource`, distinct and in order. */
export function refusedOf(principal: Principal, calls: ApiCall[]): string[] {
  const refused = calls.flatMap((call) =>
    decide(principal, call, "us-east-1")
      .filter(({ allowed }) => !allowed)
      .map(({ resource }) => `${call.action} ${resource}`),
  );
  return [...new Set(refused)].sort();
}
