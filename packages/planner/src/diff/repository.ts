import { type Ended, type Programs, UsageError } from "@inference-platform/kit";
import { PlanFailed } from "./failure";

/** A commit, and what the user called it. */
export interface Revision {
  commit: string;
  /** For people: `main (0123456789ab)`. */
  label: string;
}

/** The two states to compare. */
export interface Comparison {
  base: Revision;
  /** Undefined: the working tree. */
  head?: Revision;
}

/**
 * The Git repository that a project is in, at its top or anywhere below. Reads only: neither the checkout nor its index
 * changes.
 */
export class Repository {
  private constructor(
    private readonly programs: Programs,
    private readonly directory: string,
    /** The repository's top folder. */
    readonly top: string,
    /** The project's folder in it: empty at the top, else with a `/` at its end. */
    readonly prefix: string,
  ) {}

  /** @throws UsageError when the folder is in none, or Git refuses it */
  static async at(directory: string, programs: Programs): Promise<Repository> {
    const asked = ["rev-parse", "--show-toplevel", "--show-prefix"];
    const ended = await git(programs, directory, asked);
    if (ended.code !== 0) throw new UsageError(refusal(directory, ended));
    // A folder's name may end with blanks; its line does not.
    const [top = "", prefix = ""] = ended.stdout.split("\n");
    return new Repository(programs, directory, top, prefix);
  }

  /**
   * The commits that `--base` and `--head` name. A base alone is the point where the head left it: what the base has
   * got since then is no change of the head's. `A...B` says the same of A and B; `A..B` takes A as it is.
   *
   * @throws UsageError for a revision that is not there, or two without a common past
   */
  async compared(base: string, head?: string): Promise<Comparison> {
    const [, from, dots, to] = /^(.*?)(\.{2,3})(.*)$/.exec(base) ?? [];
    if (dots !== undefined && head !== undefined) {
      throw new UsageError(`--base ${base} names the head, too: leave out --head ${head}.`);
    }
    const given = dots === undefined ? head : to || "HEAD";
    const after = given === undefined ? undefined : await this.revision(given);
    const before = await this.revision(dots === undefined ? base : from || "HEAD");
    if (dots === "..") return { base: before, head: after };
    return { base: await this.mergeBase(before, after ?? (await this.revision("HEAD"))), head: after };
  }

  /** Writes the files of a commit into an empty folder, which is to become the repository's top. */
  async unpack(commit: string, folder: string, index: string): Promise<void> {
    // An index of its own. Other than an archive, this leaves nothing out (export-ignore).
    const steps = [
      ["read-tree", commit],
      ["checkout-index", "--all", "--force", `--prefix=${folder}/`],
    ];
    for (const step of steps) {
      const { code, stderr } = await git(this.programs, this.top, step, { GIT_INDEX_FILE: index });
      if (code !== 0) throw new PlanFailed(`git ${step[0]} of ${commit} failed: ${stderr.trim()}`);
    }
  }

  /** @throws UsageError for a revision that is not there */
  async revision(name: string): Promise<Revision> {
    const asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
    const ended = await this.git(asked);
    const commit = ended.stdout.trim();
    if (ended.code === 0) return { commit, label: labelOf(name, commit) };
    const said = ended.stderr.trim();
    if (said !== "") throw new UsageError(`${name}: ${said}`);
    throw new UsageError(
      `${name}: no such revision here. In CI, check out with its history (fetch-depth: 0), or fetch it first.`,
    );
  }

  private async mergeBase(base: Revision, head: Revision): Promise<Revision> {
    const { code, stdout, stderr } = await this.git(["merge-base", base.commit, head.commit]);
    const commit = stdout.trim();
    if (code !== 0 || commit === "") {
      const why = stderr.trim() === "" ? "" : `\n${stderr.trim()}`;
      throw new UsageError(
        `${base.label} and ${head.label} have no common commit here. In CI, check out with the history ` +
          `(fetch-depth: 0); to compare the two as they are: --base ${base.commit.slice(0, 12)}..${head.commit.slice(0, 12)}${why}`,
      );
    }
    if (commit === base.commit) return base;
    return { commit, label: `${commit.slice(0, 12)}, the merge base of ${base.label} and ${head.label},` };
  }

  private git(args: string[]): Promise<Ended> {
    return git(this.programs, this.directory, args);
  }
}

function labelOf(name: string, commit: string): string {
  return name.length >= 7 && commit.startsWith(name)
    ? commit.slice(0, 12)
    : `${name} (${commit.slice(0, 12)})`;
}

/** Set by Git for its hooks, these would point at another repository or index than the folder's. */
const ofHooks = /^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|NAMESPACE)$/;

function git(
  programs: Programs,
  directory: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofHooks.test(name)));
  // Without optional locks, Git does not even refresh the user's index. Its messages are looked at, so in English.
  const own = { GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C", ...env };
  return programs.run("git", args, { directory, env: { ...inherited, ...own } });
}

/** Why Git does not take a folder, with the way out. */
function refusal(directory: string, { stderr }: Ended): string {
  const said = stderr.trim();
  if (/not a git repository/i.test(said)) return `${directory} is not in a Git repository.`;
  if (/dubious ownership/i.test(said)) {
    const folder = /repository at '(.+)'/.exec(said)?.[1] ?? directory;
    return (
      `Git does not trust ${folder}, because another user owns it ("dubious ownership"). When you do:\n` +
      `  git config --global --add safe.directory ${quoted(folder)}`
    );
  }
  return `${directory}: ${said || "git rev-parse failed."}`;
}

/** A word for a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
