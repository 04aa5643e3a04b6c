import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@inference-platform/kit";
import { filledIn, type PolicyDocument, type Principal, readStack } from "@inference-platform/planner";

/** The account that the rehearsal plays. */
export const accountId = "123456789012";

/** What a role is for. */
export const Purpose = { Preview: "preview", Drift: "drift", Deploy: "deploy" } as const;
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** The roles that docs/delivery.md has the user make, for one stack, with their policies as `npm run policies` fills them in. */
export interface Roles {
  principals: Record<Purpose, Principal>;
  /** The policy that bounds the stack's own roles. */
  boundaryArn: string;
}

const policyFiles: Record<Purpose, string[]> = {
  preview: ["preview"],
  drift: ["drift"],
  deploy: ["deploy-network", "deploy-cluster", "deploy-access", "deploy-roles"],
};

/**
 * Reads the policies in the project's `policies/` for a stack.
 *
 * @throws UserError when one is not there
 */
export function rolesOf(projectDir: string, stack: string, region: string): Roles {
  const values = {
    account: accountId,
    region,
    stack,
    repository: "owner/repository",
    bucket: "pulumi-state",
    ...addressOf(projectDir, stack),
  };
  const read = (name: string): PolicyDocument => {
    const file = join(projectDir, "policies", `${name}.json`);
    if (!existsSync(file)) throw new UserError(`${file} is not there. Run: npm run policies`);
    return JSON.parse(filledIn(readFileSync(file, "utf8"), values)) as PolicyDocument;
  };
  const principal = (purpose: Purpose): Principal => ({
    arn: `arn:aws:sts::${accountId}:assumed-role/inference-platform-${purpose}-${stack}/rehearsal`,
    policies: Object.fromEntries(policyFiles[purpose].map((name) => [name, read(name)])),
  });
  return {
    principals: { preview: principal("preview"), drift: principal("drift"), deploy: principal("deploy") },
    boundaryArn: filledIn(`arn:PARTITION:iam::ACCOUNT_ID:policy/inference-platform-boundary-STACK`, values),
  };
}

/** Zone and domain of the stack's settings; some that stand for them where there are none. */
function addressOf(projectDir: string, stack: string): { zone: string; domain: string } {
  const { context } = readStack(projectDir, stack);
  const ingress = JSON.parse(context.config[`${context.project}:ingress`] ?? "{}") as {
    hostedZoneId?: string;
    domain?: string;
  };
  return { zone: ingress.hostedZoneId ?? "Z0", domain: ingress.domain ?? "no-domain.invalid" };
}
