import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, typescriptArguments } from "@inference-platform/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { AwsAccount } from "../../src/plan/backend";
import { markdownPlan } from "../../src/plan/formats/markdown";
import { mermaidPlan } from "../../src/plan/formats/mermaid";
import { textPlan } from "../../src/plan/formats/text";
import { planStack } from "../../src/plan/run";
import { readStack, secretPlaceholder } from "../../src/plan/stack";
import type { Check, Plan } from "../../src/plan/types";

const directory = join(projectRoot, "test/fixtures/programs/small");

/** Answers with what it was given; the simulated account has tests of its own. */
const echo: AwsAccount = {
  create: (_type, name, inputs) => ({ id: `${name}-id`, outputs: { name, ...inputs } }),
  invoke: (token) => {
    throw new Error(`unexpected call of ${token}`);
  },
};

const temporary = mkdtempSync(join(tmpdir(), "plan-test-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Plans the small program with this configuration of its one service. */
async function planned(
  service: Record<string, unknown>,
  config: Record<string, unknown> = {},
): Promise<Plan> {
  const stackFile = join(temporary, "Pulumi.test.yaml");
  const own = { "small:token": "open", "small:service": { replicas: { min: 1, max: 2 }, ...service } };
  writeFileSync(stackFile, stringify({ config: { "aws:region": "us-east-1", ...own, ...config } }));
  return planStack({
    stack: "test",
    stackFile,
    directory,
    aws: echo,
    charts: temporary,
    today: "2026-11-22",
  });
}

function check(plan: Plan, id: string): Check | undefined {
  return plan.checks.find((candidate) => candidate.id === id);
}

describe("a stack with Pulumi ESC", () => {
  const environment = ["shared/aws"];
  const planWith = (config: Record<string, unknown>) => {
    const stackFile = join(temporary, "Pulumi.esc.yaml");
    writeFileSync(stackFile, stringify({ environment, config: { "aws:region": "us-east-1", ...config } }));
    return planStack({ stack: "esc", stackFile, directory, aws: echo, charts: temporary });
  };

  it("is planned from its own values, with a warning", async () => {
    const plan = await planWith({ "small:token": "open", "small:service": { replicas: { min: 1, max: 2 } } });
    expect(check(plan, "esc-environments")).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("The stack imports from Pulumi ESC: shared/aws."),
    });
  });

  it("that is refused says that values may be missing", async () => {
    await expect(planWith({})).rejects.toThrow(/Missing.*The stack imports from Pulumi ESC: shared\/aws\./s);
  });
});

describe("reading a stack", () => {
  it("passes values as the engine does: text as it is, structures as JSON, defaults of the project below them", () => {
    const { context, main } = readStack(directory, "dev");
    expect(context.config).toMatchObject({
      "aws:region": "us-east-1",
      "small:service": '{"replicas":{"min":1,"max":2}}',
      "small:size": "3",
      "pulumi:disable-default-providers": '["kubernetes"]',
    });
    expect(main).toBe(join(directory, "index.ts"));
  });

  it("replaces ciphertext by a placeholder and marks the key as secret", () => {
    const { context } = readStack(directory, "dev");
    expect(context.config["small:token"]).toBe(secretPlaceholder);
    expect(context.secretKeys).toEqual(["small:token"]);
  });

  it("names the stacks that exist when asked for another", () => {
    expect(() => readStack(directory, "nope")).toThrow(/No stack nope.*There are: broken, dev, refused\./s);
  });

  it("says where the YAML is broken", () => {
    expect(() => readStack(directory, "broken")).toThrow(/Pulumi\.broken\.yaml:4:3: not valid YAML/);
  });
});

