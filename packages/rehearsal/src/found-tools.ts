import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram } from "@inference-platform/kit";

/** The programs a rehearsal runs, and where each is published. */
export const toolSources = {
  pulumi: "https://github.com/pulumi/pulumi/releases (v3.250 or newer)",
  "pulumi-language-nodejs": "part of the pulumi archive, https://github.com/pulumi/pulumi/releases",
  etcd: "https://github.com/etcd-io/etcd/releases (v3.6)",
  "kube-apiserver": "https://dl.k8s.io/v1.35.0/kubernetes-server-linux-amd64.tar.gz",
  "kube-controller-manager": "https://dl.k8s.io/v1.35.0/kubernetes-server-linux-amd64.tar.gz",
  "kube-scheduler": "https://dl.k8s.io/v1.35.0/kubernetes-server-linux-amd64.tar.gz",
  kwok: "https://github.com/kubernetes-sigs/kwok/releases (v0.7)",
} as const;

export type ToolName = keyof typeof toolSources;

/** Absolute path of each program. */
export type Tools = Record<ToolName, string>;

/** Not needed when the user brings a cluster. */
const clusterTools: ToolName[] = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
];

/** What was found and what was not. */
export interface ToolSearch {
  tools: Partial<Tools>;
  missing: ToolName[];
  /** Folder that holds `plugins/`: a PULUMI_HOME. */
  pulumiHome: string;
}

/** Looks for the programs; with a cluster of the user's, only for those that talk to it. */
export function findTools(env: NodeJS.ProcessEnv, withCluster: boolean): ToolSearch {
  const wanted = (Object.keys(toolSources) as ToolName[]).filter(
    // kwok runs in the user's cluster, for its nodes.
    (name) => !withCluster || name === "kwok" || !clusterTools.includes(name),
  );
  const tools: Partial<Tools> = {};
  for (const name of wanted) {
    const file = findProgram(name, env);
    if (file) tools[name] = file;
  }
  return {
    tools,
    missing: wanted.filter((name) => !tools[name]),
    pulumiHome: pulumiHome(env, tools.pulumi),
  };
}

/** The home that holds the provider plugins: the one beside the pulumi that was found, else the user's. */
function pulumiHome(env: NodeJS.ProcessEnv, pulumi: string | undefined): string {
  const beside = pulumi && join(dirname(dirname(pulumi)), "pulumi");
  if (env.PULUMI_HOME) return env.PULUMI_HOME;
  return beside && existsSync(join(beside, "plugins")) ? beside : join(env.HOME || homedir(), ".pulumi");
}

/** The message for missing programs: each with where it is published. */
export function missingToolsMessage(missing: ToolName[]): string {
  return [
    "A rehearsal needs these programs, which are neither on PATH, nor in INFERENCE_PLATFORM_TOOLS, nor in",
    "~/.cache/inference-platform/tools/bin:",
    ...missing.map((name) => `  ${name.padEnd(24)} ${toolSources[name]}`),
    "With --kubeconfig FILE a disposable cluster (kind) takes the place of etcd and the kube-* programs.",
  ].join("\n");
}
