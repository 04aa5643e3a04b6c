import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "./errors";

/**
 * Writes a result to a file, whole or not at all, or to stdout without a file.
 *
 * @throws UserError when the file cannot be written: a folder, no permission, a full disk.
 */
export async function writeResult(text: string, file?: string): Promise<void> {
  if (file === undefined) return printed(text);
  const path = resolve(file);
  const partial = `${path}.${process.pid}.part`;
  try {
    // A device, such as /dev/stdout, is written to; it cannot be put in place of another.
    const place = statSync(path, { throwIfNoEntry: false });
    if (place?.isDirectory()) throw new UserError("it is a folder");
    if (place && !place.isFile()) {
      writeFileSync(path, text);
      return;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (error) {
    if (existsSync(partial)) rmSync(partial);
    throw new UserError(`cannot write ${file}: ${reasonOf(error)}.`);
  }
}

/** Waits until a pipe has taken everything: a process that ends earlier cuts the text. */
function printed(text: string): Promise<void> {
  return new Promise((done, fail) => {
    process.stdout.write(text, (error) => (error ? fail(error) : done()));
  });
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const reasons: Record<string, string> = {
    EACCES: "no permission",
    EPERM: "no permission",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
    ENOTDIR: "a part of its path is a file",
    EEXIST: "a part of its path is a file",
    ENAMETOOLONG: "its name is too long",
  };
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
