import { resolve } from "node:path";
import { defineCommand, delayedProgress, onInterrupt, writeResult } from "@inference-platform/kit";
import { chartFolder } from "../plan/charts";
import { diffPlans } from "./diff";
import { PlanFailed } from "./failure";
import { markdownDiff } from "./formats/markdown";
import { textDiff } from "./formats/text";
import { alwaysOn, gateHelp, parseGates } from "./gates";
import { type RevisionPlan, Revisions } from "./revisions";
import type { PlanDiff } from "./types";

type Format = (diff: PlanDiff, gates: string[]) => string;

const formats = {
  text: textDiff,
  json: (diff: PlanDiff, gates: string[]) => `${JSON.stringify({ ...diff, gates }, null, 2)}\n`,
  markdown: markdownDiff,
} satisfies Record<string, Format>;

/** The command `diff`. */
export const command = defineCommand({
  name: "diff",
  stack: true,
  example: "--base main",
  summary:
    "Shows what merging would do to a stack: what is created, changed, replaced and deleted, what is dangerous about " +
    "it, and what it costs before and after. Makes two plans, each with its revision's own program; needs Git, but no " +
    "cloud, no cluster, no Pulumi CLI and no credential. The checkout is not touched.",
  options: {
    base: {
      type: "string",
      value: "REVISION",
      required: true,
      help:
        "The state before: a branch, tag or commit. What counts is the commit where the head left it, as in a pull " +
        "request: what the base has got since then is not undone. In Git's own words, main...topic is the same for " +
        "two revisions (--base main --head topic), and main..topic takes both as they are, such as for a way back: " +
        "--base v2..v1.",
    },
    head: { type: "string", value: "REVISION", help: "The state after. Default: the working tree as it is." },
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["text", "markdown", "json"],
      default: "text",
      help: "What to print; markdown fits a pull request's comment.",
    },
    out: { type: "string", value: "FILE", help: "Write there instead of to the terminal." },
    "fail-on": {
      type: "string",
      value: "GATES",
      multiple: true,
      help:
        `What must not pass; separated by commas, or given several times: ${gateHelp}. Always on: ${alwaysOn}, an ` +
        "update that AWS, Kubernetes or Pulumi will refuse.",
    },
    charts: {
      type: "string",
      value: "DIR",
      help: "Folder with archives of published charts, to compare them object by object too.",
    },
    directory: {
      type: "string",
      value: "DIR",
      default: ".",
      help: "The project, anywhere in a Git repository.",
    },
  },
  exitCodes: {
    0: "no gate is hit",
    1: "a gate is hit",
    2: "wrong usage",
    3: "a plan fails, or a check of the new one",
  },
  run: async ({ stack, values }) => {
    const { base, head, charts, out } = values;
    const gates = parseGates(values["fail-on"]);
    const progress = delayedProgress();
    const revisions = new Revisions({
      directory: resolve(values.directory),
      stack,
      charts: charts === undefined ? undefined : chartFolder(charts),
      onProgress: progress.step,
    });
    const forget = onInterrupt(() => revisions.close());
    try {
      const diff = await compare(revisions, base, head);
      const hits = gates.flatMap((gate) => gate(diff));
      if (diff.noBase !== undefined && values["fail-on"].length > 0) {
        process.stderr.write(
          "--fail-on: there is nothing to compare with, so nothing can be replaced or deleted.\n",
        );
      }
      const text = formats[values.format](diff, hits);
      progress.end();
      await writeResult(text, out);
      return exitCode(diff, hits);
    } catch (error) {
      if (!(error instanceof PlanFailed)) throw error;
      process.stderr.write(`${error.message}\n`);
      return 3;
    } finally {
      progress.end();
      forget();
      revisions.close();
    }
  },
});

async function compare(revisions: Revisions, from: string, to: string | undefined): Promise<PlanDiff> {
  const repository = await revisions.repository();
  const { base, head } = await repository.compared(from, to);
  const [before, after] = await both(
    revisions.of(repository, base),
    head === undefined ? revisions.ofWorkingTree() : revisions.of(repository, head),
  );
  if (!after.plan) throw new PlanFailed(`There is nothing to plan: ${after.missing}.`);
  return {
    ...diffPlans(before.plan, after.plan, before.missing),
    revisions: { base: base.label, head: head?.label ?? "the working tree" },
  };
}

/** Both plans, or all that is wrong with either. */
async function both(before: Promise<RevisionPlan>, after: Promise<RevisionPlan>) {
  const results = await Promise.allSettled([before, after]);
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
  const unexpected = errors.find((error) => !(error instanceof PlanFailed));
  if (unexpected) throw unexpected;
  if (errors.length > 0) throw new PlanFailed(errors.map(({ message }) => message).join("\n\n"));
  return results.map((result) => (result as PromiseFulfilledResult<RevisionPlan>).value) as [
    RevisionPlan,
    RevisionPlan,
  ];
}

function exitCode(diff: PlanDiff, hits: string[]): number {
  const failed = diff.checks.filter(({ status }) => status === "fail");
  for (const { id, detail } of failed) process.stderr.write(`The new plan fails a check: ${id}: ${detail}\n`);
  for (const hit of hits) process.stderr.write(`Gate ${hit}\n`);
  return failed.length > 0 ? 3 : hits.length > 0 ? 1 : 0;
}
