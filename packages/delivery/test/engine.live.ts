import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findProgram } from "@inference-platform/kit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { planned, shippedStacks } from "../../../test/support/stacks";
import { readSections } from "../src/comment";
import { command as drift } from "../src/drift";
import { command as preview } from "../src/preview";
import { command as review } from "../src/review";
import { stackOutputs } from "../src/smoke";
import { printed } from "./programs";

const root = resolve(__dirname, "../../..");
const skipped = ["pulumi", "pulumi-language-nodejs"].some((tool) => !findProgram(tool, process.env))
  ? " (skipped: pulumi is missing, see npm run tools)"
  : "";

describe.skipIf(skipped)(`what the real engine says${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const directory = join(folder, "project");
  const engine = (...args: string[]) =>
    execFileSync("pulumi", [...args, "--stack", "dev"], { cwd: directory, encoding: "utf8" });

  beforeAll(async () => {
    cpSync(join(__dirname, "fixtures/engine"), directory, { recursive: true });
    symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
    const backend = join(folder, "backend");
    mkdirSync(backend);
    vi.stubEnv("PULUMI_BACKEND_URL", `file://${backend}`);
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "engine");
    engine("stack", "init");
    engine("config", "set", "length", "2");
    engine("config", "set", "more", "true");
    const { platform } = (await planned("staging")).outputs;
    engine("config", "set", "platform", JSON.stringify(platform));
    engine("up", "--yes", "--skip-preview");
  });

  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  test("the outputs of a stack are read with their secrets", async () => {
    const outputs = await stackOutputs("dev", directory);
    expect(outputs.platform).toEqual((await planned("staging")).outputs.platform);
    expect(outputs.apiKey).toHaveLength(20);
    expect(outputs.kubeconfig).toBe('{"kind":"Config"}');
  });

  test("nothing changes: every resource is counted", async () => {
    // The stack, a pet, two ids, a password.
    expect(await printed(() => preview.run(["dev", "--directory", directory]))).toContain(
      "No changes; 5 resources as they are.",
    );
    expect(await printed(() => drift.run(["dev", "--directory", directory]))).toContain("No drift in `dev`");
  });

  test("changes are told by name and property, without values", async () => {
    engine("config", "set", "length", "3");
    engine("config", "set", "more", "false");
    const text = await printed(() => preview.run(["dev", "--directory", directory]));
    expect(text).toContain("1 to replace, 1 to delete; 3 resources as they are.");
    expect(text).toContain(
      "| **replace** | `random:index/randomPet:RandomPet` | `replaced` | `length`; forced by `length` |",
    );
    expect(text).toContain("| **delete** | `random:index/randomId:RandomId` | `more ::odd` |");
    expect(
      await printed(async () => expect(await drift.run(["dev", "--directory", directory])).toBe(1)),
    ).toContain("1 to replace, 1 to delete; 3 resources as they are.");
  });

  test("the comment finds what review and preview wrote, under the names of the workflow", async () => {
    const artifact = join(folder, "artifact");
    const workflow = readFileSync(join(root, ".github/workflows/preview.yml"), "utf8");
    const [, stack = "", named = ""] = /preview -- (\w+) --out preview\/(\S+)/.exec(workflow) ?? [];
    expect(named).toContain(stack);
    const file = named.replace(stack, "dev");
    await printed(() => preview.run(["dev", "--directory", directory, "--out", join(artifact, file)]));
    await printed(() => review.run(["--base", "HEAD", "--out", artifact, "--directory", root]));
    const { sections } = readSections(artifact);
    expect(sections.map(({ name }) => name).sort()).toEqual(
      [...shippedStacks.map((stack) => `diff-${stack}`), "preview-dev"].sort(),
    );
    expect(sections.find(({ name }) => name === "diff-prod")?.text).toContain("`prod`: no changes");
  });

  test("a preview that fails says why", async () => {
    engine("config", "set", "length", "many");
    const text = await printed(async () =>
      expect(await preview.run(["dev", "--directory", directory])).toBe(1),
    );
    expect(text).toMatch(/The preview failed\.[\s\S]*'many' is not a valid number/);
  });
});
