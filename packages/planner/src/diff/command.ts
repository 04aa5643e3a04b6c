import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { delayedProgress, readArguments, UsageError } from "@inference-platform/kit";
import { chartFolder } from "../plan/charts";
import { diffPlans } from "./diff";
import { PlanFailed } from "./failure";
import { markdownDiff } from "./formats/markdown";
import { textDiff } from "./formats/text";
import { alwaysOn, gateHelp, parseGates } from "./gates";
import { type RevisionPlan, Revisions } from "./revisions";
import type { PlanDiff } from "./types";

const help = `Usage: npm run --silent diff -- <stack> --base REVISION [options]

Shows what merging would do to a stack: what is created, changed, replaced and deleted, what is dangerous about it,
and what it costs before and after. Makes two plans, each with its revision's own program; needs Git, but no cloud,
no cluster, no Pulumi CLI and no credential. The checkout is not touched.

  --base REVISION   the state before: a branch, tag or commit. What counts is the commit where the head left it, as
                    in a pull request: what the base has got since then is not undone. In Git's own words:
                      --base main...topic   the same for two revisions (\`--base main --head topic\`)
                      --base main..topic    both as they are, such as for a way back: --base v2..v1
  --head REVISION   the state after. Default: the working tree as it is
  --format FORMAT   text (default), markdown (fits a pull request's comment) or json
  --out FILE        write there instead of to the terminal
  --fail-on GATES   what must not pass; separated by commas, or given several times:
                    ${gateHelp}.
                    Always on: ${alwaysOn}, an update that AWS, Kubernetes or Pulumi will refuse
  --charts DIR      folder with archives of published charts, to compare them object by object too
  --directory DIR   the project, anywhere in a Git repository. Default: the current folder
  --help            this text

Exit codes: 0 no gate is hit; 1 a gate is hit; 2 wrong usage; 3 a plan fails, or a check of the new one.
`;

type Format = (diff: PlanDiff, gates: string[]) => string;

const formats: Record<string, Format> = {
  text: textDiff,
  json: (diff, gates) => `${JSON.stringify({ ...diff, gates }, null, 2)}\n`,
  markdown: markdownDiff,
};

/** The command `diff`. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readArguments({
    args,
    allowPositionals: true,
    options: {
      base: { type: "string" },
      head: { type: "string" },
      format: { type: "string", default: "text" },
      out: { type: "string" },
      "fail-on": { type: "string", multiple: true, default: [] },
      charts: { type: "string" },
      directory: { type: "string", default: "." },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [stack, ...extra] = positionals;
  if (!stack)
    throw new UsageError(`Which stack? For example: npm run diff -- staging --base main\n\n${help}`);
  if (extra.length > 0)
    throw new UsageError(
      `One stack at a time; found also: ${extra.join(", ")}. Options come after --: npm run diff -- ${stack} --format json`,
    );
  const { base, head, charts, out } = values;
  if (!base)
    throw new UsageError(`--base is missing. For example: npm run diff -- ${stack} --base main\n\n${help}`);
  const format = Object.hasOwn(formats, values.format) ? formats[values.format] : undefined;
  if (!format) {
    throw new UsageError(`--format ${values.format}: must be one of ${Object.keys(formats).join(", ")}.`);
  }
  const gates = parseGates(values["fail-on"]);

  const progress = delayedProgress();
  const revisions = new Revisions({
    directory: resolve(values.directory),
    stack,
    charts: charts === undefined ? undefined : chartFolder(charts),
    onProgress: progress.step,
  });
  const stop = endOnSignals(() => revisions.close());
  try {
    const diff = await compare(revisions, base, head);
    const hits = gates.flatMap((gate) => gate(diff));
    if (diff.noBase !== undefined && values["fail-on"].length > 0) {
      process.stderr.write(
        `--fail-on: there is nothing to compare with, so nothing can be replaced or deleted.\n`,
      );
    }
    const text = format(diff, hits);
    progress.end();
    if (out) writeFileSync(out, text);
    else await written(text);
    return exitCode(diff, hits);
  } catch (error) {
    if (!(error instanceof PlanFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 3;
  } finally {
    progress.end();
    stop();
    revisions.close();
  }
}

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

/** Cleans up before an interrupt ends the process. @returns what takes the handlers away */
function endOnSignals(clean: () => void): () => void {
  const codes: Record<string, number> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  const end = (signal: NodeJS.Signals) => {
    clean();
    process.exit(codes[signal]);
  };
  for (const signal of Object.keys(codes)) process.once(signal as NodeJS.Signals, end);
  return () => {
    for (const signal of Object.keys(codes)) process.removeListener(signal, end);
  };
}

/** Waits until a pipe has taken everything: a process that ends earlier cuts the text. */
function written(text: string): Promise<void> {
  return new Promise((done) => process.stdout.write(text, () => done()));
}
