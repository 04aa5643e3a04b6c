import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

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

/** The folders that are searched, in this order: PATH, INFERENCE_PLATFORM_TOOLS, the cache folder. */
export function searchFolders(env: NodeJS.ProcessEnv): string[] {
  const named = env.INFERENCE_PLATFORM_TOOLS;
  const cache = join(cacheFolder(env), "tools");
  return [
    ...(env.PATH ?? "").split(delimiter).filter(Boolean),
    ...(named ? [join(named, "bin"), named] : []),
    join(cache, "bin"),
  ];
}

/** `~/.cache/inference-platform`, or where XDG_CACHE_HOME puts it. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "inference-platform");
}

/** Looks for the programs; with a cluster of the user's, only for those that talk to it. */
export function findTools(env: NodeJS.ProcessEnv, withCluster: boolean): ToolSearch {
  const folders = searchFolders(env);
  const wanted = (Object.keys(toolSources) as ToolName[]).filter(
    // kwok runs in the user's cluster, for its nodes.
    (name) => !withCluster || name === "kwok" || !clusterTools.includes(name),
  );
  const tools: Partial<Tools> = {};
  for (const name of wanted) {
    const file = folders.map((folder) => join(folder, name)).find(isExecutable);
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

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
