import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { vi } from "vitest";

/** A folder in front of PATH with programs that play others. */
export interface Programs {
  folder: string;
  /** Adds a program, as a shell script. */
  add(name: string, shell: string): void;
  /** Adds a program that prints this and ends. */
  print(name: string, result: { stdout?: string; stderr?: string; code?: number }): void;
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
    add(name, shell) {
      // A shell and not Node: it starts in a millisecond.
      const keep = `{ printf '%s\\t' ${name} "$@"; echo; } >> '${log}'`;
      writeFileSync(join(folder, name), `#!/bin/sh\n${keep}\n${shell}\n`);
      chmodSync(join(folder, name), 0o755);
    },
    print(name, { stdout = "", stderr = "", code = 0 }) {
      writeFileSync(join(folder, `${name}.out`), stdout);
      writeFileSync(join(folder, `${name}.err`), stderr);
      this.add(name, `cat '${join(folder, name)}.out'; cat '${join(folder, name)}.err' >&2; exit ${code}`);
    },
    calls: () =>
      readFileSync(log, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split("\t").slice(0, -1)),
    remove() {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What is printed on stdout and stderr while something runs. */
export async function printed(action: () => Promise<unknown>): Promise<string> {
  const texts: string[] = [];
  const keep = (text: string | Uint8Array, ...rest: unknown[]) => {
    texts.push(String(text));
    // A stream tells when it has taken the text.
    const taken = rest.at(-1);
    if (typeof taken === "function") taken();
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
