import type { Bounds } from "../common/bounds";
import type { TextRule } from "../common/text";
import { mostNodes } from "../nodes/limits";
import { SupportType } from "./support-type";

/** What a cluster has unless its arguments say otherwise. */
export const clusterDefaults = {
  version: "1.35",
  supportType: SupportType.Standard,
  logRetentionDays: 90,
} as const;

/** What the system nodes are unless their arguments say otherwise. */
export const systemNodesDefaults = {
  instanceTypes: ["m7i.large"],
  minNodes: 2,
  maxNodes: 4,
  diskGiB: 50,
};

/** Number of system nodes: DNS and the autoscaler run there, so there is always one. */
export const systemNodeCount: Bounds = { least: 1, most: mostNodes };

/** Blocks that EKS accepts for its public endpoint. */
export const publicBlocks: Bounds = { least: 0, most: 40 };

/** Blocks for the private endpoint: a security group has 60 rules unless AWS raises its quota; the cluster keeps some. */
export const privateBlocks: Bounds = { least: 0, most: 50 };

/** Name of an EKS cluster. */
export const clusterNameRule: TextRule = {
  pattern: /^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/,
  must: "must be 1 to 100 letters, digits, hyphens and underscores, and start with a letter or digit",
};

/** ARN of who may be given access: not a session of a role. */
export const principalRule: TextRule = {
  pattern: /^arn:[a-z-]+:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/,
  must: "must be the ARN of an IAM role or user: arn:aws:iam::<account>:role/<name>",
  longest: 2048,
};

/** ARN of a policy of the account that bounds roles. */
export const boundaryRule: TextRule = {
  pattern: /^arn:aws[\w-]*:iam::\d{12}:policy\/[\w+=,.@/-]+$/,
  must: "must be the ARN of a policy of the account such as arn:aws:iam::111122223333:policy/<name>",
};
