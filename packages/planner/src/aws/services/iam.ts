import type { PolicyArgs, RoleArgs, RolePolicyArgs, RolePolicyAttachmentArgs } from "@pulumi/aws/iam";
import { type AccountView, define, Refusals, type ResourceType } from "../definition";
import { hex, iamId } from "../ids";
import { parseIdentityPolicy, parseTrustPolicy, policySize } from "../policy";
import { Token } from "../tokens";
import { AwsError, type SimulatedResource } from "../types";
import { managedPolicyErrors } from "./iam-managed";

/** Longest names: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const maxRoleName = 64;
const maxPolicyName = 128;
/** Characters without white space, same source. */
const maxManagedPolicy = 6144;
const maxInlinePolicies = 10_240;
const maxTrustPolicy = 2048;
/** Managed policies per role, the default quota, same source. */
const maxAttachments = 10;

const nameErrors = (kind: string, name: string | undefined, max: number): AwsError[] =>
  new Refusals().when(
    !new RegExp(`^[\\w+=,.@-]{1,${max}}$`).test(name ?? ""),
    () =>
      new AwsError(
        "ValidationError",
        `The ${kind} name '${name}' (${name?.length} characters) must have 1 to ${max} characters of A-Z a-z 0-9 _+=,.@-`,
      ),
  ).errors;

const sizeErrors = (kind: string, policy: unknown, max: number): AwsError[] =>
  new Refusals().when(
    policySize(policy) > max,
    () =>
      new AwsError(
        "LimitExceeded",
        `Cannot exceed quota for ${kind}: ${policySize(policy)} of ${max} characters`,
      ),
  ).errors;

const role = define<RoleArgs>(Token.Role, {
  nameProperty: "name",
  id: ({ inputs }) => String(inputs.name),
  check: ({ inputs, account, existing }) => {
    const refusals = new Refusals().when(
      existing === undefined && account.find(Token.Role, inputs.name) !== undefined,
      () => new AwsError("EntityAlreadyExists", `Role with name ${inputs.name} already exists.`),
    );
    refusals.attempt(() => parseTrustPolicy(inputs.assumeRolePolicy));
    const hours = (inputs.maxSessionDuration ?? 3600) / 3600;
    refusals.when(
      hours < 1 || hours > 12,
      () =>
        new AwsError(
          "ValidationError",
          `maxSessionDuration ${inputs.maxSessionDuration} must be 3600 to 43200`,
        ),
    );
    return [
      ...nameErrors("role", inputs.name, maxRoleName),
      ...refusals.errors,
      ...sizeErrors("ACLSizePerRole", inputs.assumeRolePolicy, maxTrustPolicy),
      ...((inputs.managedPolicyArns ?? []) as string[]).flatMap((arn) => managedPolicyErrors(account, arn)),
    ];
  },
  outputs: ({ inputs, seed, account }) => ({
    arn: account.globalArn("iam", `role${inputs.path ?? "/"}${inputs.name}`),
    path: inputs.path ?? "/",
    uniqueId: iamId("AROA", seed),
    createDate: "2026-01-01T00:00:00Z",
    maxSessionDuration: inputs.maxSessionDuration ?? 3600,
    managedPolicyArns: inputs.managedPolicyArns ?? [],
  }),
  checkDelete: (resource, account) => {
    const isOn = (other: SimulatedResource) =>
      [resource.id, resource.outputs.arn].includes(other.inputs.role as string);
    if (account.all(Token.RolePolicyAttachment).some(isOn) && resource.inputs.forceDetachPolicies !== true) {
      return new AwsError(
        "DeleteConflict",
        `Cannot delete entity ${resource.id}, must detach all policies first.`,
      );
    }
    if (account.all(Token.RolePolicy).some(isOn)) {
      return new AwsError(
        "DeleteConflict",
        `Cannot delete entity ${resource.id}, must delete policies first.`,
      );
    }
    return undefined;
  },
});

const policy = define<PolicyArgs>(Token.Policy, {
  nameProperty: "name",
  id: (request) => policyArn(request),
  check: ({ inputs, seed, name, account, existing }) => {
    const refusals = new Refusals().when(
      existing === undefined && account.find(Token.Policy, policyArn({ inputs, account })) !== undefined,
      () =>
        new AwsError(
          "EntityAlreadyExists",
          `A policy called ${inputs.name} already exists (${name}, ${seed}).`,
        ),
    );
    refusals.attempt(() => parseIdentityPolicy(inputs.policy));
    return [
      ...nameErrors("policy", inputs.name, maxPolicyName),
      ...refusals.errors,
      ...sizeErrors("PolicySize", inputs.policy, maxManagedPolicy),
    ];
  },
  outputs: ({ inputs, seed }, id) => ({
    arn: id,
    path: inputs.path ?? "/",
    policyId: iamId("ANPA", seed),
    attachmentCount: 0,
  }),
  checkDelete: (resource, account) => {
    const attached = account
      .all(Token.RolePolicyAttachment)
      .find((other) => other.inputs.policyArn === resource.id);
    return (
      attached &&
      new AwsError(
        "DeleteConflict",
        `Cannot delete policy ${resource.id} attached to ${attached.inputs.role}.`,
      )
    );
  },
});

const policyArn = ({ inputs, account }: { inputs: { name?: string; path?: string }; account: AccountView }) =>
  account.globalArn("iam", `policy${inputs.path ?? "/"}${inputs.name}`);

/** A role given by name or, where the SDK passes the resource, by ARN. */
function roleErrors(account: AccountView, given: string): AwsError[] {
  const known =
    account.find(Token.Role, given) ?? account.all(Token.Role).find((other) => other.outputs.arn === given);
  return known ? [] : [new AwsError("NoSuchEntity", `The role with name ${given} cannot be found.`)];
}

const rolePolicy = define<RolePolicyArgs>(Token.RolePolicy, {
  nameProperty: "name",
  id: ({ inputs }) => `${inputs.role}:${inputs.name}`,
  check: ({ inputs, account, existing }) => {
    const refusals = new Refusals();
    refusals.attempt(() => parseIdentityPolicy(inputs.policy));
    const others = account
      .all(Token.RolePolicy)
      .filter((other) => other !== existing && other.inputs.role === inputs.role)
      .reduce((sum, other) => sum + policySize(other.inputs.policy), 0);
    const total = others + policySize(inputs.policy);
    refusals.when(
      total > maxInlinePolicies,
      () =>
        new AwsError(
          "LimitExceeded",
          `Maximum policy size of ${maxInlinePolicies} exceeded for ${inputs.role}: ${total}`,
        ),
    );
    return [
      ...nameErrors("policy", inputs.name, maxPolicyName),
      ...roleErrors(account, String(inputs.role)),
      ...refusals.errors,
    ];
  },
});

const attachment = define<RolePolicyAttachmentArgs>(Token.RolePolicyAttachment, {
  id: ({ inputs }) => `${inputs.role}-${hex(20, String(inputs.policyArn))}`,
  check: ({ inputs, account, existing }) => {
    const arn = String(inputs.policyArn);
    const count = account
      .all(Token.RolePolicyAttachment)
      .filter((other) => other !== existing && other.inputs.role === inputs.role).length;
    return [
      ...roleErrors(account, String(inputs.role)),
      ...managedPolicyErrors(account, arn),
      ...new Refusals().when(
        count >= maxAttachments,
        () => new AwsError("LimitExceeded", `Cannot exceed quota for PoliciesPerRole: ${maxAttachments}`),
      ).errors,
    ];
  },
});

/** IAM. Errors: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html and its neighbours. */
export const iam: ResourceType[] = [role, policy, rolePolicy, attachment];
