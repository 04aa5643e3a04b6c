import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@inference-platform/kit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { diff, newRepository } from "./checkouts";
import { planOf, resourceOf } from "./plans";

const temporary = mkdtempSync(join(tmpdir(), "diff-places-"));
vi.stubEnv("TMPDIR", temporary);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

/** A stack file that is the plan, and a plan command that prints it. */
const plan = (value: string) =>
  JSON.stringify(planOf([resourceOf("aws:kms/key:Key", "key", { description: value })], { stack: "dev" }));
const copies =
  'const [stack, , , , out] = process.argv.slice(2); require("fs").copyFileSync("Pulumi." + stack + ".yaml", out);';
const manifest = JSON.stringify({ scripts: { plan: "node plan.js" } });

/** The files of a project in a folder of its repository. */
function project(folder: string, value: string, command = copies): Record<string, string> {
  const at = (name: string) => join(folder, name);
  return {
    [at("package.json")]: manifest,
    [at("plan.js")]: command,
    [at("Pulumi.dev.yaml")]: plan(value),
  };
}

describe("a project below the top of its repository", () => {
  const { directory, git, write, commit } = newRepository(join(temporary, "below"));
  beforeAll(() => {
    commit({ ...project("infra/gpu stack", "one"), "README.md": "x" });
    write(project("infra/gpu stack", "two"));
  });
  const inside = join(directory, "infra/gpu stack");

  it("is compared with itself", async () => {
    const { code, out } = await diff(inside, "dev", "--base", "main");
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("one → two") });
    expect(out).not.toContain("everything is new");
  });

  it("hits the gates", async () => {
    write({ "infra/gpu stack/Pulumi.dev.yaml": JSON.stringify(planOf([], { stack: "dev" })) });
    const { code, err } = await diff(inside, "dev", "--base", "main", "--fail-on", "delete");
    expect({ code, err }).toEqual({ code: 1, err: "Gate delete: Key key is deleted\n" });
    write(project("infra/gpu stack", "two"));
  });

  it("is found through links, from outside and in the repository", async () => {
    symlinkSync(inside, join(temporary, "outside"));
    expect((await diff(join(temporary, "outside"), "dev", "--base", "main")).out).toContain("one → two");
    symlinkSync("infra/gpu stack", join(directory, "link"));
    expect((await diff(join(directory, "link"), "dev", "--base", "main")).out).toContain("one → two");
    symlinkSync(directory, join(temporary, "top"));
    const through = join(temporary, "top/infra/gpu stack");
    expect((await diff(through, "dev", "--base", "main")).out).toContain("one → two");
  });

  it("is found from a hook, whose environment speaks of the top", async () => {
    vi.stubEnv("GIT_DIR", ".git");
    vi.stubEnv("GIT_INDEX_FILE", ".git/index");
    try {
      expect((await diff(inside, "dev", "--base", "main")).out).toContain("one → two");
    } finally {
      vi.stubEnv("GIT_DIR", undefined);
      vi.stubEnv("GIT_INDEX_FILE", undefined);
    }
    expect(git("status", "--porcelain", "--", "README.md")).toBe("");
  });

  it("can use what is above it, and what an archive would leave out", async () => {
    const above = {
      "shared/copy.js": copies,
      ".gitattributes": "*.yaml export-ignore\nshared export-ignore\n",
    };
    commit({ ...above, ...project("infra/gpu stack", "three", 'require("../../shared/copy.js");') });
    write(project("infra/gpu stack", "four", 'require("../../shared/copy.js");'));
    expect((await diff(inside, "dev", "--base", "main")).out).toContain("three → four");
  });

  it("says so when a revision has no such folder", async () => {
    commit(project("another", "one"));
    const { out } = await diff(join(directory, "another"), "dev", "--base", "HEAD~1..HEAD");
    expect(out).toMatch(/has no folder another\/ yet/);
  });
});

