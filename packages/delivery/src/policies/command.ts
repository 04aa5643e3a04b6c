import { resolve } from "node:path";
import { defineCommand, keepGenerated, UsageError } from "@inference-platform/kit";
import { type PolicyDocument, policyDocuments } from "./documents";
import { policyFacts, stacksOf } from "./facts";

/** What each option may be: anything else would widen a policy or break its JSON. */
const values: Record<string, { word: string; pattern: RegExp }> = {
  account: { word: "ACCOUNT_ID", pattern: /^\d{12}$/ },
  region: { word: "REGION", pattern: /^[a-z]{2}(-[a-z]+)+-\d$/ },
  stack: { word: "STACK", pattern: /^[A-Za-z0-9_-]+$/ },
  repository: { word: "OWNER/REPOSITORY", pattern: /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/ },
  bucket: { word: "STATE_BUCKET", pattern: /^[a-z0-9][a-z0-9.-]{2,62}$/ },
  zone: { word: "HOSTED_ZONE_ID", pattern: /^Z[A-Z0-9]+$/ },
};

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

/**
 * Puts an account's values where a policy has placeholders.
 *
 * @throws UsageError for a value of the wrong form.
 */
export function filledIn(text: string, given: Record<string, string | undefined>): string {
  let filled = text;
  for (const [option, { word, pattern }] of Object.entries(values)) {
    const value = given[option];
    if (value === undefined) continue;
    if (!pattern.test(value)) throw new UsageError(`--${option} ${value}: must match ${pattern.source}.`);
    filled = filled.replaceAll(new RegExp(`\\b${word}\\b`, "g"), value);
  }
  return filled;
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
    zone: text("ID", "HOSTED_ZONE_ID, of ingress.hostedZoneId; needed only with TLS."),
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: {
    0: "all are written, or as they must be",
    1: "with --check: a file differs",
    2: "wrong usage",
  },
  run: async ({ values: given }) => {
    const { check, out, directory, ...texts } = given;
    const named = Object.keys(values).find((option) => texts[option as keyof typeof texts] !== undefined);
    if (named && !out) {
      throw new UsageError(`--${named} needs --out DIR: the files in policies/ keep their placeholders.`);
    }
    const files = await policyFiles(directory);
    if (out === undefined)
      return keepGenerated({ root: resolve(directory), files, command: "policies" }, check);
    const copies = Object.entries(files).map(([path, content]) => [
      path.replace("policies/", ""),
      filledIn(content, texts),
    ]);
    return keepGenerated(
      { root: resolve(out), files: Object.fromEntries(copies), command: "policies" },
      false,
    );
  },
});
