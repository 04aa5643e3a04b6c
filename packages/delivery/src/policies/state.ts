import type { PolicyStatement } from "@inference-platform/planner";

/** Folder of a stack's state in the bucket: `pulumi login s3://STATE_BUCKET/STACK`. */
const folder = "arn:PARTITION:s3:::STATE_BUCKET/STACK/*";

/**
 * Reading the state of one stack and its secrets. The bucket's list of names is open to all stacks: S3 answers for an
 * object that is not there yet with 404 only to those who may list, and that check knows no prefix.
 */
export const stateRead: PolicyStatement[] = [
  {
    Sid: "StateBucket",
    Effect: "Allow",
    Action: ["s3:ListBucket"],
    Resource: ["arn:PARTITION:s3:::STATE_BUCKET"],
  },
  { Sid: "StateObjects", Effect: "Allow", Action: ["s3:GetObject"], Resource: [folder] },
  {
    // The key is found by its alias: its id differs between accounts.
    Sid: "StateKey",
    Effect: "Allow",
    Action: ["kms:Decrypt"],
    Resource: ["arn:PARTITION:kms:REGION:ACCOUNT_ID:key/*"],
    Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/pulumi-secrets-STACK" } },
  },
];

/** Writing the state, its lock, its history and its backups. */
export const stateWrite: PolicyStatement[] = [
  { Sid: "StateWrites", Effect: "Allow", Action: ["s3:DeleteObject", "s3:PutObject"], Resource: [folder] },
];
