import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/**
 * The CustomResourceDefinitions of a chart and its subcharts that helm installs once and never upgrades: those in folders
 * `crds`. By their names, each with a hash of its text.
 *
 * @param chart folder or archive (`.tgz`) of the chart
 */
export function definitionsOf(chart: string): Record<string, string> {
  const files = statSync(chart).isDirectory() ? filesBelow(chart) : filesOfArchive(readFileSync(chart));
  const texts = files.flatMap((text) => text.split(/^---\s*$/m)).filter((text) => /^kind:/m.test(text));
  return Object.fromEntries(texts.map((text) => [nameOf(text), hash(text)]));
}

/** The name in `metadata`, which other names can only be deeper than. */
function nameOf(text: string): string {
  return /^ {2}name: ["']?([\w.-]+)["']?\s*$/m.exec(text)?.[1] ?? "unnamed";
}

const hash = (text: string) => createHash("sha256").update(text.trim()).digest("hex").slice(0, 16);

function filesBelow(folder: string): string[] {
  const own = join(folder, "crds");
  const subcharts = join(folder, "charts");
  return [
    ...(existsSync(own) ? readdirSync(own).map((name) => readFileSync(join(own, name), "utf8")) : []),
    ...(existsSync(subcharts)
      ? readdirSync(subcharts).flatMap((name) => {
          const subchart = join(subcharts, name);
          if (statSync(subchart).isDirectory()) return filesBelow(subchart);
          return name.endsWith(".tgz") ? filesOfArchive(readFileSync(subchart)) : [];
        })
      : []),
  ];
}

const block = 512;

/** The texts of a tar archive's files in folders `crds`. Source of the format: POSIX.1-1988, ustar interchange format. */
function filesOfArchive(archive: Buffer): string[] {
  const tar = gunzipSync(archive);
  const text = (from: number, length: number) => {
    const end = tar.indexOf(0, from);
    return tar.toString("utf8", from, end < 0 || end > from + length ? from + length : end);
  };
  const files: string[] = [];
  for (let at = 0; at + block <= tar.length && tar[at] !== 0; ) {
    const prefix = text(at + 345, 155);
    const path = prefix === "" ? text(at, 100) : `${prefix}/${text(at, 100)}`;
    const size = Number.parseInt(text(at + 124, 12).trim(), 8) || 0;
    const start = at + block;
    if (/(^|\/)crds\/[^/]+\.ya?ml$/.test(path)) files.push(tar.toString("utf8", start, start + size));
    else if (/(^|\/)charts\/[^/]+\.tgz$/.test(path))
      files.push(...filesOfArchive(tar.subarray(start, start + size)));
    at = start + Math.ceil(size / block) * block;
  }
  return files;
}