describe("planning a stack", () => {
  let plan: Plan;
  beforeAll(async () => {
    plan = await planStack({ stack: "dev", directory, aws: echo, charts: temporary, today: "2026-11-22" });
  });

  it("passes every check of a sound stack", () => {
    const others = plan.checks.filter(({ id }) => id !== "releases-seen");
    expect(others.filter((entry) => entry.status !== "pass")).toEqual([]);
  });

  it("renders the project's chart with the release's values, and says why and how for others", () => {
    const [own, published] = plan.releases;
    expect(own).toMatchObject({ name: "chat", namespace: "inference", chart: "./chart", version: "0.1.0" });
    expect(own?.manifests?.map((manifest) => manifest.kind)).toEqual(["ConfigMap", "Deployment", "Secret"]);
    expect(published?.manifests).toBeUndefined();
    expect(published?.skipped).toBe("published-1.0.0.tgz is in no chart folder");
    expect(published?.fetch).toMatch(
      /^helm pull published --repo https:\/\/charts\.example --version 1\.0\.0 --destination \S+$/,
    );
  });

  it("shows no secret: generated, encrypted, rendered or marked", () => {
    const everything = [JSON.stringify(plan), textPlan(plan), markdownPlan(plan), mermaidPlan(plan)].join();
    expect(everything).not.toContain(secretPlaceholder);
    expect(everything).not.toContain("rendered-by-the-chart");
    expect(plan.outputs).toMatchObject({
      apiKey: "[secret]",
      gatedToken: "[secret]",
      endpoint: "https://llm.example",
    });
    const secret = plan.resources.find((resource) => resource.type === "kubernetes:core/v1:Secret");
    expect(secret?.inputs.stringData).toBe("[secret]");
  });

  it("places GPU pods on the pool that they select, and counts nodes from the replicas", () => {
    const chat = plan.placement.workloads.find((workload) => workload.name === "chat");
    expect(chat).toMatchObject({ pools: ["gpu"], replicas: { floor: 1, ceiling: 2 } });
    expect(chat?.request).toEqual({ cpuMillis: 2000, memoryMiB: 8192, extended: { "nvidia.com/gpu": 1 } });
    // The group may go to 0, the service may not: the floor of the bill has its node.
    expect(plan.placement.needed.gpu).toEqual({ floor: 1, ceiling: 2 });
  });

  it("prices what is there", () => {
    const item = (text: string) => plan.cost.lines.find((line) => line.item.includes(text));
    expect(item("g6.xlarge")?.hourly).toEqual({ floor: 0.8048, ceiling: 1.6096 });
    expect(item("disks of gpu")?.quantity).toEqual({ floor: 200, ceiling: 400 });
    // 100 GiB of the claim, 10 GiB of the chart that was not rendered but says so in its values.
    expect(item("persistent volumes")?.quantity).toEqual({ floor: 110, ceiling: 110 });
    expect(plan.cost.unknown).toEqual([]);
  });

  it("gives the same text every time", async () => {
    const again = await planStack({
      stack: "dev",
      directory,
      aws: echo,
      charts: temporary,
      today: "2026-11-22",
    });
    expect({ ...again, seconds: 0 }).toEqual({ ...plan, seconds: 0 });
  });

  it("shows components, placement, cost and checks in text, without colour codes off a terminal", () => {
    const text = textPlan(plan);
    expect(text).toContain("serving Serving");
    expect(text).toMatch(
      /\ngpu: 1–2 × g6\.xlarge[^\n]*\n( {2}.*\n)*? {2}inference\/chat +1–2 × 2000m CPU, 8\.0 GiB, 1 nvidia\.com\/gpu\n/,
    );
    expect(text).toMatch(/total +\$\d+ +\$1,622/);
    expect(text).not.toContain("\u001b[");
    expect(textPlan(plan, { colour: true })).toContain("\u001b[");
  });

  it("draws components with their dependencies for Mermaid", () => {
    expect(mermaidPlan(plan)).toMatch(/^flowchart TB\n {2}subgraph Kubernetes\n {4}c0\["serving/);
  });
});

describe("checks", () => {
  let wrong: Plan;
  beforeAll(async () => {
    wrong = await planned(
      {
        replicas: { min: 1, max: 3 },
        values: { replicas: 1, grace: 60, image: "served:latest" },
        leak: true,
      },
      { "small:monthlyBudget": 1000 },
    );
  });

  it.each([
    ["more GPUs than the pool has", "gpu-capacity", /3 of 2 nvidia\.com\/gpu/],
    ["a quota below the maximum", "quota-covers-max", /is 2, maximum replicas take 3/],
    ["replicas beside an autoscaler", "hpa-owns-replicas", /renders replicas: 1/],
    ["a drain longer than the grace", "budgets", /60 < preStop 15 \+ drain 60/],
    ["a floating image tag", "pinned-images", /served:latest/],
    ["a ceiling above the budget", "monthly-budget", /\$1,622 a month, the budget \$1,000/],
    ["a secret in Helm values", "no-plain-secrets", /values of release serving-release/],
    ["a secret in an output", "no-plain-secrets", /the output shown/],
  ])("%s fails %s", (_title, id, detail) => {
    expect(check(wrong, id)?.status).toBe("fail");
    expect(check(wrong, id)?.detail).toMatch(detail);
  });

  it("fails no others for it", () => {
    expect(wrong.checks.filter((entry) => entry.status === "fail")).toHaveLength(7);
  });

  it("hides a leaked secret all the same", () => {
    expect(JSON.stringify(wrong)).not.toContain(secretPlaceholder);
  });

  it("does not call a pod placed that is larger than its node, nor a budget kept while a price is missing", async () => {
    const plan = await planned(
      { values: { cpu: 8 } },
      { "small:monthlyBudget": 100_000, "aws:region": "eu-west-3" },
    );
    expect(check(plan, "pod-fits-node")?.detail).toMatch(/asks for 8000m CPU of 3600m/);
    expect(check(plan, "monthly-budget")?.status).toBe("warn");
    expect(textPlan(plan)).toMatch(/WARN +price unknown +.*g6\.xlarge.*: not in the total/);
  });
});

describe("the command", () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [...typescriptArguments, "packages/planner/bin.ts", "plan", ...args], {
      cwd: projectRoot,
      encoding: "utf8",
    });

  it("exits 1 for refused settings, with the reason on stderr and nothing on stdout", () => {
    const { status, stdout, stderr } = run("refused", "--directory", directory);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    // On a busy machine it also tells its progress.
    expect(stderr).toMatch(
      /^(running the program \.\.\.\n)?small:service\.replicas\.min \(3\): must not be above max\.\n$/,
    );
  });

  it("exits 2 for wrong usage", () => {
    const { status, stdout, stderr } = run("dev", "--format", "xml");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--format xml: must be one of text, json, markdown, mermaid.");
  });
});
