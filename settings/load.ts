import * as pulumi from "@pulumi/pulumi";
import type { ClusterCredentialsArgs } from "../components/cluster/credentials";
import { describeProblem, type Problem } from "../components/common/problem";
import { providerCredentials } from "./credentials";
import { exampleValues } from "./examples";
import { parseSettings } from "./parse";
import { type Settings, schema } from "./schema";

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

/** Secret configuration keys: never part of the settings, so that they cannot end in values or plans. */
const secretKeys = ["huggingFaceToken"];

/**
 * Reads the configuration of the current stack.
 *
 * @throws pulumi.RunError with every problem at once: key, value, what is allowed, and the stack file.
 */
export function loadSettings(): StackSettings {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  const config = new pulumi.Config();
  const aws = new pulumi.Config("aws");
  const region = aws.get("region");
  const raw = rawGroups(project);

  if (Object.keys(raw).length === 0) {
    throw new pulumi.RunError(
      `Pulumi.${stack}.yaml: has no configuration for ${project}. Copy Pulumi.staging.yaml to Pulumi.${stack}.yaml and change its values.`,
    );
  }
  const { credentials, problems: refused } = providerCredentials((key) => aws.get(key));
  if (isOnAws()) refused.push(...exampleValues(raw));
  const { settings, problems } = parseSettings(raw, { region });
  if (!settings || !region || refused.length > 0) {
    throw new pulumi.RunError(report([...refused, ...problems], project, stack));
  }
  const token = config.getSecret("huggingFaceToken");
  return {
    settings,
    region,
    clusterName: `${project}-${stack}`,
    ...(credentials && { credentials }),
    ...(token && { huggingFaceToken: token }),
  };
}

/** False in a plan, which has no engine, and in a rehearsal, whose engine is given another provider for AWS. */
function isOnAws(): boolean {
  const standIn = /(^|,)aws:/.test(process.env.PULUMI_DEBUG_PROVIDERS ?? "");
  return pulumi.runtime.getEngine() !== undefined && !standIn;
}

/** The configuration groups of a project. The engine passes everything as text; groups are JSON. */
function rawGroups(project: string): Record<string, unknown> {
  const prefix = `${project}:`;
  const all = pulumi.runtime.allConfig();
  const own = Object.entries(all).filter(
    ([key]) => key.startsWith(prefix) && !secretKeys.includes(key.slice(prefix.length)),
  );
  return Object.fromEntries(
    own.map(([key, text]) => [key.slice(prefix.length), groupValue(key.slice(prefix.length), text)]),
  );
}

function groupValue(key: string, text: string): unknown {
  const kind = (
    schema.shape as Record<
      string,
      { _zod: { def: { type: string; innerType?: { _zod: { def: { type: string } } } } } }
    >
  )[key];
  const def = kind?._zod.def;
  const type = def?.type === "optional" ? def.innerType?._zod.def.type : def?.type;
  if (type === "string" || type === "enum") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // The schema then says which type it should have been.
  }
}

function report(problems: Problem[], project: string, stack: string): string {
  const lines = problems.map((problem) => {
    const path = problem.path.includes(":") ? problem.path : `${project}:${problem.path}`;
    return `  ${describeProblem({ ...problem, path })}`;
  });
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  return `Pulumi.${stack}.yaml: ${count}\n${lines.join("\n")}`;
}
