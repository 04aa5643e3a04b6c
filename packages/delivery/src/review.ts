import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineCommand, projectRoot, runProgram, typescriptArguments } from "@inference-platform/kit";
import { fenced } from "./changes";
import { stacksOf } from "./policies/facts";
import { addToSummary } from "./summary";

/** The command `review`. */
export const command = defineCommand({
  name: "review",
  stack: false,
  example: "--base main --out review",
  summary:
    "Compares every stack that has a file with a base revision (`npm run diff`) and writes diff-<stack>.md to DIR, for " +
    "the comment of a pull request; in a workflow also the number of the pull request, and everything to the job's " +
    "summary. Needs no credentials. A stack that cannot be compared gets its errors as text.",
  options: {
    base: {
      type: "string",
      value: "REVISION",
      required: true,
      help: "What to compare with; in a pull request's merge commit HEAD^1.",
    },
    out: { type: "string", value: "DIR", required: true, help: "Where to write." },
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: {
    0: "all stacks were compared",
    1: "some could not be, fail a check or will fail",
    2: "wrong usage",
  },
  run: async ({ values }) => {
    const { base, out } = values;
    const directory = resolve(values.directory);
    mkdirSync(out, { recursive: true });
    let failed = 0;
    for (const stack of stacksOf(directory)) {
      const { code, text: markdown } = await compare(stack, base, directory);
      if (code !== 0) failed++;
      writeFileSync(join(out, `diff-${stack}.md`), markdown);
      addToSummary(markdown);
      process.stdout.write(`${stack}: ${code === 0 ? "compared" : "fails, see above"}\n`);
    }
    const number = pullRequestNumber();
    if (number !== undefined) writeFileSync(join(out, "number"), `${number}\n`);
    return failed > 0 ? 1 : 0;
  },
});

async function compare(
  stack: string,
  base: string,
  directory: string,
): Promise<{ code: number; text: string }> {
  const program = [...typescriptArguments, join(projectRoot, "packages/planner/bin.ts")];
  const ended = await runProgram(
    process.execPath,
    [...program, "diff", stack, "--base", base, "--format", "markdown"],
    { directory },
  );
  if (ended.code !== 0) process.stderr.write(ended.stderr);
  // A plan with a failed check, or a gate that is hit, still has its comparison to show.
  if (ended.stdout.trim() !== "") return { code: ended.code, text: ended.stdout };
  const errors = fenced(ended.stderr.trim() || `npm run diff ended with exit code ${ended.code}`);
  return { code: ended.code, text: `### ${stack}\n\n**It cannot be planned.**\n\n${errors}` };
}

function pullRequestNumber(): number | undefined {
  const file = process.env.GITHUB_EVENT_PATH;
  if (!file) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { pull_request?: { number: number } }).pull_request
    ?.number;
}
