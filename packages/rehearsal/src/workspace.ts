import { randomBytes } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { cacheFolder } from "@inference-platform/kit";
import { parseDocument } from "yaml";
import { charts } from "../../../components/common/charts";
import type { Tools } from "./found-tools";

/** The project as the engine sees it: a copy of the shipped program, with a stack file that the engine may write to. */
export interface Workspace {
  /** Working directory of pulumi. */
  dir: string;
  stack: string;
  /** The copy of `Pulumi.<stack>.yaml`. */
  stackFile: string;
  /** Environment of pulumi: own state, own home, own passphrase, our `aws`. */
  env: NodeJS.ProcessEnv;
  /** The file whose content the `aws` shim answers with. */
  credentialFile: string;
  /** One line per call of the shim: its arguments. */
  shimLog: string;
  /** The folder of the local state backend. */
  stateDir: string;
}

export interface WorkspaceOptions {
  /** Folder of the project. */
  projectDir: string;
  stack: string;
  tools: Tools;
  pulumiHome: string;
  /** Folder of the rehearsal. */
  dir: string;
  /** Port of the simulated AWS provider. */
  awsPort: number;
}

/** Lays out the folder of a rehearsal, with the program and the stack file of the project. */
export function createWorkspace(options: WorkspaceOptions): Workspace {
  const { projectDir, stack, tools } = options;
  const dir = join(options.dir, "project");
  const home = join(options.dir, "pulumi-home");
  const stateDir = join(options.dir, "state");
  const bin = join(options.dir, "bin");
  for (const folder of [dir, home, stateDir, bin]) mkdirSync(folder, { mode: 0o700 });

  const stackFile = join(dir, `Pulumi.${stack}.yaml`);
  placeProgram({ dir, stackFile }, projectDir);

  // Plugins are large and read only: they stay where they are.
  const plugins = join(options.pulumiHome, "plugins");
  if (existsSync(plugins)) symlinkSync(plugins, join(home, "plugins"));

  const credentialFile = join(options.dir, "credential.json");
  const shimLog = join(options.dir, "aws-calls.log");
  writeShim(join(bin, "aws"), credentialFile, shimLog);

  const env: NodeJS.ProcessEnv = {
    HOME: process.env.HOME,
    LANG: process.env.LANG ?? "C.UTF-8",
    PATH: [bin, dirname(tools.pulumi), dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${stateDir}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("hex"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DEBUG_PROVIDERS: `aws:${options.awsPort}`,
    // Helm keeps its caches of this run for itself.
    HELM_CACHE_HOME: join(options.dir, "helm", "cache"),
    HELM_CONFIG_HOME: join(options.dir, "helm", "config"),
    HELM_DATA_HOME: join(options.dir, "helm", "data"),
    // A program that falls back on the machine's cluster or account must fail, not touch it.
    KUBECONFIG: join(options.dir, "no-kubeconfig"),
    AWS_CONFIG_FILE: join(options.dir, "no-aws-config"),
    AWS_SHARED_CREDENTIALS_FILE: join(options.dir, "no-aws-credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return { dir, stack, stackFile, env, credentialFile, shimLog, stateDir };
}

/** What is not the program: version control, packages, what builds make, and the files of stacks. */
const notTheProgram = /^(\.git|node_modules|dist|Pulumi\.(?!yaml$).*)$/;

/**
 * Puts a project's program and stack file into the place of those that are there. The stack keeps the salt of its
 * secrets, which pulumi wrote into the stack file. The files are copies, because a program learns from their paths where
 * it is, and what it says of its chart must not change with the program's origin.
 */
export function placeProgram(
  { dir, stackFile }: Pick<Workspace, "dir" | "stackFile">,
  project: string,
): void {
  const source = join(project, basename(stackFile));
  if (!existsSync(source)) throw new Error(`there is no ${source}`);
  const stack = parseDocument(readFileSync(source, "utf8"));
  const salt = existsSync(stackFile) && parseDocument(readFileSync(stackFile, "utf8")).get("encryptionsalt");
  if (salt) stack.set("encryptionsalt", salt);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { mode: 0o700 });
  for (const entry of readdirSync(project))
    if (!notTheProgram.test(entry)) cpSync(join(project, entry), join(dir, entry), { recursive: true });
  symlinkSync(join(project, "node_modules"), join(dir, "node_modules"));
  writeFileSync(stackFile, stack.toString(), { mode: 0o600 });
}

/** Lets the `aws` shim answer with this token from now on. A quarter of an hour, less a minute, is what AWS gives. */
export function writeCredential(workspace: Workspace, token: string, seconds = 14 * 60): void {
  const credential = {
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/API_VERSION",
    spec: {},
    status: { token, expirationTimestamp: new Date(Date.now() + seconds * 1000).toISOString() },
  };
  // Whole or not at all: the shim may be reading.
  const partial = `${workspace.credentialFile}.part`;
  writeFileSync(partial, JSON.stringify(credential), { mode: 0o600 });
  renameSync(partial, workspace.credentialFile);
}

/** `aws eks get-token` as the AWS CLI answers it; every other call is refused. */
function writeShim(file: string, credentialFile: string, log: string): void {
  const script = `#!/bin/sh
# Stands in for the AWS CLI in a rehearsal.
echo "$*" >> '${log}'
case " $* " in
  *" eks get-token "*"--cluster-name "*) ;;
  *) echo "rehearsal: aws $*: only 'aws eks get-token --cluster-name NAME' is simulated" >&2; exit 252 ;;
esac
case "$KUBERNETES_EXEC_INFO" in *'client.authentication.k8s.io/v1"'*) v=v1 ;; *) v=v1beta1 ;; esac
sed "s/API_VERSION/$v/" '${credentialFile}'
`;
  writeFileSync(file, script, { mode: 0o755 });
}

/** Value at a path of the stack file's settings; undefined when it is not there. */
export function getSetting(workspace: Workspace, path: (string | number)[]): unknown {
  return parseDocument(readFileSync(workspace.stackFile, "utf8")).getIn(["config", ...path]);
}

/** Changes one value in the stack file of the rehearsal; undefined removes it. */
export function setSetting(workspace: Workspace, path: (string | number)[], value: unknown): void {
  const document = parseDocument(readFileSync(workspace.stackFile, "utf8"));
  if (value === undefined) document.deleteIn(["config", ...path]);
  else document.setIn(["config", ...path], value);
  writeFileSync(workspace.stackFile, document.toString());
}

/** A folder that holds every third-party chart at its version; undefined when there is none. */
export function findCharts(env: NodeJS.ProcessEnv, projectDir: string): string | undefined {
  const candidates = [
    env.INFERENCE_PLATFORM_CHARTS,
    join(cacheFolder(env), "charts"),
    resolve(projectDir, "../shared/charts"),
  ];
  return candidates
    .filter((folder) => folder !== undefined)
    .find((folder) =>
      Object.values(charts).every((pin) => existsSync(join(folder, `${pin.name}-${pin.version}.tgz`))),
    );
}