describe("packages of the repository itself", () => {
  it("are the revision's own, where all others are what is installed", async () => {
    const { directory, write, commit } = newRepository(join(temporary, "workspaces"));
    const member = (value: string) => ({ "packages/tool/index.js": `exports.value = "${value}";` });
    const command = `
      const [stack, , , , out] = process.argv.slice(2);
      const value = [require("@own/tool").value, require("published").value].join(" ");
      const text = require("fs").readFileSync("Pulumi." + stack + ".yaml", "utf8");
      require("fs").writeFileSync(out, text.replace("VALUE", value));`;
    commit({
      ...project("stack", "VALUE", command),
      ...member("old"),
      "package-lock.json": "{}",
      ".gitignore": "node_modules\n",
    });
    write({ ...member("new"), "node_modules/published/index.js": 'exports.value = "installed";' });
    mkdirSync(join(directory, "node_modules/@own"));
    symlinkSync("../../packages/tool", join(directory, "node_modules/@own/tool"));
    const { code, out } = await diff(join(directory, "stack"), "dev", "--base", "main");
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining("old installed → new installed"),
    });
  });
});

describe("what a revision is compared with", () => {
  const { directory, git, commit } = newRepository(join(temporary, "branches"));
  const two = (key: string, alias: string) =>
    JSON.stringify(
      planOf(
        [
          resourceOf("aws:kms/key:Key", "key", { description: key }),
          resourceOf("aws:kms/alias:Alias", "alias", { name: alias }),
        ],
        { stack: "dev" },
      ),
    );
  const file = "Pulumi.dev.yaml";

  beforeAll(() => {
    commit({ ...project("", "x"), [file]: two("one", "old") });
    git("checkout", "--quiet", "-b", "topic");
    commit({ [file]: two("two", "old") });
    git("checkout", "--quiet", "main");
    // Newer on main than the branch.
    commit({ [file]: two("one", "newer") });
    git("checkout", "--quiet", "topic");
  });

  it.each([
    ["the working tree", ["--base", "main"]],
    ["two revisions", ["--base", "main", "--head", "topic"]],
    ["three dots", ["--base", "main...topic"]],
    ["three dots and nothing", ["--base", "main..."]],
  ])("is where the head left the base: %s", async (_, args) => {
    const { code, out } = await diff(directory, "dev", ...args);
    expect(code).toBe(0);
    expect(out).toContain("one → two");
    expect(out).not.toContain("newer");
    expect(out).toMatch(/From \w{12}, the merge base of main \(\w{12}\) and (topic|HEAD) \(\w{12}\), to /);
  });

  it("is the base as it is with two dots", async () => {
    const { out } = await diff(directory, "dev", "--base", "main..topic");
    expect(out).toContain("one → two");
    expect(out).toContain("newer → old");
    expect(out).toMatch(/From main \(\w{12}\) to topic \(\w{12}\)\./);
  });

  it("shows a way back with two dots", async () => {
    const { out } = await diff(directory, "dev", "--base", "topic..topic~1");
    expect(out).toContain("two → one");
  });

  it("can be the very same commit", async () => {
    const { code, out, err } = await diff(directory, "dev", "--base", "HEAD", "--head", "HEAD");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("no changes");
  });

  it("must be said once", async () => {
    const twice = diff(directory, "dev", "--base", "main...topic", "--head", "topic");
    await expect(twice).rejects.toThrow(/names the head.*leave out --head topic/);
  });

  it("needs a common past", async () => {
    git("checkout", "--quiet", "--orphan", "alone");
    commit({ [file]: two("three", "alone") });
    await expect(diff(directory, "dev", "--base", "main")).rejects.toThrow(
      /no common commit.*fetch-depth: 0.*--base \w{12}\.\.\w{12}/,
    );
    expect((await diff(directory, "dev", "--base", "main..alone")).out).toContain("one → three");
    git("checkout", "--quiet", "topic");
  });
});

describe("a folder that Git refuses", () => {
  it("is told as Git tells it, with the way out", async () => {
    const { directory, commit } = newRepository(join(temporary, "of another"));
    commit(project("", "one"));
    // Git's own switch for its tests: every folder is another user's.
    vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    const refused = diff(directory, "dev", "--base", "main");
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      `dubious ownership"). When you do:\n  git config --global --add safe.directory '${directory}'`,
    );
    vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", undefined);
  });

  it("is told when it is in no repository, or not there", async () => {
    await expect(diff(temporary, "dev", "--base", "main")).rejects.toThrow(/is not in a Git repository/);
    await expect(diff(join(temporary, "none"), "dev", "--base", "main")).rejects.toThrow(/no such folder/);
  });
});
