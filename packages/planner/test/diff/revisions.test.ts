import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, UsageError } from "@inference-platform/kit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { diff, newRepository } from "./checkouts";
import { planOf, resourceOf } from "./plans";

const root = projectRoot;
const temporary = mkdtempSync(join(tmpdir(), "diff-test-"));
// What the command makes for itself goes where this test can see it.
vi.stubEnv("TMPDIR", temporary);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const repository = (name: string) => newRepository(join(temporary, name));

const leftovers = () => readdirSync(temporary).filter((name) => name.startsWith("inference-platform-diff-"));

describe("two revisions of a small project", () => {
  // Its plan command prints what the stack file holds: how plans are made is tested elsewhere.
  const plan = (value: string) =>
    JSON.stringify(planOf([resourceOf("aws:kms/key:Key", "key", { description: value })], { stack: "dev" }));
  const command = JSON.stringify({ scripts: { plan: "node plan.js" } });
  const program =
    'const [stack, , , , out] = process.argv.slice(2); require("fs").copyFileSync("Pulumi." + stack + ".yaml", out);';
  const { directory, git, write, commit } = repository("small");
  let before: string;

  beforeAll(() => {
    commit({ "README.md": "nothing yet" });
    git("tag", "empty");
    commit({ "package.json": command, "plan.js": program });
    git("tag", "stackless");
    before = commit({ "Pulumi.dev.yaml": plan("one") });
    git("tag", "good");
    commit({ "plan.js": 'process.stderr.write("settings refused: x\\n"); process.exit(1);' });
    git("tag", "broken");
    commit({ "plan.js": program, "Pulumi.dev.yaml": plan("two") });
  });

  it("are each planned by their own command; the working tree in its place", async () => {
    write({ "Pulumi.dev.yaml": plan("three") });
    const status = git("status", "--porcelain=v2");
    const index = readFileSync(join(directory, ".git/index"));
    expect((await diff(directory, "dev", "--base", "good", "--head", "main")).out).toContain("one → two");
    const { code, out } = await diff(directory, "dev", "--base", "main");
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("two → three") });
    // Nothing of the checkout has changed, and nothing is left behind.
    expect(readFileSync(join(directory, ".git/index")).equals(index)).toBe(true);
    expect(git("status", "--porcelain=v2")).toBe(status);
    expect(git("worktree", "list").split("\n")).toHaveLength(1);
    git("checkout", "--quiet", ".");
  });

  it("show everything as new when the base has no plan command or no stack, and say so", async () => {
    const first = await diff(directory, "dev", "--base", "empty");
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/everything is new, 1 created/) });
    expect(first.out).toMatch(/empty \(\w{12}\) has no plan command yet/);
    expect((await diff(directory, "dev", "--base", "stackless")).out).toMatch(/has no stack dev yet/);
  });

  it("end with 3 and the errors when a plan fails", async () => {
    const { code, out, err } = await diff(directory, "dev", "--base", "broken");
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toMatch(/The plan of broken \(\w{12}\) failed:\nsettings refused: x/);
  });

  it("end with 1 when a gate is hit, which the output tells", async () => {
    write({ "Pulumi.dev.yaml": JSON.stringify(planOf([], { stack: "dev" })) });
    const { code, out, err } = await diff(
      directory,
      "dev",
      "--base",
      before,
      "--fail-on",
      "delete",
      "--format",
      "markdown",
    );
    expect(code).toBe(1);
    expect(out).toContain("**Stopped by a gate**");
    expect(err).toBe("Gate delete: Key key is deleted\n");
    git("checkout", "--quiet", ".");
  });

  it("refuse wrong usage before any work", async () => {
    await expect(diff(directory, "dev")).rejects.toThrow(UsageError);
    await expect(diff(directory, "dev", "--base", "nope")).rejects.toThrow(
      /no such revision.*fetch-depth: 0/,
    );
    await expect(diff(directory, "dev", "--base", "main", "--fail-on", "x")).rejects.toThrow(UsageError);
    await expect(diff(directory, "dev", "--base", "main", "--format", "x")).rejects.toThrow(UsageError);
    await expect(diff(directory, "--base", "main")).rejects.toThrow(/Which stack/);
  });

  it("leave no temporary folders behind, whatever the end", () => {
    expect(leftovers()).toEqual([]);
  });
});

describe("two revisions of this project", () => {
  it("tell what a Kubernetes upgrade does, by the programs of both", async () => {
    const { directory, commit } = repository("project");
    for (const name of readdirSync(root)) {
      if (/^(components|packages|scripts|settings|schema|.*\.(ts|json|yaml))$/.test(name)) {
        cpSync(join(root, name), join(directory, name), { recursive: true });
      }
    }
    writeFileSync(join(directory, ".gitignore"), "node_modules\n");
    symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
    const base = commit({});
    const read = (file: string) => readFileSync(join(directory, file), "utf8");
    const versions = read("components/cluster/versions.ts");
    const [, row = ""] = /\n( {2}"1\.35": \{[\s\S]*?\n {2}\},\n)/.exec(versions) ?? [];
    const next = row.replaceAll("1.35", "1.36");
    commit({
      "components/cluster/versions.ts": versions.replace(row, row + next),
      "Pulumi.staging.yaml": read("Pulumi.staging.yaml").replace('version: "1.35"', 'version: "1.36"'),
    });
    const { code, out, err } = await diff(
      directory,
      "staging",
      "--base",
      base,
      "--head",
      "HEAD",
      "--format",
      "markdown",
    );
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toContain("`version`: `1.35` → `1.36`");
    expect(out).toContain("it cannot go back to the old version");
    expect(out).toContain("`NodeGroup gpu-nodes`: the nodes are replaced a few at a time");
    expect(out).not.toContain("### Danger");
  }, 90_000);
});
