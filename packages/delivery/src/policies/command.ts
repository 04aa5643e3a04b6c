import { resolve } from "node:path";
import { defineCommand, keepGenerated, UsageError } from "@inference-platform/kit";
import {
  filledIn,
  type PlaceholderValues,
  type PolicyDocument,
  placeholders,
} from "@inference-platform/planner";
import { policyDocuments } from "./documents";
import { policyFacts, stacksOf } from "./facts";

/** A policy as its file has it. */
export function policyText(document: PolicyDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The policy files with their texts. */
async function policyFiles(directory: string): Promise<Record<string, string>> {
  const documents = policyDocuments(await policyFacts(directory, stacksOf(directory)));
  return Object.fromEntries(
    Object.entries(documents).map(([path, document]) => [path, policyText(document)]),
  );
}

/** @throws UsageError for a value of the wrong form. */
function filled(text: string, given: PlaceholderValues): string {
  try {
    return filledIn(text, given);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const text = (value: string, help: string) => ({ type: "string", value, help }) as const;

/** The command `policies`. */
export const command = defineCommand({
  name: "policies",
  stack: false,
  summary:
    "Writes policies/*.json: what the roles that preview and deploy may do, made from the types of resources that the " +
    "stacks contain. Words in capitals in them stand for values of your account; --out writes a copy with those " +
    "filled in.",
  options: {
    check: { type: "boolean", help: "Write nothing; exit 1 when a file differs." },
    out: text("DIR", "Write there, with the values of the options that follow."),
    account: text("ID", "ACCOUNT_ID, 12 digits."),
    region: text("REGION", "REGION, such as eu-west-1."),
    stack: text("NAME", "STACK, the stack that the deploying role is for."),
    repository: text("O/R", "OWNER/REPOSITORY, on GitHub."),
    bucket: text("NAME", "STATE_BUCKET, where Pulumi's state is."),
    zone: text("ID", "HOSTED_ZONE_ID, of ingress.hostedZoneId; needed only with TLS, as is"),
    domain: text("NAME", "DOMAIN, ingress.domain: its records and those below it may be changed."),
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: {
    0: "all are written, or as they must be",
    1: "with --check: a file differs",
    2: "wrong usage",
  },
  run: async ({ values: given }) => {
    const { check, out, directory, ...texts } = given;
    const named = Object.keys(placeholders).find(
      (option) => texts[option as keyof typeof texts] !== undefined,
    );
    if (named && !out) {
      throw new UsageError(`--${named} needs --out DIR: the files in policies/ keep their placeholders.`);
    }
    const files = await policyFiles(directory);
    if (out === undefined)
      return keepGenerated({ root: resolve(directory), files, command: "policies" }, check);
    const copies = Object.entries(files).map(([path, content]) => [
      path.replace("policies/", ""),
      filled(content, texts),
    ]);
    return keepGenerated(
      { root: resolve(out), files: Object.fromEntries(copies), command: "policies" },
      false,
    );
  },
});
