import { resolve } from "node:path";
import { isUserError, UserError } from "@inference-platform/kit";
import { findHelm } from "../helm";
import { evaluate } from "../program/evaluate";
import { programOf } from "../program/load";
import {
  isSecret,
  maskSecrets,
  type Properties,
  type RecordedResource,
  type RecordingMonitor,
  unwrapSecrets,
} from "../program/monitor";
import { type AwsAccount, PlanBackend } from "./backend";
import { chartFolders } from "./charts";
import { runChecks } from "./checks";
import { escEnvironments, unknownValues } from "./checks/environments";
import { estimate } from "./cost/estimate";
import { objectsOf } from "./objects";
import { place } from "./placement";
import { gpuPoolsOf } from "./pools";
import { holdsSecret, masked, maskedManifest, maskedSecretData, renderReleases } from "./render";
import { servicesOf } from "./services";
import { readStack } from "./stack";
import type { Plan, PlannedRelease, PlannedResource } from "./types";

/** What to plan. */
export interface PlanOptions {
  /** Name of the stack. */
  stack: string;
  /** Folder with `Pulumi.yaml` and the program. @default the current folder */
  directory?: string;
  /** File with the stack's configuration. @default `Pulumi.<stack>.yaml` in the folder */
  stackFile?: string;
  /** Folder with archives of published charts, before the environment's and the cache. */
  charts?: string;
  /** Called when a new step begins, with what it is. */
  onProgress?: (step: string) => void;
  /** Day for which prices count, `YYYY-MM-DD`. @default today */
  today?: string;
  /** Outputs of other stacks, by their full names, for the program's StackReferences. @default none */
  stackOutputs?: Record<string, Properties>;
  /** Settings of the project that take the place of the stack file's, by key. @default none */
  settings?: Record<string, string>;
  /** Stands in for AWS. @default a simulated account in the stack's region */
  aws?: AwsAccount;
}

/** A program's run, before anything is made of it. */
export interface StackRun {
  project: string;
  region: string;
  config: Record<string, string>;
  /** Pulumi ESC environments that the stack imports, whose values are not in `config`. */
  environments: string[];
  monitor: RecordingMonitor;
  outputs: Properties;
}

/**
 * Runs the program of a stack against stand-ins for its providers.
 *
 * @throws UserError for a stack that does not exist or cannot be read; the program's own errors, refused settings
 *   among them, as they are.
 */
export async function runStack(options: PlanOptions): Promise<StackRun> {
  const directory = resolve(options.directory ?? ".");
  const { context: read, main, environments } = readStack(directory, options.stack, options.stackFile);
  const replaced = Object.entries(options.settings ?? {}).map(([key, value]) => [
    `${read.project}:${key}`,
    value,
  ]);
  const context = { ...read, config: { ...read.config, ...Object.fromEntries(replaced) } };
  const region = context.config["aws:region"] ?? "";
  const aws = options.aws ?? (await simulatedAccount(region));
  const before = process.cwd();
  // The engine runs a program in the folder of its main file.
  process.chdir(directory);
  try {
    const backend = new PlanBackend(aws, options.stackOutputs);
    const { monitor, outputs } = await evaluate(backend, context, programOf(main));
    return { project: context.project, region, config: context.config, environments, monitor, outputs };
  } catch (error) {
    if (environments.length === 0 || !isUserError(error)) throw error;
    const { message } = error as Error;
    throw new UserError(`${message}\n${unknownValues(environments)}`, { cause: error });
  } finally {
    process.chdir(before);
  }
}

/** An account that is made at its first use: a region that is wrong is then the program's to refuse. */
async function simulatedAccount(region: string): Promise<AwsAccount> {
  const { SimulatedAws } = await import("../aws/account");
  let account: AwsAccount | undefined;
  const open = () => {
    account ??= new SimulatedAws({ region });
    return account;
  };
  return {
    create: (type, name, inputs) => open().create(type, name, inputs),
    invoke: (token, args) => open().invoke(token, args),
  };
}

/**
 * Computes what a stack would create, where its pods would run, what it would cost and what is wrong with it, without
 * a cloud, a cluster or the Pulumi CLI.
 *
 * @throws as {@link runStack}, and UserError when a chart of the project cannot be rendered.
 */
