import { readFileSync } from "node:fs";
import {
  defineCommand,
  delayedProgress,
  showsColour,
  UsageError,
  writeResult,
} from "@inference-platform/kit";
import type { Properties } from "../program/monitor";
import { chartFolder } from "./charts";
import { markdownPlan } from "./formats/markdown";
import { mermaidPlan } from "./formats/mermaid";
import { type TextOptions, textPlan } from "./formats/text";
import { CheckStatus, type Plan } from "./types";

type Format = (plan: Plan, options: TextOptions) => string;

const formats = {
  text: textPlan,
  json: (plan: Plan) => `${JSON.stringify(plan, null, 2)}\n`,
  markdown: markdownPlan,
  mermaid: mermaidPlan,
} satisfies Record<string, Format>;

/** The command `plan`. */
export const command = defineCommand({
  name: "plan",
  stack: true,
  summary:
    "Shows what a stack would create, where its pods would run, what it would cost, and what is wrong with it. " +
    "Needs no cloud, no cluster, no Pulumi CLI and no network.",
  options: {
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["text", "json", "markdown", "mermaid"],
      default: "text",
      help: "What to print.",
    },
    out: { type: "string", value: "FILE", help: "Write there instead of to the terminal." },
    verbose: {
      type: "boolean",
      help: "As text: also where prices are from, every release, and what the checks looked at.",
    },
    charts: {
      type: "string",
      value: "DIR",
      help:
        "Folder with archives of published charts, to render them too; also looked for in " +
        "$INFERENCE_PLATFORM_CHARTS and ~/.cache/inference-platform/charts.",
    },
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
    "stack-outputs": {
      type: "string",
      value: "STACK=FILE",
      multiple: true,
      help:
        "Outputs of another stack that the program reads, as JSON (pulumi stack output --json -s STACK); may be " +
        "repeated.",
    },
    "existing-aws": {
      type: "boolean",
      help: "The program builds on AWS resources that it does not make: take them for granted, refuse nothing.",
    },
  },
  exitCodes: { 0: "all checks pass", 1: "the settings are refused or a check fails", 2: "wrong usage" },
  run: async ({ stack, values }) => {
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
    const colour = !out && showsColour();
    await writeResult(formats[values.format](plan, { colour, verbose: values.verbose }), out);
    return plan.checks.some((check) => check.status === CheckStatus.Fail) ? 1 : 0;
  },
});

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
