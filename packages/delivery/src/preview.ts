import { resolve } from "node:path";
import { defineCommand, writeResult } from "@inference-platform/kit";
import { changesTable, fenced, type PreviewResult, previewResult } from "./changes";
import { needStack, pulumi } from "./pulumi";
import { addToSummary } from "./summary";

/** The section of the comment about one stack. */
export function previewMarkdown(stack: string, result: PreviewResult): string {
  const heading = `### pulumi preview: ${stack}\n\n`;
  if (result.failure === undefined) return `${heading}${changesTable(result)}`;
  return `${heading}**The preview failed.** Merging would not deploy.\n\n${fenced(result.failure)}`;
}

/** The command `preview`. */
export const command = defineCommand({
  name: "preview",
  stack: true,
  summary:
    "Runs `pulumi preview` on the real stack and tells what it would do, as Markdown: names and properties, never " +
    "values. Reads the cloud for nothing but what the program looks up: drift is what `npm run drift` is for.",
  options: {
    out: { type: "string", value: "FILE", help: "Write there; a failed preview is written too." },
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: { 0: "the preview succeeded", 1: "it failed", 2: "wrong usage" },
  run: async ({ stack, values }) => {
    const directory = resolve(values.directory);
    needStack(stack, directory);
    const result = previewResult(
      await pulumi(stack, ["preview", "--json", "--suppress-outputs"], { directory }),
    );
    const text = previewMarkdown(stack, result);
    await writeResult(text, values.out);
    addToSummary(text);
    if (result.failure !== undefined) process.stderr.write(`${result.failure}\n`);
    return result.failure === undefined ? 0 : 1;
  },
});
