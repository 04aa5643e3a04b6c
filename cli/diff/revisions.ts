import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError, UserError } from "../errors";
import type { Plan } from "../plan/types";

/** A plan that could not be made: exit code 3. */
export class PlanFailed extends UserError {}

/** Where to find the two states of the project. */
export interface RevisionOptions {
  /** The project's folder: the working tree. */
  directory: string;
  stack: string;
  /** Folder with archives of published charts. */
  charts?: string;
  onProgress: (step: string) => void;
}

/** A revision's plan, or why it has none. */
export type RevisionPlan = { plan: Plan; missing?: undefined } | { plan?: undefined; missing: string };

/**
 * Makes plans of revisions of a project, in temporary folders: nothing in the user's checkout, its index or its
 * configuration changes. `close` ends what runs and removes the folders.
 */
export class Revisions {
  private readonly temporary = mkdtempSync(join(tmpdir(), "inference-platform-diff-"));
  private readonly running = new Set<ChildProcess>();

  constructor(private readonly options: RevisionOptions) {}

  close(): void {
    for (const { pid } of this.running) {
      try {
        // The whole group: npm does not pass a signal on to what it runs.
        if (pid !== undefined) process.kill(-pid, "SIGTERM");
      } catch {
        // It has just ended.
      }
    }
    this.running.clear();
    rmSync(this.temporary, { recursive: true, force: true });
  }

  /** The full hash of a commit. @throws UsageError when there is none */
  async resolve(revision: string): Promise<string> {
    const asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
    const { code, stdout, stderr } = await this.git(asked);
    if (code === 0) return stdout.trim();
    if (/not a git repository/i.test(stderr))
      throw new UsageError(`${this.options.directory} is not in a Git repository.`);
    throw new UsageError(
      `${revision}: no such revision here. In CI, check out with its history (fetch-depth: 0), or fetch it first.`,
    );
  }

  /** The plan of the working tree, made where it is. */
  ofWorkingTree(): Promise<RevisionPlan> {
    return this.planIn(this.options.directory, "the working tree");
  }

  /** The plan of a commit, by its own program and its own `plan` command. */
  async of(commit: string, name: string): Promise<RevisionPlan> {
    const label = name.startsWith(commit.slice(0, 7))
      ? commit.slice(0, 12)
      : `${name} (${commit.slice(0, 12)})`;
    this.options.onProgress(`unpacking ${label}`);
    const folder = join(this.temporary, commit);
    if (!existsSync(folder)) {
      mkdirSync(folder);
      await this.unpack(commit, folder);
    }
    const missing = this.missing(folder);
    if (missing) return { missing: `${label} ${missing}` };
    await this.installDependencies(folder, label);
    return this.planIn(folder, label);
  }

  private async unpack(commit: string, folder: string): Promise<void> {
    const prefix = (await this.git(["rev-parse", "--show-prefix"])).stdout.trim();
    const archive = join(this.temporary, `${commit}.tar`);
    // A project in a folder of its repository: that folder only. It may not exist in an old commit.
    const tree = prefix === "" ? commit : `${commit}:${prefix}`;
    const { code, stderr } = await this.git(["archive", "--format=tar", `--output=${archive}`, tree]);
    if (code !== 0) {
      if (prefix !== "") return;
      throw new PlanFailed(`git archive ${commit} failed: ${stderr.trim()}`);
    }
    const unpacked = await this.run("tar", ["-xf", archive, "-C", folder], this.temporary);
    if (unpacked.code !== 0) throw new PlanFailed(`cannot unpack ${commit}: ${unpacked.stderr.trim()}`);
    rmSync(archive);
  }

  /** What a revision lacks to be planned. */
  private missing(folder: string): string | undefined {
    const { stack } = this.options;
    const manifest = join(folder, "package.json");
    const scripts = existsSync(manifest)
      ? (JSON.parse(readFileSync(manifest, "utf8")) as { scripts?: Record<string, string> }).scripts
      : undefined;
    if (scripts?.plan === undefined) return "has no plan command yet";
    if (!existsSync(join(folder, `Pulumi.${stack}.yaml`))) return `has no stack ${stack} yet`;
    return undefined;
  }

