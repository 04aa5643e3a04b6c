import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readArguments, UsageError } from "@inference-platform/kit";
import { changesTable, fenced, type PreviewResult, previewResult } from "./changes";
import { needStack, pulumi } from "./pulumi";

const help = `Usage: npm run --silent preview -- <stack> [options]

Runs \`pulumi preview\` on the real stack and tells what it would do, as Markdown: names and properties, never values.
Reads the cloud for nothing but what the program looks up: drift is what \`npm run drift\` is for.

  --out FILE        write there; a failed preview is written too
  --directory DIR   the project. Default: the current folder
  --help            this text

Exit codes: 0 the preview succeeded; 1 it failed; 2 wrong usage.
`;

/** The section of the comment about one stack. */
export function previewMarkdown(stack: string, result: PreviewResult): string {
  const heading = `### pulumi preview: ${stack}\n\n`;
  if (result.failure === undefined) return `${heading}${changesTable(result)}`;
  return `${heading}**The preview failed.** Merging would not deploy.\n\n${fenced(result.failure)}`;
}

/** The command `preview`. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readArguments({
    args,
    allowPositionals: true,
    options: { out: { type: "string" }, directory: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [stack, ...extra] = positionals;
  if (!stack || extra.length > 0) throw new UsageError(`One stack, for example: npm run preview -- staging`);
  const directory = resolve(values.directory ?? ".");
  needStack(stack, directory);
  const result = previewResult(
    await pulumi(stack, ["preview", "--json", "--suppress-outputs"], { directory }),
  );
  const text = previewMarkdown(stack, result);
  if (values.out) {
    mkdirSync(dirname(resolve(values.out)), { recursive: true });
    writeFileSync(values.out, text);
  } else process.stdout.write(text);
  addToSummary(text);
  if (result.failure !== undefined) process.stderr.write(`${result.failure}\n`);
  return result.failure === undefined ? 0 : 1;
}

/** Adds Markdown to the summary page of a workflow's job; nothing outside of one. */
export function addToSummary(text: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file) appendFileSync(file, `${text}\n`);
}
