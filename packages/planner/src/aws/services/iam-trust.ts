import type { RoleArgs } from "@pulumi/aws/iam";
import { type AccountView, inputsOf } from "../definition";
import { missingForService, parseTrustPolicy } from "../policy";
import { Token } from "../tokens";
import { AwsError, type SimulatedResource } from "../types";

/** The program's role of this ARN. */
export function roleByArn(account: AccountView, arn: unknown): SimulatedResource | undefined {
  return account.all(Token.Role).find((role) => role.outputs.arn === arn);
}

/**
 * Refuses a role that does not exist, or whose trust policy does not let `service` do `actions`.
 * @param code the code of the service that asks: they word the same fault differently
 */
export function serviceRoleErrors(
  account: AccountView,
  arn: string,
  service: string,
  actions: string[],
  code: string,
): AwsError[] {
  const role = roleByArn(account, arn);
  if (!role) return [new AwsError(code, `Role with arn: ${arn} does not exist`)];
  const trust = parseTrustPolicy(inputsOf<RoleArgs>(role).assumeRolePolicy);
  const missing = missingForService(trust, service, actions);
  if (missing.length === 0) return [];
  return [
    new AwsError(
      code,
      `Role with arn: ${arn} could not be assumed because the trusted entity is not correct: it does not allow ${service} ${missing.join(" and ")}`,
    ),
  ];
}

/** Names of the managed policies on a role, however they were attached. */
export function attachedPolicies(account: AccountView, role: SimulatedResource): string[] {
  const attached = account
    .all(Token.RolePolicyAttachment)
    .filter((attachment) => [role.id, role.outputs.arn].includes(attachment.inputs.role as string))
    .map((attachment) => String(attachment.inputs.policyArn));
  const listed = (inputsOf<RoleArgs>(role).managedPolicyArns ?? []) as string[];
  return [...attached, ...listed].map((arn) => arn.slice(arn.lastIndexOf("/") + 1));
}
