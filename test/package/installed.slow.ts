import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { typescriptArguments } from "@inference-platform/kit";
import type { Plan } from "@inference-platform/planner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(__dirname, "../..");
const examples = readdirSync(join(root, "examples"));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const work = mkdtempSync(join(tmpdir(), "package-test-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The package as the registry would have it. */
let archive: string;
let packed: string[];
beforeAll(() => {
  run("npm", ["pack", "--silent", "--pack-destination", work], root);
  archive = join(work, `${manifest.name}-${manifest.version}.tgz`);
  packed = run("tar", ["tzf", archive], work)
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
});

describe("the package", () => {
  it("is small, and has components and chart and nothing else", () => {
    expect(statSync(archive).size).toBeLessThan(250_000);
    const others = packed.filter((path) => !path.startsWith("dist/components/"));
    expect(others.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    expect(
      packed.filter(
        (path) => /settings\/(schema|load|derive)|\.test\.|\.ts$/.test(path) && !path.endsWith(".d.ts"),
      ),
    ).toEqual([]);
  });

  it("depends on nothing but the SDKs of the program that uses it", () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.peerDependencies)).toEqual([
      "@pulumi/aws",
      "@pulumi/kubernetes",
      "@pulumi/pulumi",
      "@pulumi/random",
    ]);
  });
});

/** The SDKs at the lowest version that the ranges admit, and at the highest that there is. */
const installations = [
  { title: "lowest", version: (range: string) => range.replace(/^\^/, "") },
  { title: "newest", version: (range: string) => range },
];

describe.each(installations)("installed in an empty folder with the $title SDKs", ({ title, version }) => {
  const folder = join(work, title);

  beforeAll(() => {
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "name": "user", "private": true }\n');
    const sdks = Object.entries<string>(manifest.peerDependencies).map(
      ([name, range]) => `${name}@${version(range)}`,
    );
    // The providers' install scripts only look for the Pulumi CLI.
    run(
      "npm",
      [
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--save-exact",
        archive,
        ...sdks,
      ],
      folder,
    );
    for (const example of examples)
      cpSync(join(root, "examples", example), join(folder, example), { recursive: true });
  });

  it("brought no second copy of an SDK", () => {
    const found = run("npm", ["ls", "--all", "--parseable", "@pulumi/pulumi"], folder).trim().split("\n");
    expect(found).toHaveLength(1);
  });

  it.each(examples)("plans %s from the packed files alone", (example) => {
    const hook = join(__dirname, "use-sdk-of.js");
    const args = ["-r", hook, ...typescriptArguments, join(root, "packages/planner/bin.ts"), "plan", "dev"];
    const outputs = `organization/inference-platform/staging=${join(example, "platform.json")}`;
    const options = ["--existing-aws", "--format", "json", "--directory", example];
    const reference = example === "stack-reference" ? ["--stack-outputs", outputs] : [];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...options, ...reference], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, SDK_OF: folder },
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const plan: Plan = JSON.parse(stdout);
    expect(plan.checks.filter((check) => check.status === "fail")).toEqual([]);
    const own = plan.releases.filter((release) =>
      release.chart.includes("node_modules/inference-platform/dist"),
    );
    expect(own.length).toBeGreaterThan(0);
    for (const release of own) expect(release.manifests?.length).toBeGreaterThan(5);
  });

  it("type-checks the examples, with Node's resolution and with the one before it", () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const files = examples.map((example) => join(folder, example, "index.ts"));
    for (const resolution of [
      { module: "commonjs", moduleResolution: "node10" },
      { module: "nodenext", moduleResolution: "nodenext" },
    ]) {
      const types = { types: ["node"], typeRoots: [join(root, "node_modules/@types")] };
      const compilerOptions = {
        target: "es2022",
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        ...types,
        ...resolution,
      };
      const config = join(folder, `tsconfig.${resolution.module}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions, files }));
      expect(spawnSync(process.execPath, [tsc, "-p", config], { encoding: "utf8" }).stdout).toBe("");
    }
  });

  it("leaves unit tests of its users alone: the safeguards do nothing under mocks", () => {
    const script = `
      const pulumi = require("@pulumi/pulumi");
      pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id: "id", state: inputs }), call: () => ({}) }).then(() => {
        require("inference-platform/components").registerSafeguards({ kubeconfig: () => "{}" });
        const { Release } = require("@pulumi/kubernetes/helm/v3");
        new Release("release", { chart: "made" }).chart.apply((chart) => process.stdout.write(chart));
      });`;
    expect(run(process.execPath, ["-e", script], folder)).toBe("made");
  });

  it("offers the chart to those who use helm alone", () => {
    const script = 'process.stdout.write(require.resolve("inference-platform/chart"))';
    const chart = run(process.execPath, ["-e", script], folder);
    expect(readFileSync(chart, "utf8")).toContain("name: inference");
  });

  it("offers nothing else", () => {
    const script = 'require("inference-platform/dist/components/index.js")';
    const { stderr } = spawnSync(process.execPath, ["-e", script], { cwd: folder, encoding: "utf8" });
    expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });
});
