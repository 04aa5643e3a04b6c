import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { defineCommand, UsageError, UserError, writeResult } from "@inference-platform/kit";
import { readStack } from "../plan/stack";
import { newStackFile, type StackAnswers, zonesOf } from "./stack-file";

/** The command `new`. */
export const command = defineCommand({
  name: "new",
  stack: true,
  summary:
    "Makes the file of a new stack, Pulumi.<stack>.yaml, from the one of another, with its comments. At a terminal it asks " +
    "for what no option says; elsewhere that stays as in the other stack. A file that would be refused is not written.",
  options: {
    from: { type: "string", value: "STACK", default: "staging", help: "The stack to start from." },
    region: {
      type: "string",
      value: "REGION",
      help: "AWS region; its zones a, b, … unless --zones names them.",
    },
    zones: { type: "string", value: "A,B", help: "Availability zones, as many as the other stack has." },
    gpu: { type: "string", value: "TYPE", help: "Instance type of the GPU nodes, such as g6.xlarge." },
    model: { type: "string", value: "ID", help: "Hugging Face id of the model; needs --weights." },
    weights: { type: "string", value: "GIB", help: "Size of the model's weights, GiB." },
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: { 0: "written", 1: "refused, nothing is written", 2: "wrong usage" },
  run: async ({ stack, values }) => {
    const directory = resolve(values.directory);
    const file = `Pulumi.${stack}.yaml`;
    if (!/^[A-Za-z0-9_-]{1,100}$/.test(stack))
      throw new UsageError(`${stack}: a stack's name has letters, digits, - and _ only.`);
    if (existsSync(join(directory, file))) throw new UserError(`${file} exists already; nothing is written.`);
    const other = readStack(directory, values.from);
    const text = readFileSync(other.stackFile, "utf8");
    const { project, config } = other.context;
    const answers = await completed(answersOf(values), config["aws:region"] ?? "");
    if (answers.region && !answers.zones) answers.zones = zonesOf(answers.region, text, project);

    const made = newStackFile(text, project, answers);
    await refuseWhatPlanRefuses(directory, stack, made);
    await writeResult(made, join(directory, file));
    process.stdout.write(
      [
        `wrote ${file}`,
        `  npm run plan -- ${stack}       what it would be`,
        `  pulumi stack init ${stack}    then: pulumi up -s ${stack}`,
        "",
      ].join("\n"),
    );
    return 0;
  },
});

interface Given {
  region?: string;
  zones?: string;
  gpu?: string;
  model?: string;
  weights?: string;
}

function answersOf({ region, zones, gpu, model, weights }: Given): StackAnswers {
  if (model !== undefined && weights === undefined)
    throw new UsageError("--model needs --weights: the size decides what fits, and how long a start takes.");
  return {
    region,
    zones: zones?.split(",").map((zone) => zone.trim()),
    gpu,
    model,
    weightsGiB: gibOf(weights),
  };
}

function gibOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const size = Number(text);
  if (!(size > 0)) throw new UsageError(`--weights ${text}: must be a number of GiB above 0.`);
  return size;
}

/** Asks for what no option said, at a terminal; an empty answer keeps what the other stack has. */
async function completed(answers: StackAnswers, region: string): Promise<StackAnswers> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return answers;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ask = async (question: string) => (await terminal.question(`${question}: `)).trim() || undefined;
  try {
    answers.region ??= await ask(`AWS region (${region})`);
    answers.gpu ??= await ask("GPU instance type (as it is)");
    answers.model ??= await ask("Hugging Face model id (as it is)");
    if (answers.model) answers.weightsGiB ??= gibOf(await ask("size of its weights, GiB"));
    return answers;
  } finally {
    terminal.close();
  }
}

/** @throws the program's refusal, naming every key. */
async function refuseWhatPlanRefuses(directory: string, stack: string, text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "inference-platform-new-"));
  const stackFile = join(folder, `Pulumi.${stack}.yaml`);
  try {
    writeFileSync(stackFile, text);
    const { runStack } = await import("../plan/run");
    await runStack({ stack, directory, stackFile });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
