import * as pulumi from "@pulumi/pulumi";
import type { ClusterCredentialsArgs } from "../components/cluster/credentials";
import { entryOf } from "../components/common/lookup";
import { describeProblem, type Problem } from "../components/common/problem";
import { rawGroups, type StackConfig, tokenProblems } from "./config-keys";
import { providerCredentials } from "./credentials";
import { exampleValues } from "./examples";
import { mirrorFolderProblems } from "./mirror";
import { parseSettings } from "./parse";
import type { Settings } from "./schema";

/** What the program of a stack starts from. */
export interface StackSettings {
  settings: Settings;
  /** AWS region of the stack. */
  region: string;
  /** Name of the cluster and prefix of what AWS must tell apart: `<project>-<stack>`. */
  clusterName: string;
  /** Whom the AWS provider acts as, where it is not whom the environment names. */
  credentials?: ClusterCredentialsArgs;
  /** Hugging Face token for gated models, from the secret key `huggingFaceToken`. */
  huggingFaceToken?: pulumi.Output<string>;
}

/**
 * Reads the configuration of the current stack.
 *
 * @throws pulumi.RunError with every problem at once: key, value, what is allowed, and the stack file.
 */
export function loadSettings(): StackSettings {
  const stack = pulumi.getStack();
  const config = {
    values: pulumi.runtime.allConfig(),
    secret: keysOfSecrets(),
    project: pulumi.getProject(),
    stack,
  };
  const { found, problems } = readSettings(config, isOnAws());
  if (!found) throw new pulumi.RunError(report(problems, config.project, stack));
  const token = new pulumi.Config().getSecret("huggingFaceToken");
  return { ...found, ...(token && { huggingFaceToken: token }) };
}

/** A stack's configuration read: what is in it, or everything that is wrong with it. */
export interface ReadSettings {
  found?: Omit<StackSettings, "huggingFaceToken">;
  problems: Problem[];
}

/**
 * Reads a stack's configuration.
 *
 * @param onAws whether it is about to be deployed: then the values of examples are refused.
 */
export function readSettings(config: StackConfig & { stack: string }, onAws: boolean): ReadSettings {
  const { project, stack, values } = config;
  const region = entryOf(values, "aws:region");
  const clusterName = `${project}-${stack}`;
  const { groups, hidden, problems: ofKeys } = rawGroups(config);
  if (Object.keys(groups).length === 0 && ofKeys.length === 0) {
    const message = "is missing: nothing is configured";
    return { problems: [{ path: `${project}:`, value: undefined, message, fix: exampleFor(stack) }] };
  }
  const { credentials, problems: ofCredentials } = providerCredentials((key) =>
    entryOf(values, `aws:${key}`),
  );
  const { settings, problems: found } = parseSettings(groups, { region, clusterName });
  const problems = [
    ...ofKeys,
    ...tokenProblems(config),
    ...ofCredentials,
    ...(onAws ? exampleValues(groups) : []),
    ...found.filter(({ path }) => !hidden.includes(path)),
    ...(settings ? mirrorFolderProblems(settings.chartMirror) : []),
  ];
  if (!settings || !region || problems.length > 0) return { problems };
  return { found: { settings, region, clusterName, ...(credentials && { credentials }) }, problems };
}

/** False in a plan, which has no engine, and in a rehearsal, whose engine is given another provider for AWS. */
function isOnAws(): boolean {
  const standIn = /(^|,)aws:/.test(process.env.PULUMI_DEBUG_PROVIDERS ?? "");
  return pulumi.runtime.getEngine() !== undefined && !standIn;
}

/**
 * Full keys of the configuration that are secret. The SDK has no question for it; the engine tells programs in the
 * environment. Undefined where it does not.
 */
function keysOfSecrets(): string[] | undefined {
  const text = process.env.PULUMI_CONFIG_SECRET_KEYS;
  return text ? (JSON.parse(text) as string[]) : undefined;
}

function exampleFor(stack: string): string {
  const example = ["staging", "prod"].find((shipped) => shipped !== stack) ?? "staging";
  return `Copy the keys of Pulumi.${example}.yaml and change their values.`;
}

/** Problems that are shown; whoever has more mends these first. */
const shownProblems = 50;

/** Everything wrong with a stack file, one problem on a line, below the name of the file. */
export function report(problems: Problem[], project: string, stack: string): string {
  const lines = problems.slice(0, shownProblems).map((problem) => {
    const ours = !problem.path.includes(":") && !problem.path.includes(" ");
    return `  ${describeProblem({ ...problem, path: ours ? `${project}:${problem.path}` : problem.path })}`;
  });
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const rest = problems.length - lines.length;
  if (rest > 0) lines.push(`  and ${rest} more`);
  return `Pulumi.${stack}.yaml: ${count}\n${lines.join("\n")}`;
}
