import { resolve } from "node:path";
import { defineCommand } from "@inference-platform/kit";
import { changesTable, fenced, type PreviewResult, previewResult } from "./changes";
import { cut } from "./cut";
import { accessFrom, GitHub } from "./github";
import { needStack, pulumi } from "./pulumi";
import { addToSummary } from "./summary";

/** By it the issues are listed; only people with write access can set one. */
const label = "drift";

/** GitHub takes 65,536 in an issue. */
const mostCharacters = 60_000;

interface Issue {
  number: number;
  title: string;
  body: string | null;
}

/** Title and text of the issue about a stack. */
export interface DriftReport {
  drifted: boolean;
  title: string;
  body: string;
}

/** Hidden line by which the issue of a stack is found again. */
export function driftMarker(stack: string): string {
  return `<!-- inference-platform:drift:${stack} -->`;
}

/** What the issue says. The text depends on the drift only: an unchanged one is left alone. */
export function driftReport(stack: string, result: PreviewResult): DriftReport {
  const marker = driftMarker(stack);
  if (result.failure !== undefined) {
    const text = `The nightly look at \`${stack}\` failed, so drift is not known.\n\n${fenced(result.failure)}`;
    return { drifted: true, title: `Drift of ${stack} cannot be told`, body: `${marker}\n${text}` };
  }
  const body = [
    marker,
    `\`${stack}\` is not what the code says. The next \`pulumi up\` would do this:`,
    "",
    cut(changesTable(result), mostCharacters),
    "Either bring the change into the code, or let the next deployment undo it. This issue closes itself once",
    "nothing differs.",
    "",
  ].join("\n");
  return { drifted: result.changes.length > 0, title: `Drift in ${stack}`, body };
}

/** Opens, updates or closes the one issue about a stack. @returns what was done. */
export async function keepIssue(github: GitHub, stack: string, report: DriftReport): Promise<string> {
  const marker = driftMarker(stack);
  const open = await github.list<Issue>(`/issues?state=open&labels=${label}`);
  const issue = open.find((candidate) => candidate.body?.startsWith(marker));
  const { title, body } = report;
  if (!report.drifted) {
    if (!issue) return "no drift";
    await github.post(`/issues/${issue.number}/comments`, { body: "Nothing differs any more." });
    await github.patch(`/issues/${issue.number}`, { state: "closed", state_reason: "completed" });
    return `no drift any more; closed #${issue.number}`;
  }
  if (!issue) {
    const { number } = await github.post<Issue>("/issues", { title, body, labels: [label] });
    return `drift; opened #${number}`;
  }
  if (issue.title === title && issue.body?.trim() === body.trim()) return `drift as in #${issue.number}`;
  await github.patch(`/issues/${issue.number}`, { title, body });
  return `drift; updated #${issue.number}`;
}

/** The command `drift`. */
export const command = defineCommand({
  name: "drift",
  stack: true,
  summary:
    "Compares a stack's code with what is really there (`pulumi preview --refresh`; nothing is changed, the state " +
    "neither) and tells what differs.",
  options: {
    issue: {
      type: "boolean",
      help:
        "Keep one issue on GitHub about it: opened when there is drift, updated while there is, closed when there is " +
        "none. Needs GITHUB_TOKEN (issues: write) and GITHUB_REPOSITORY.",
    },
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: {
    0: "no drift; with --issue also drift, which is not a failure then",
    1: "drift, or it could not be looked for",
    2: "wrong usage",
  },
  run: async ({ stack, values }) => {
    // Fails before the long part when it could not report.
    const github = values.issue ? new GitHub(accessFrom(process.env)) : undefined;
    const directory = resolve(values.directory);
    needStack(stack, directory);
    const result = previewResult(
      await pulumi(stack, ["preview", "--refresh", "--json", "--suppress-outputs"], { directory }),
    );
    const report = driftReport(stack, result);
    const text = report.drifted ? report.body : `No drift in \`${stack}\`.\n`;
    process.stdout.write(text);
    addToSummary(text);
    if (github) process.stdout.write(`${await keepIssue(github, stack, report)}\n`);
    if (result.failure !== undefined) return 1;
    return report.drifted && !github ? 1 : 0;
  },
});
