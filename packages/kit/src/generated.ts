import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Files that a command makes from other files of the project. */
export interface Generated {
  /** Folder that the paths start from. */
  root: string;
  /** Texts by path; undefined for a file that must not be there any more. */
  files: Record<string, string | undefined>;
  /** The npm script that makes them, for the message of a check. */
  command: string;
}

/** The files that are not as they would be made. */
export function staleFiles({ root, files }: Pick<Generated, "root" | "files">): string[] {
  return Object.keys(files).filter((path) => read(join(root, path)) !== files[path]);
}

/**
 * Writes what has changed, or only tells it.
 *
 * @returns the exit code: 1 for a check that finds a difference.
 */
export function keepGenerated(generated: Generated, check: boolean): number {
  const stale = staleFiles(generated);
  for (const path of stale) {
    if (check) {
      process.stderr.write(`${path} is not what its sources say. Run: npm run ${generated.command}\n`);
      continue;
    }
    const file = join(generated.root, path);
    const text = generated.files[path];
    if (text === undefined) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    process.stdout.write(`${text === undefined ? "removed" : "wrote"} ${path}\n`);
  }
  if (stale.length === 0) process.stdout.write("up to date\n");
  return check && stale.length > 0 ? 1 : 0;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
