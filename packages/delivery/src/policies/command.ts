import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readArguments, UsageError } from "@inference-platform/kit";
import { type PolicyDocument, policyDocuments } from "./documents";
import { policyFacts, stacksOf } from "./facts";

const help = `Usage: npm run policies [-- options]

Writes policies/*.json: what the roles that preview and deploy may do, made from the types of resources that the
stacks contain. Words in capitals in them stand for values of your account; --out writes a copy with those filled in.

  --check             write nothing; exit 1 when a file differs
  --out DIR           write there, with the values given:
    --account ID         ACCOUNT_ID, 12 digits
    --region REGION      REGION, such as eu-west-1
    --stack NAME         STACK, the stack that the deploying role is for
    --repository O/R     OWNER/REPOSITORY, on GitHub
    --bucket NAME        STATE_BUCKET, where Pulumi's state is
    --zone ID            HOSTED_ZONE_ID, of ingress.hostedZoneId; needed only with TLS
  --directory DIR     the project. Default: the current folder
  --help              this text
`;

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

/** The command `policies`. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values: given } = readArguments({
    args,
    options: {
      check: { type: "boolean" },
      help: { type: "boolean" },
      out: text,
      directory: text,
      ...{ account: text, region: text, stack: text, repository: text, bucket: text, zone: text },
    },
  });
  if (given.help) {
    process.stdout.write(help);
    return 0;
  }
  const directory = resolve(given.directory ?? ".");
  const named = Object.keys(values).filter((option) => given[option as keyof typeof given] !== undefined);
  if (named.length > 0 && !given.out) {
    throw new UsageError(`--${named[0]} needs --out DIR: the files in policies/ keep their placeholders.`);
  }
  const files = Object.entries(await policyFiles(directory));
  if (given.out) {
    const { check: _check, help: _help, ...texts } = given;
    for (const [path, content] of files) {
      write(join(resolve(given.out), path.replace("policies/", "")), filledIn(content, texts));
    }
    return 0;
  }
  const stale = files.filter(([path, content]) => read(join(directory, path)) !== content);
  for (const [path, content] of stale) {
    if (given.check) process.stderr.write(`${path} is not what the stacks need. Run: npm run policies\n`);
    else write(join(directory, path), content);
  }
  if (stale.length === 0) process.stdout.write("up to date\n");
  return given.check && stale.length > 0 ? 1 : 0;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  process.stdout.write(`wrote ${path}\n`);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
