import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder, UsageError } from "@inference-platform/kit";

/** Where archives of published charts are looked for: the folder named by the user, the environment, the cache. */
export function chartFolders(named?: string): string[] {
  const cache = join(cacheFolder(process.env), "charts");
  return [named, process.env.INFERENCE_PLATFORM_CHARTS, cache].filter((folder) => folder !== undefined);
}

/** The folder that `--charts` names, absolute. @throws UsageError when it is none */
export function chartFolder(named: string): string {
  const folder = resolve(named);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--charts ${named}: there is no such folder.`);
  }
  return folder;
}
