import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { scripts } from "../../../package.json";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  environment?: string;
  needs?: string;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const folder = resolve(projectRoot, ".github/workflows");
const texts = Object.fromEntries(
  readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]),
);
const workflows = Object.fromEntries(
  Object.entries(texts).map(([file, text]) => [file, parse(text) as Workflow]),
);
const jobs = Object.entries(workflows).flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);

describe("workflows", () => {
  test.each(Object.keys(texts))("%s pins every action by commit and names its version", (file) => {
    const uses = (texts[file] ?? "").split("\n").filter((line) => /^\s*(- )?uses:/.test(line));
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual(
      [],
    );
  });

  test("a version is the same commit everywhere", () => {
    const pins = Object.values(texts).flatMap((text) => [...text.matchAll(/uses: ([^@]+)@(.*)$/gm)]);
    const versions = new Map<string, Set<string>>();
    for (const [, action = "", pin = ""] of pins)
      versions.set(action, (versions.get(action) ?? new Set()).add(pin));
    expect([...versions].filter(([, found]) => found.size > 1)).toEqual([]);
  });

  test.each(jobs)("%s has only its own permissions, an end, and no credentials on disk", (_, job) => {
    expect(job.permissions).toBeDefined();
    expect(job["timeout-minutes"]).toBeGreaterThan(0);
    for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
      expect(step.with?.["persist-credentials"]).toBe(false);
    }
  });

  test("give nothing at the top, and no expression to a shell", () => {
    for (const [file, workflow] of Object.entries(workflows)) {
      expect(workflow.permissions, file).toEqual({});
    }
    const scripts = jobs.flatMap(([, job]) => job.steps.map(({ run }) => run ?? ""));
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });

  test("hold no logic: every step is one command, and every npm command is there", () => {
    const runs = jobs.flatMap(([, job]) => job.steps.flatMap(({ run }) => (run ? [run.trim()] : [])));
    expect(runs.filter((run) => /[\n;&|]/.test(run))).toEqual([]);
    const used = runs.flatMap((run) => /^npm run ([\w:]+)/.exec(run)?.[1] ?? []);
    expect(used.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test("that run a pull request's code cannot write, and what can write runs none of it", () => {
    expect(Object.values(workflows).some(({ on }) => "pull_request_target" in on)).toBe(false);
    for (const file of ["ci.yml", "preview.yml", "preview-prod.yml"]) {
      for (const job of Object.values(workflows[file]?.jobs ?? {})) {
        const { "id-token": _, ...rest } = job.permissions ?? {};
        expect(rest, file).toEqual({ contents: "read" });
      }
      expect(texts[file]).not.toContain("secrets.");
    }
    // Credentials only for branches of the repository itself.
    expect(workflows["preview.yml"]?.jobs.review?.permissions).toEqual({ contents: "read" });
    for (const file of ["preview.yml", "preview-prod.yml"]) {
      expect(texts[file]).toContain("head.repo.full_name == github.repository");
    }
    const [checkout] = workflows["comment.yml"]?.jobs.comment?.steps ?? [];
    expect(checkout?.with?.ref).toMatch(/^\$\{\{ github\.event\.repository\.default_branch \}\}$/);
    expect(texts["comment.yml"]).not.toContain("head_sha");
  });

  test("run no package's own scripts where a token for AWS, or one that writes, can be had", () => {
    const powerful = jobs.filter(([, { permissions = {} }]) => Object.values(permissions).includes("write"));
    expect(powerful.length).toBeGreaterThan(4);
    for (const [name, { steps }] of powerful) {
      const installs = steps.flatMap(({ run }) => (run?.startsWith("npm ci") ? [run] : []));
      expect(installs, name).toEqual(["npm ci --ignore-scripts"]);
    }
  });

  test("take the roles whose trust policies name their circumstances", () => {
    const subjects = jobs.flatMap(([name, { environment, steps }]) =>
      steps
        .filter(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"))
        .map(({ with: given }) => [
          name,
          environment,
          /(\w+)_ROLE_ARN/.exec(String(given?.["role-to-assume"]))?.[1],
        ]),
    );
    expect(subjects).toEqual([
      ["deploy.yml staging", "staging", "DEPLOY"],
      ["deploy.yml prod", "prod", "DEPLOY"],
      // On main only: the schedule, and by hand.
      ["drift.yml drift", undefined, "DRIFT"],
      ["preview-prod.yml pulumi", "prod-preview", "PREVIEW"],
      ["preview.yml pulumi", "staging-preview", "PREVIEW"],
    ]);
  });

  test("deploy prod after staging, from the same commit, one deployment of a stack at a time", () => {
    const { staging, prod } = workflows["deploy.yml"]?.jobs ?? {};
    expect(prod?.needs).toBe("staging");
    for (const [stack, job] of Object.entries({ staging, prod })) {
      expect(job?.environment).toBe(stack);
      expect(job?.concurrency).toEqual({ group: `deploy-${stack}`, "cancel-in-progress": false });
      expect(job?.steps[0]?.with?.ref).toMatch(/^\$\{\{ github\.sha \}\}$/);
      expect(job?.steps.at(-1)?.run).toBe(`npm run deploy -- ${stack}`);
    }
  });
});
