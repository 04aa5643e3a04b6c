import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { UserError } from "@inference-platform/kit";
import { type GoProgram, publishedHash, type Release, type ReleaseFile } from "./releases";

/** Downloads a release, checks it against the hash that its project publishes, and puts its programs in a folder. */
export async function install(release: Release, bin: string): Promise<void> {
  for (const file of release.files) await installFile(file, bin);
}

async function installFile(file: ReleaseFile, bin: string): Promise<void> {
  const name = basename(new URL(file.url).pathname);
  const wanted = publishedHash((await download(file.checksumUrl)).toString("utf8"), name);
  if (!wanted) throw new UserError(`${file.checksumUrl} has no hash for ${name}.`);
  const content = await download(file.url);
  const found = createHash("sha256").update(content).digest("hex");
  if (found !== wanted) {
    throw new UserError(`${file.url}: SHA-256 is ${found}, published is ${wanted}. Not installed.`);
  }
  mkdirSync(bin, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "inference-platform-tools-"));
  try {
    writeFileSync(join(folder, name), content);
    if (file.archive) {
      run("tar", ["-xzf", join(folder, name), "-C", folder, ...file.programs.map(({ path }) => path)]);
    }
    for (const program of file.programs) place(join(folder, program.path), join(bin, program.name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds a program with Go, which checks its sources against the public checksum database. */
export function build(program: GoProgram, bin: string): void {
  mkdirSync(bin, { recursive: true });
  run("go", ["install", `${program.package}@v${program.version}`], { GOBIN: bin, CGO_ENABLED: "0" });
}

/** Runs a program to its end, its output shown. @throws UserError when it is missing or fails. */
export function run(program: string, args: string[], env: Record<string, string> = {}): void {
  const ended = spawnSync(program, args, { stdio: "inherit", env: { ...process.env, ...env } });
  if (ended.error) throw new UserError(`${program} cannot be run: ${ended.error.message}`);
  if (ended.status !== 0) throw new UserError(`${program} ${args.join(" ")} failed (${ended.status}).`);
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(600_000) });
  if (!response.ok) throw new UserError(`${url}: ${response.status} ${response.statusText}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Complete or not there: a program that runs keeps its old file. */
function place(from: string, to: string): void {
  const partial = `${to}.${process.pid}`;
  copyFileSync(from, partial);
  chmodSync(partial, 0o755);
  renameSync(partial, to);
}
