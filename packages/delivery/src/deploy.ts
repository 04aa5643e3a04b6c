import { resolve } from "node:path";
import { defineCommand, UserError } from "@inference-platform/kit";
import { needStack, pulumi } from "./pulumi";
import { smoke, stackOutputs, wayOption } from "./smoke";
import { addToSummary } from "./summary";

/** What to do after a failure, for whoever reads the summary. */
export function rollbackText(stack: string, step: string, commit: string): string {
  return [
    `## ${stack}: ${step} failed`,
    "",
    "Nothing after it was started: stacks that come later are as they were.",
    "",
    "**To roll back**, bring the last good commit's code back and let it be deployed the same way:",
    "",
    "```sh",
    `git revert --no-edit ${commit}   # a merge commit: git revert --no-edit -m 1 ${commit}`,
    "git push                        # or by pull request, when main is protected",
    "```",
    "",
    `**To try again** (no capacity, a time-out): run the failed job again. It continues where \`${stack}\` is.`,
    "Before that, after a run that was killed: `pulumi cancel`; docs/deploying.md has the rest.",
    "",
  ].join("\n");
}

/** The command `deploy`. */
export const command = defineCommand({
  name: "deploy",
  stack: true,
  summary:
    "Brings a stack to what the code says (`pulumi up`, without a question) and then asks its services for completions, " +
    "as `npm run smoke` does. When either fails it says how to roll back, in a workflow on the job's summary page.",
  options: {
    via: wayOption,
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: { 0: "deployed and answering", 1: "not", 2: "wrong usage" },
  run: async ({ stack, values }) => {
    const { via } = values;
    const directory = resolve(values.directory);
    // What is missing here is not a failure of the stack: there is nothing to roll back.
    needStack(stack, directory);
    const commit = process.env.GITHUB_SHA ?? "HEAD";
    let step = "pulumi up";
    try {
      const up = await pulumi(stack, ["up", "--yes", "--skip-preview", "--suppress-outputs"], {
        directory,
        shown: true,
      });
      if (up.code !== 0) {
        report(rollbackText(stack, step, commit));
        return 1;
      }
      step = "the smoke test";
      const tried = await smoke(await stackOutputs(stack, directory), { via, waitSeconds: 300 });
      addToSummary(
        `## ${stack}: deployed\n\n${tried} services answered, one completion and one stream each.`,
      );
      return 0;
    } catch (error) {
      // The cause first, then what to do about it.
      process.stderr.write(`${error instanceof UserError ? error.message : (error as Error).stack}\n\n`);
      report(rollbackText(stack, step, commit));
      return 1;
    }
  },
});

function report(text: string): void {
  process.stderr.write(text);
  addToSummary(text);
}
