import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { vi } from "vitest";
import { command } from "../../src/diff/command";

/** A new Git repository in a folder. */
export function newRepository(directory: string) {
  mkdirSync(directory, { recursive: true });
  const git = (...args: string[]) => {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
    const { status, stdout, stderr } = spawnSync("git", [...identity, ...args], {
      cwd: directory,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  git("init", "--quiet", "--initial-branch=main");
  const write = (files: Record<string, string>) => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    }
  };
  /** Makes a commit of these files. @returns its hash */
  const commit = (files: Record<string, string>) => {
    write(files);
    git("add", ".");
    git("commit", "--quiet", "--message=x");
    return git("rev-parse", "HEAD");
  };
  return { directory, git, write, commit };
}

/** Runs the command and collects what it says. */
export async function diff(directory: string, ...args: string[]) {
  const said = { out: "", err: "" };
  const out = vi.spyOn(process.stdout, "write").mockImplementation((chunk, ...rest) => {
    said.out += chunk;
    const done = rest.find((entry) => typeof entry === "function") as (() => void) | undefined;
    done?.();
    return true;
  });
  const err = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    said.err += chunk;
    return true;
  });
  try {
    const code = await command.run([...args, "--directory", directory]);
    // Progress is told when the machine is slow.
    return { code, out: said.out, err: said.err.replace(/^.* \.\.\.\n/gm, "") };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}
