import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { vi } from "vitest";

/** A folder in front of PATH with programs that play others. */
export interface Programs {
  folder: string;
  /** Adds a program, as JavaScript; its arguments are `args`, and every call is kept. */
  add(name: string, javascript: string): void;
  /** The calls, each with the program's name first. */
  calls(): string[][];
  remove(): void;
}

/** Makes the folder; `remove` takes it off PATH again. */
export function programs(): Programs {
  const folder = mkdtempSync(join(tmpdir(), "programs-"));
  const log = join(folder, "calls");
  writeFileSync(log, "");
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
  return {
    folder,
    add(name, javascript) {
      const keep = `const args = process.argv.slice(2);
require("node:fs").appendFileSync(${JSON.stringify(log)}, JSON.stringify([${JSON.stringify(name)}, ...args]) + "\\n");`;
      writeFileSync(join(folder, name), `#!${process.execPath}\n${keep}\n${javascript}\n`);
      chmodSync(join(folder, name), 0o755);
    },
    calls: () =>
      readFileSync(log, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as string[]),
    remove() {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What is printed on stdout and stderr while something runs. */
export async function printed(action: () => Promise<unknown>): Promise<string> {
  const texts: string[] = [];
  const keep = (text: string | Uint8Array) => {
    texts.push(String(text));
    return true;
  };
  const out = vi.spyOn(process.stdout, "write").mockImplementation(keep);
  const error = vi.spyOn(process.stderr, "write").mockImplementation(keep);
  try {
    await action();
  } finally {
    out.mockRestore();
    error.mockRestore();
  }
  return texts.join("");
}
