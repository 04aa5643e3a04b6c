import type { LogGroupArgs } from "@pulumi/aws/cloudwatch";
import type { AliasArgs, KeyArgs, KeyPolicyArgs } from "@pulumi/aws/kms";
import { type AccountView, define, Refusals, type ResourceType } from "../definition";
import { hex, uuid } from "../ids";
import { parsePolicy } from "../policy";
import { Token } from "../tokens";
import { AwsError } from "../types";

/** Refuses a key, given by id or ARN, that the program did not make. */
export function keyErrors(
  account: AccountView,
  given: string | undefined,
  code = "NotFoundException",
): AwsError[] {
  if (given === undefined) return [];
  const known = account.all(Token.Key).some((key) => key.id === given || key.outputs.arn === given);
  return known ? [] : [new AwsError(code, `Key '${given}' does not exist`)];
}

/** Refuses a key policy that is malformed or locks its own account out. */
function keyPolicyErrors(account: AccountView, policy: unknown, bypass: boolean | undefined): AwsError[] {
  if (policy === undefined) return [];
  const refusals = new Refusals();
  const statements = refusals.attempt(() => parsePolicy(policy)) ?? [];
  const manages = statements.some(
    (statement) =>
      statement.effect === "Allow" &&
      statement.actions.some((action) => ["*", "kms:*", "kms:PutKeyPolicy"].includes(action)) &&
      Object.values(statement.principals)
        .flat()
        .some((principal) => principal === "*" || principal.includes(account.accountId)),
  );
  return refusals.when(
    refusals.errors.length === 0 && !manages && bypass !== true,
    () =>
      new AwsError(
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
      ),
  ).errors;
}

const kmsKey = define<KeyArgs>(Token.Key, {
  id: ({ seed }) => uuid("key", seed),
  check: ({ inputs, account }) => {
    const { deletionWindowInDays: days = 30, rotationPeriodInDays: rotation = 365 } = inputs;
    return [
      ...keyPolicyErrors(account, inputs.policy, inputs.bypassPolicyLockoutSafetyCheck),
      ...new Refusals()
        .when(
          days < 7 || days > 30,
          () => new AwsError("ValidationException", `deletionWindowInDays ${days} must be 7 to 30`),
        )
        .when(
          rotation < 90 || rotation > 2560,
          () => new AwsError("ValidationException", `rotationPeriodInDays ${rotation} must be 90 to 2560`),
        ).errors,
    ];
  },
  outputs: ({ inputs, account }, id) => ({
    keyId: id,
    arn: account.arn("kms", `key/${id}`),
    keyUsage: inputs.keyUsage ?? "ENCRYPT_DECRYPT",
    isEnabled: inputs.isEnabled ?? true,
    enableKeyRotation: inputs.enableKeyRotation ?? false,
    multiRegion: inputs.multiRegion ?? false,
  }),
});

const alias = define<AliasArgs>(Token.Alias, {
  nameProperty: "name",
  autoName: (name, seed) => `alias/${name}-${hex(7, "name", seed)}`,
  id: ({ inputs }) => String(inputs.name),
  check: ({ inputs, account, existing }) => [
    ...keyErrors(account, inputs.targetKeyId),
    ...new Refusals()
      .when(
        !/^alias\/[\w/-]{1,250}$/.test(inputs.name ?? "") || /^alias\/aws\//.test(inputs.name ?? ""),
        () =>
          new AwsError(
            "InvalidAliasNameException",
            `'${inputs.name}' must begin with alias/, and not with alias/aws/`,
          ),
      )
      .when(
        existing === undefined && account.find(Token.Alias, inputs.name) !== undefined,
        () => new AwsError("AlreadyExistsException", `An alias with the name ${inputs.name} already exists`),
      ).errors,
  ],
  outputs: ({ inputs, account }, id) => ({
    arn: account.arn("kms", id),
    targetKeyArn: account.find(Token.Key, inputs.targetKeyId)?.outputs.arn ?? inputs.targetKeyId,
  }),
});

const keyPolicy = define<KeyPolicyArgs>(Token.KeyPolicy, {
  id: ({ inputs }) => inputs.keyId,
  check: ({ inputs, account }) => [
    ...keyErrors(account, inputs.keyId),
    ...keyPolicyErrors(account, inputs.policy, inputs.bypassPolicyLockoutSafetyCheck),
  ],
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentions = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const logGroup = define<LogGroupArgs>(Token.LogGroup, {
  nameProperty: "name",
  id: ({ inputs }) => String(inputs.name),
  check: ({ inputs, account, existing }) => [
    ...keyErrors(account, inputs.kmsKeyId, "InvalidParameterException"),
    ...new Refusals()
      .when(
        existing === undefined && account.find(Token.LogGroup, inputs.name) !== undefined,
        () =>
          new AwsError(
            "ResourceAlreadyExistsException",
            `The specified log group already exists: ${inputs.name}`,
          ),
      )
      .when(
        !/^[.\-_/#A-Za-z0-9]{1,512}$/.test(inputs.name ?? ""),
        () =>
          new AwsError(
            "InvalidParameterException",
            `Log group name '${inputs.name}' has characters that are not allowed`,
          ),
      )
      .when(
        !retentions.includes(inputs.retentionInDays ?? 0),
        () =>
          new AwsError(
            "InvalidParameterException",
            `retentionInDays ${inputs.retentionInDays} must be one of ${retentions.slice(1).join(", ")}`,
          ),
      ).errors,
  ],
  outputs: ({ inputs, account }, id) => ({
    arn: account.arn("logs", `log-group:${id}`),
    logGroupClass: inputs.logGroupClass ?? "STANDARD",
    retentionInDays: inputs.retentionInDays ?? 0,
  }),
  checkDelete: (resource) =>
    resource.inputs.deletionProtectionEnabled === true
      ? new AwsError("OperationAbortedException", `${resource.id} is protected against deletion`)
      : undefined,
});

/** Keys and log groups. */
export const kmsAndLogs: ResourceType[] = [kmsKey, alias, keyPolicy, logGroup];
