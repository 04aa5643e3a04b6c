import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { charts } from "../components/common/charts";
import type { Problem } from "../components/common/problem";

/** What a folder of charts lacks; nothing for an address, which is asked when charts are loaded. */
export function mirrorFolderProblems(mirror: string | undefined): Problem[] {
  if (mirror === undefined || /^[a-z]+:\/\//.test(mirror)) return [];
  const refuse = (message: string): Problem[] => [{ path: "chartMirror", value: mirror, message }];
  const folder = resolve(mirror);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    return refuse(
      `must be a folder that exists, seen from ${process.cwd()}, or an https:// or oci:// address`,
    );
  const missing = Object.values(charts)
    .map(({ name, version }) => `${name}-${version}.tgz`)
    .filter((archive) => !existsSync(join(folder, archive)));
  return missing.length > 0 ? refuse(`must be a folder with all charts; it lacks ${missing.join(", ")}`) : [];
}