export async function planStack(options: PlanOptions): Promise<Plan> {
  const started = performance.now();
  const directory = resolve(options.directory ?? ".");
  const progress = options.onProgress ?? (() => {});
  progress("running the program");
  const { project, region, config, environments, monitor, outputs } = await runStack(options);

  const releaseResources = monitor.recorded.filter((entry) => entry.type === "kubernetes:helm.sh/v3:Release");
  progress(`rendering ${releaseResources.length} charts`);
  const rendered = await renderReleases(releaseResources, {
    directory,
    charts: chartFolders(options.charts),
    kubeVersion: kubeVersion(monitor.recorded),
    helm: findHelm(),
  });
  const leaks = [...secretLeaks(monitor.recorded, rendered), ...outputLeaks(outputs)];
  const releases = rendered.map((release) => ({
    ...release,
    manifests: release.manifests?.map(maskedManifest),
  }));
  const resources = monitor.recorded.map(plannedResource);

  progress("placing pods, adding up costs, checking");
  const objects = objectsOf(resources, releases);
  const gpuPools = gpuPoolsOf(unwrapSecrets(outputs));
  const placement = place(resources, releases, objects, gpuPools);
  const today = options.today ?? new Date().toISOString().slice(0, 10);
  const cost = estimate({ region, resources, releases, objects, placement, today });
  const found = runChecks({
    resources,
    releases,
    objects,
    gpuPools,
    placement,
    cost,
    duplicates: monitor.duplicates,
    leaks,
    config: settingsOf(config, project),
    region,
  });
  return {
    stack: options.stack,
    project,
    services: servicesOf(monitor, outputs, { placement, cost }),
    resources,
    releases: releases.map(withoutUndefined),
    outputs: masked(outputs),
    placement,
    cost,
    checks: [...escEnvironments(environments), ...found],
    seconds: Math.round((performance.now() - started) / 10) / 100,
  };
}

function withoutUndefined(release: PlannedRelease): PlannedRelease {
  return Object.fromEntries(
    Object.entries(release).filter(([, value]) => value !== undefined),
  ) as unknown as PlannedRelease;
}

/** Version of the cluster that the program creates; the newest that helm knows well otherwise. */
function kubeVersion(resources: RecordedResource[]): string {
  const cluster = resources.find((resource) => resource.type === "aws:eks/cluster:Cluster");
  return `${cluster?.inputs.version ?? "1.35"}.0`;
}

function plannedResource(recorded: RecordedResource): PlannedResource {
  const inputs = masked(recorded.inputs);
  const secret = recorded.type === "kubernetes:core/v1:Secret";
  return { ...recorded, inputs: secret ? maskedSecretData(inputs) : inputs };
}

/** Where secrets would be stored in plain text: Helm values, and objects other than Secrets. */
function secretLeaks(resources: RecordedResource[], releases: PlannedRelease[]): string[] {
  const inInputs = resources
    .filter((resource) => resource.custom && resource.type !== "kubernetes:core/v1:Secret")
    .flatMap((resource) => {
      if (resource.type === "kubernetes:helm.sh/v3:Release") {
        const secret = containsSecret(resource.inputs) || holdsSecret(resource.inputs);
        return secret ? [`the values of release ${resource.name}`] : [];
      }
      // Marked as secret it is encrypted in the state; the placeholder that is left was not.
      return holdsSecret(maskSecrets(resource.inputs)) ? [`${resource.type} ${resource.name}`] : [];
    });
  const inManifests = releases.flatMap((release) =>
    (release.manifests ?? [])
      .filter((manifest) => manifest.kind !== "Secret" && holdsSecret(manifest))
      .map((manifest) => `${manifest.kind} ${manifest.metadata.name} of release ${release.name}`),
  );
  return [...inInputs, ...inManifests];
}

/** Outputs that the state keeps in plain text, and that everybody reads who may read the stack. */
function outputLeaks(outputs: Properties): string[] {
  return Object.entries(outputs)
    .filter(([, value]) => holdsSecret(maskSecrets(value)))
    .map(([name]) => `the output ${name}`);
}

function containsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(containsSecret);
}

/** The project's own configuration by its short keys. */
function settingsOf(config: Record<string, string>, project: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(`${project}:`))
      .map(([key, value]) => [key.slice(project.length + 1), value]),
  );
}
