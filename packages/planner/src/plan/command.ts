import { readFileSync, writeFileSync } from "node:fs";
import { delayedProgress, readArguments, UsageError } from "@inference-platform/kit";
import type { Properties } from "../program/monitor";
import { chartFolder } from "./charts";
import { markdownPlan } from "./formats/markdown";
import { mermaidPlan } from "./formats/mermaid";
import { textPlan } from "./formats/text";
import { CheckStatus, type Plan } from "./types";

const help = `Usage: npm run --silent plan -- <stack> [options]

Shows what a stack would create, where its pods would run, what it would cost, and what is wrong with it.
Needs no cloud, no cluster, no Pulumi CLI and no network.

  --format FORMAT   text (default), json, markdown or mermaid
  --out FILE        write there instead of to the terminal
  --charts DIR      folder with archives of published charts, to render them too; also looked for in
                    $INFERENCE_PLATFORM_CHARTS and ~/.cache/inference-platform/charts
  --directory DIR   the project. Default: the current folder
  --stack-outputs STACK=FILE
                    outputs of another stack that the program reads, as JSON (pulumi stack output --json -s STACK);
                    may be repeated
  --existing-aws    the program builds on AWS resources that it does not make: take them for granted, refuse nothing
  --help            this text

Exit codes: 0 all checks pass; 1 the settings are refused or a check fails; 2 wrong usage.
`;

type Format = (plan: Plan, colour: boolean) => string;

const formats: Record<string, Format> = {
  text: textPlan,
  json: (plan) => `${JSON.stringify(plan, null, 2)}\n`,
  markdown: markdownPlan,
  mermaid: mermaidPlan,
};

/** The command `plan`. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readArguments({
    args,
    allowPositionals: true,
    options: {
      format: { type: "string", default: "text" },
      out: { type: "string" },
      charts: { type: "string" },
      directory: { type: "string" },
      "stack-outputs": { type: "string", multiple: true, default: [] },
      "existing-aws": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [stack, ...extra] = positionals;
  if (!stack) throw new UsageError(`Which stack? For example: npm run plan -- staging\n\n${help}`);
  if (extra.length > 0)
    throw new UsageError(
      `One stack at a time; found also: ${extra.join(", ")}. Options come after --: npm run plan -- ${stack} --format json`,
    );
  const format = Object.hasOwn(formats, values.format) ? formats[values.format] : undefined;
  if (!format) {
    throw new UsageError(`--format ${values.format}: must be one of ${Object.keys(formats).join(", ")}.`);
  }

  const { directory, out } = values;
  const charts = values.charts === undefined ? undefined : chartFolder(values.charts);
  const stackOutputs = Object.fromEntries(values["stack-outputs"].map(outputsFile));
  const progress = delayedProgress();
  // Loads the SDK: half a second that wrong usage need not wait for.
  const { planStack } = await import("./run");
  const aws = values["existing-aws"] ? new (await import("./assumed-aws")).AssumedAws() : undefined;
  const plan = await planStack({
    stack,
    directory,
    charts,
    stackOutputs,
    aws,
    onProgress: progress.step,
  }).finally(progress.end);
  const colour = process.stdout.isTTY === true && !out && !process.env.NO_COLOR;
  const text = format(plan, colour);
  if (out) writeFileSync(out, text);
  else await written(text);
  return plan.checks.some((check) => check.status === CheckStatus.Fail) ? 1 : 0;
}

/** `STACK=FILE` as the stack's name and its outputs. */
function outputsFile(argument: string): [string, Properties] {
  const at = argument.indexOf("=");
  if (at < 1) throw new UsageError(`--stack-outputs ${argument}: must be STACK=FILE.`);
  const file = argument.slice(at + 1);
  try {
    return [argument.slice(0, at), JSON.parse(readFileSync(file, "utf8")) as Properties];
  } catch (error) {
    throw new UsageError(`--stack-outputs ${argument}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Waits until a pipe has taken everything: a process that ends earlier cuts the plan. */
function written(text: string): Promise<void> {
  return new Promise((done) => process.stdout.write(text, () => done()));
}
