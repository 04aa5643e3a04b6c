import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Programs, UsageError } from "@inference-platform/kit";
import type { Plan } from "../plan/types";
import { shareDependencies } from "./dependencies";
import { PlanFailed } from "./failure";
import { Repository, type Revision } from "./repository";

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

/** Where a revision's project is, or why it has none. */
export type RevisionProject =
  | { folder: string; missing?: undefined }
  | { folder?: undefined; missing: string };

/**
 * Makes plans of revisions of a project, in temporary folders: nothing in the user's checkout, its index or its
 * configuration changes. `close` ends what runs and removes the folders.
 */
export class Revisions {
  private readonly programs = new Programs();
  private readonly directory: string;
  private readonly temporary: string;

  /** @throws UsageError when there is no such folder */
  constructor(private readonly options: RevisionOptions) {
    this.directory = existing(options.directory);
    this.temporary = mkdtempSync(join(tmpdir(), "inference-platform-diff-"));
  }

  close(): void {
    this.programs.end();
    rmSync(this.temporary, { recursive: true, force: true });
  }

  /** The repository of the project. @throws UsageError when Git has none there, or does not trust it */
  repository(): Promise<Repository> {
    return Repository.at(this.directory, this.programs);
  }

  /** The plan of the working tree, made where it is. */
  ofWorkingTree(): Promise<RevisionPlan> {
    return this.planIn(this.directory, "the working tree");
  }

  /** The plan of a commit, by its own program and its own `plan` command. */
  async of(repository: Repository, revision: Revision): Promise<RevisionPlan> {
    const { folder, missing } = await this.unpack(repository, revision, hasPlanCommand);
    return missing === undefined ? this.planIn(folder, revision.label) : { missing };
  }

  /**
   * The project as a commit has it, with the packages that it needs, until `close`.
   *
   * @param canPlan Whether the commit's package.json is enough; by default it need not plan.
   */
  async unpack(
    repository: Repository,
    { commit, label }: Revision,
    canPlan: (manifest: string) => boolean = () => true,
  ): Promise<RevisionProject> {
    this.options.onProgress(`unpacking ${label}`);
    const unpacked = this.newFolder("revision");
    await repository.unpack(commit, unpacked, join(this.newFolder("index"), "index"));
    const { prefix, top: checkout } = repository;
    const folder = join(unpacked, prefix);
    const missing = this.missing(folder, prefix, canPlan);
    if (missing) return { missing: `${label} ${missing}` };
    const toInstall = shareDependencies({ checkout, unpacked, prefix });
    if (toInstall !== undefined) await this.install(toInstall, label);
    return { folder };
  }

  /** Of its own for every use: both revisions can be the same commit. */
  private newFolder(name: string): string {
    return mkdtempSync(join(this.temporary, `${name}-`));
  }

  /** What a revision lacks. */
  private missing(
    folder: string,
    prefix: string,
    canPlan: (manifest: string) => boolean,
  ): string | undefined {
    const { stack } = this.options;
    if (!existsSync(folder)) return `has no folder ${prefix} yet`;
    if (!canPlan(join(folder, "package.json"))) return "has no plan command yet";
    if (!existsSync(join(folder, `Pulumi.${stack}.yaml`))) return `has no stack ${stack} yet`;
    return undefined;
  }

  private async install(folder: string, label: string): Promise<void> {
    this.options.onProgress(`installing the dependencies of ${label}: its lock file is another one`);
    const asked = ["ci", "--no-audit", "--no-fund", "--prefer-offline"];
    const { code, stderr } = await this.programs.run("npm", asked, { directory: folder });
    // npm ends with its own usage, a hundred lines of it.
    const said = withoutWarnings(stderr).split(/\n(?:npm error )?(?:Clean install a project|Usage:)/)[0];
    if (code !== 0) throw new PlanFailed(`npm ci of ${label} failed:\n${said}`);
  }

  private async planIn(folder: string, label: string): Promise<RevisionPlan> {
    this.options.onProgress(`planning ${label}`);
    const { stack, charts } = this.options;
    const out = join(this.newFolder("plan"), "plan.json");
    const asked = ["run", "--silent", "plan", "--", stack, "--format", "json", "--out", out];
    const env = charts ? { ...process.env, INFERENCE_PLATFORM_CHARTS: charts } : process.env;
    const { code, stdout, stderr } = await this.programs.run("npm", asked, { directory: folder, env });
    // A failed check gives exit code 1, but also a plan, in which it is told.
    if (!existsSync(out)) {
      const said = withoutWarnings(stderr) || stdout.trim() || `exit code ${code}`;
      throw new PlanFailed(`The plan of ${label} failed:\n${said}`);
    }
    return { plan: readPlan(readFileSync(out, "utf8"), label) };
  }
}

function hasPlanCommand(manifest: string): boolean {
  if (!existsSync(manifest)) return false;
  try {
    const { scripts } = JSON.parse(readFileSync(manifest, "utf8")) as { scripts?: Record<string, string> };
    return scripts?.plan !== undefined;
  } catch {
    // npm says what is wrong with it.
    return true;
  }
}

/** A folder's real path: Git and Node both look for what is above it. */
function existing(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    throw new UsageError(`--directory ${directory}: there is no such folder.`);
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
    services: [],
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
