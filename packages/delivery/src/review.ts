import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { projectRoot, readArguments, typescriptArguments, UsageError } from "@inference-platform/kit";
import { fenced } from "./changes";
import { stacksOf } from "./policies/facts";
import { addToSummary } from "./preview";
import { runProgram } from "./pulumi";

const help = `Usage: npm run --silent review -- --base REVISION --out DIR

Compares every stack that has a file with a base revision (\`npm run diff\`) and writes diff-<stack>.md to DIR, for the
comment of a pull request; in a workflow also the number of the pull request, and everything to the job's summary.
Needs no credentials. A stack that cannot be compared gets its errors as text.

  --base REVISION   what to compare with; in a pull request's merge commit HEAD^1
  --out DIR         where to write
  --directory DIR   the project. Default: the current folder
  --help            this text

Exit codes: 0 all stacks were compared; 1 some could not be, fail a check or will fail; 2 wrong usage.
`;

/** The command `review`. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = readArguments({
    args,
    options: { base: text, out: text, directory: text, help: { type: "boolean" } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { base, out } = values;
  if (!base || !out) throw new UsageError(`--base and --out are needed.\n\n${help}`);
  const directory = resolve(values.directory ?? ".");
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
}

async function compare(
  stack: string,
  base: string,
  directory: string,
): Promise<{ code: number; text: string }> {
  const program = [...typescriptArguments, join(projectRoot, "packages/planner/bin.ts")];
  const ended = await runProgram(
    process.execPath,
    [...program, "diff", stack, "--base", base, "--format", "markdown"],
    { directory, from: "" },
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