  /** The packages that are there already, or the revision's own when its lock file is another. */
  private async installDependencies(folder: string, label: string): Promise<void> {
    const here = join(this.options.directory, "node_modules");
    const lock = (directory: string) => {
      const file = join(directory, "package-lock.json");
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    };
    const [theirs, ours] = [lock(folder), lock(this.options.directory)];
    if (theirs === undefined || (theirs === ours && existsSync(here))) {
      if (existsSync(here)) symlinkSync(here, join(folder, "node_modules"), "dir");
      return;
    }
    this.options.onProgress(`installing the dependencies of ${label}: its lock file is another one`);
    const { code, stderr } = await this.run(
      "npm",
      ["ci", "--no-audit", "--no-fund", "--prefer-offline"],
      folder,
    );
    // npm ends with its own usage, a hundred lines of it.
    const said = withoutWarnings(stderr).split(/\n(?:npm error )?(?:Clean install a project|Usage:)/)[0];
    if (code !== 0) throw new PlanFailed(`npm ci of ${label} failed:\n${said}`);
  }

  private async planIn(folder: string, label: string): Promise<RevisionPlan> {
    this.options.onProgress(`planning ${label}`);
    const { stack, charts } = this.options;
    const out = join(this.temporary, `${label.replace(/\W+/g, "-")}.json`);
    const asked = ["run", "--silent", "plan", "--", stack, "--format", "json", "--out", out];
    const env: Record<string, string> = charts ? { INFERENCE_PLATFORM_CHARTS: charts } : {};
    const { code, stdout, stderr } = await this.run("npm", asked, folder, env);
    // A failed check gives exit code 1, but also a plan, in which it is told.
    if (!existsSync(out)) {
      const said = withoutWarnings(stderr) || stdout.trim() || `exit code ${code}`;
      throw new PlanFailed(`The plan of ${label} failed:\n${said}`);
    }
    return { plan: readPlan(readFileSync(out, "utf8"), label) };
  }

  private git(args: string[]) {
    // Without optional locks, Git does not even refresh the user's index.
    return this.run("git", args, this.options.directory, { GIT_OPTIONAL_LOCKS: "0" });
  }

  private run(
    command: string,
    args: string[],
    cwd: string,
    env: Record<string, string> = {},
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise((done, fail) => {
      const child = spawn(command, args, {
        cwd,
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      this.running.add(child);
      const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      child.on("error", (error: NodeJS.ErrnoException) => {
        this.running.delete(child);
        fail(
          error.code === "ENOENT" ? new UserError(`${command} is not installed, and diff needs it.`) : error,
        );
      });
      child.on("close", (code) => {
        this.running.delete(child);
        done({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
      });
    });
  }
}

/** Progress, and what npm says of the user's configuration, are no part of an error. */
function withoutWarnings(text: string): string {
  return text.replace(/^(npm warn .*|.* \.\.\.)(\n|$)/gm, "").trim();
}

/** A plan as another revision printed it; what revisions may not have had yet is filled in. */
function readPlan(text: string, label: string): Plan {
  let plan: Partial<Plan>;
  try {
    plan = JSON.parse(text) as Partial<Plan>;
  } catch {
    throw new PlanFailed(`The plan of ${label} is not JSON: its plan command is another one.`);
  }
  if (!Array.isArray(plan.resources)) {
    throw new PlanFailed(`The plan of ${label} has no resources: its plan command is another one.`);
  }
  const nothing = { floor: 0, ceiling: 0 };
  return {
    stack: "",
    project: "",
    releases: [],
    outputs: {},
    placement: { pools: [], workloads: [], needed: {}, notRendered: [] },
    cost: { region: "", pricesAsOf: "", hourly: nothing, monthly: nothing, lines: [], unknown: [] },
    checks: [],
    seconds: 0,
    ...plan,
    resources: plan.resources.map((resource) => ({
      ...resource,
      options: resource.options ?? {},
      dependencies: resource.dependencies ?? [],
    })),
  };
}
