import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { command } from "../../src/new/command";
import { planStack } from "../../src/plan/run";

describe("npm run new", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "new-"));
    // Copies: sources that are links would be loaded once for all.
    for (const name of [
      "Pulumi.yaml",
      "Pulumi.staging.yaml",
      "index.ts",
      "settings",
      "components",
      "package.json",
      "tsconfig.json",
    ])
      cpSync(join(projectRoot, name), join(directory, name), { recursive: true });
    symlinkSync(join(projectRoot, "node_modules"), join(directory, "node_modules"));
    vi.spyOn(process.stdout, "write").mockImplementation((_text, ...rest: unknown[]) => {
      const taken = rest.at(-1);
      if (typeof taken === "function") taken();
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });
  const run = (...args: string[]) => command.run([...args, "--directory", directory]);
  const file = () => join(directory, "Pulumi.dev.yaml");

  it("makes a stack that plans as asked, with the comments of the other", async () => {
    const args = [
      "--region",
      "eu-west-1",
      "--gpu",
      "g6e.xlarge",
      "--model",
      "Qwen/Qwen2.5-7B-Instruct",
      "--weights",
      "15.2",
    ];
    expect(await run("dev", ...args)).toBe(0);
    const text = readFileSync(file(), "utf8");
    expect(text).not.toContain("one L4");
    expect(text).toContain("# new zones go at the end: existing subnets keep their addresses");
    const plan = await planStack({ stack: "dev", directory });
    expect(plan.cost.region).toBe("eu-west-1");
    expect(plan.services[0]).toMatchObject({ model: "Qwen/Qwen2.5-7B-Instruct", pool: "gpu" });
    expect(plan.placement.pools.find(({ name }) => name === "gpu")?.instanceTypes).toEqual(["g6e.xlarge"]);
  });

  it("changes nothing that was not asked for", async () => {
    expect(await run("dev")).toBe(0);
    const [made, other] = [file(), join(projectRoot, "Pulumi.staging.yaml")].map((path) =>
      readFileSync(path, "utf8"),
    );
    expect(made).toBe(other);
  });

  it("writes nothing that would be refused, and says what is wrong", async () => {
    await expect(
      run("dev", "--region", "eu-west-1", "--gpu", "m7i.large", "--zones", "us-east-1a,us-east-1b"),
    ).rejects.toThrow(/gpu\.instanceTypes\[0\][\s\S]*|network\.zones/);
    await expect(run("dev", "--model", "a/b")).rejects.toThrow("--model needs --weights");
    expect(existsSync(file())).toBe(false);
  });

  it("leaves a file that is there alone", async () => {
    await expect(run("staging")).rejects.toThrow("Pulumi.staging.yaml exists already");
  });
});
