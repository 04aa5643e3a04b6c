import { iam } from "./scopes";

/** Names of the roles that run Pulumi, by what they are for. The program looks up the one that runs it. */
export const runnerName = (purpose: string) => `inference-platform-${purpose}-STACK`;

/** The policy that bounds every role of a stack. */
export const boundaryArn = iam("policy/inference-platform-boundary-STACK");
