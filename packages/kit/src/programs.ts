import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** `~/.cache/inference-platform`, or where XDG_CACHE_HOME puts it. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "inference-platform");
}

/** The folders that are searched, in this order: PATH, INFERENCE_PLATFORM_TOOLS, where `npm run tools` installs. */
function searchFolders(env: NodeJS.ProcessEnv): string[] {
  const named = env.INFERENCE_PLATFORM_TOOLS;
  return [
    ...(env.PATH ?? "").split(delimiter).filter(Boolean),
    ...(named ? [join(named, "bin"), named] : []),
    join(cacheFolder(env), "tools", "bin"),
  ];
}

/** Where a program is, for every command of this project; undefined when it is nowhere. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  return searchFolders(env)
    .map((folder) => join(folder, file))
    .find(isExecutable);
}

/** A PATH with all that is searched, for programs that start others. */
export function searchPath(env: NodeJS.ProcessEnv): string {
  return searchFolders(env).join(delimiter);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
