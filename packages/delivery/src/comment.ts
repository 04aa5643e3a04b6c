import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineCommand, UserError } from "@inference-platform/kit";
import { commentMarker, commentText, type Section } from "./comment-text";
import { accessFrom, GitHub } from "./github";

/** Most bytes that a file of an artifact may have. */
const mostBytes = 1_000_000;

/** Most sections of a comment. */
const mostSections = 20;

const sectionFile = /^((?:diff|preview)-[A-Za-z0-9_-]{1,60})\.md$/;

/** The event of a finished run, as far as it is used here. */
export interface RunEvent {
  repository: { id: number; full_name: string };
  workflow_run: {
    event: string;
    conclusion: string;
    head_sha: string;
    head_branch: string;
    head_repository: { id: number; owner: { login: string } };
    html_url: string;
  };
}

interface PullRequest {
  number: number;
  head: { sha: string; repo: { id: number } | null };
}

interface Comment {
  id: number;
  body: string;
  user: { type: string } | null;
}

/**
 * The pull request that a run belongs to: open, from the run's repository and branch, at the run's commit.
 *
 * @param claimed its number as the artifact says; several pull requests can have the same commit.
 * @returns undefined when it was closed or has newer commits.
 * @throws UserError when the artifact claims another pull request.
 */
export async function pullRequestOf(
  github: GitHub,
  { workflow_run: run }: RunEvent,
  claimed: number | undefined,
): Promise<number | undefined> {
  const head = encodeURIComponent(`${run.head_repository.owner.login}:${run.head_branch}`);
  const open = await github.list<PullRequest>(`/pulls?state=open&head=${head}`);
  const numbers = open
    .filter((pull) => pull.head.sha === run.head_sha && pull.head.repo?.id === run.head_repository.id)
    .map((pull) => pull.number);
  if (numbers.length === 0) return undefined;
  if (claimed === undefined && numbers.length === 1) return numbers[0];
  if (claimed === undefined || !numbers.includes(claimed)) {
    throw new UserError(
      `The artifact says pull request ${claimed ?? "(none)"}, the run belongs to ${numbers.join(", ")}: not posted.`,
    );
  }
  return claimed;
}

/** Reads the artifacts' files: plain files of known names and bounded size, nothing else. */
export function readSections(directory: string): { claimed: number | undefined; sections: Section[] } {
  const files = readdirSync(directory).sort();
  const text = (file: string) => {
    const path = join(directory, file);
    const status = lstatSync(path);
    if (!status.isFile()) throw new UserError(`${file} in the artifact is not a plain file: not posted.`);
    if (status.size > mostBytes) {
      throw new UserError(`${file} in the artifact has ${status.size} bytes; ${mostBytes} are allowed.`);
    }
    return readFileSync(path, "utf8");
  };
  const sections = files.flatMap((file): Section[] => {
    const name = sectionFile.exec(file)?.[1];
    return name ? [{ name, text: text(file) }] : [];
  });
  if (sections.length > mostSections) throw new UserError(`${sections.length} sections: not posted.`);
  const number = files.includes("number") ? text("number").trim() : undefined;
  if (number !== undefined && !/^[1-9]\d{0,9}$/.test(number)) {
    throw new UserError("The artifact's file number is not the number of a pull request: not posted.");
  }
  return { claimed: number === undefined ? undefined : Number(number), sections };
}

/** Updates the comment with the marker, wherever it is among the pull request's comments, or makes it. */
export async function upsertComment(github: GitHub, pull: number, body: string): Promise<string> {
  const comments = await github.list<Comment>(`/issues/${pull}/comments`);
  // A person's comment with the same first line is theirs.
  const ours = comments.find(({ user, body }) => user?.type === "Bot" && body.startsWith(commentMarker));
  if (!ours) {
    await github.post(`/issues/${pull}/comments`, { body });
    return `commented on #${pull}`;
  }
  if (ours.body.trim() === body.trim()) return `the comment on #${pull} says it already`;
  await github.patch(`/issues/comments/${ours.id}`, { body });
  return `updated the comment on #${pull}`;
}

/** Posts for one finished run. @returns what was done. */
export async function postReview(github: GitHub, event: RunEvent, directory: string): Promise<string> {
  const { workflow_run: run, repository } = event;
  if (run.event !== "pull_request") throw new UserError(`The run is of ${run.event}, not of a pull request.`);
  // A newer commit of the pull request took over.
  if (run.conclusion === "cancelled") return "the run was cancelled: nothing posted";
  const { claimed, sections } = readSections(directory);
  const pull = await pullRequestOf(github, event, claimed);
  if (pull === undefined) return "the pull request is closed or has newer commits: nothing posted";
  const fork = run.head_repository.id !== repository.id;
  const body = commentText(
    // A fork has no credentials, so a preview from there would be invented.
    sections.filter(({ name }) => !fork || name.startsWith("diff-")),
    { commit: run.head_sha, runUrl: run.html_url, conclusion: run.conclusion, fork },
  );
  return upsertComment(github, pull, body);
}

/** The command `comment`. */
export const command = defineCommand({
  name: "comment",
  stack: false,
  summary:
    "Posts what a run of preview.yml computed as the one comment of its pull request, or updates it. For a " +
    "workflow_run workflow, which may write comments but runs nothing of the pull request's. Everything in DIR is data " +
    "of unknown origin: the number of the pull request counts only when GitHub says the same of the run's commit.",
  options: {
    directory: {
      type: "string",
      value: "DIR",
      required: true,
      help: "Where the artifacts of the run are: number, diff-<stack>.md, preview-<stack>.md.",
    },
  },
  notes: "Needs GITHUB_TOKEN (pull-requests: write), GITHUB_REPOSITORY and GITHUB_EVENT_PATH.",
  exitCodes: {
    0: "posted, or there is nothing to post to any more",
    1: "refused or failed",
    2: "wrong usage",
  },
  run: async ({ values }) => {
    const eventFile = process.env.GITHUB_EVENT_PATH;
    if (!eventFile) throw new UserError("GITHUB_EVENT_PATH is not set: this runs in a GitHub workflow.");
    const event = JSON.parse(readFileSync(eventFile, "utf8")) as RunEvent;
    const github = new GitHub(accessFrom(process.env));
    process.stdout.write(`${await postReview(github, event, resolve(values.directory))}\n`);
    return 0;
  },
});
