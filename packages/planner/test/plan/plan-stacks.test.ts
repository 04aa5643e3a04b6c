import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { beforeAll, describe, expect, it } from "vitest";
import { prerequisites } from "../../../../test/support/prerequisites";
import { planned, shippedStacks } from "../../../../test/support/stacks";
import { textPlan } from "../../src/plan/formats/text";
import type { Check, Plan } from "../../src/plan/types";

describe.each(shippedStacks)("the stack %s as shipped", (stack) => {
  let plan: Plan;
  beforeAll(async () => {
    plan = await planned(stack);
  });

  const ofType = (type: string) => plan.resources.filter((resource) => resource.type === type);

  it("passes every check over what was seen", () => {
    // `prod` has values to be replaced, which is tested below.
    const others = plan.checks.filter(({ id }) => !["releases-seen", "example-values"].includes(id));
    expect(others.filter((check) => check.status !== "pass")).toEqual([]);
  });

  it("renders our chart for every service", () => {
    const own = plan.releases.filter((release) => release.chart.startsWith("./"));
    expect(own.length).toBeGreaterThan(0);
    for (const release of own) {
      expect(release.manifests?.map((manifest) => manifest.kind)).toContain("Deployment");
    }
  });

  it("knows every price, and its ceiling is above its floor", () => {
    expect(plan.cost.unknown).toEqual([]);
    expect(plan.cost.monthly.ceiling).toBeGreaterThan(plan.cost.monthly.floor);
  });

  it("has each part once", () => {
    const types = plan.resources.map((resource) => resource.type.split(":").at(-1));
    for (const part of ["Network", "NvidiaDevicePlugin", "Prometheus", "PrometheusAdapter", "Redis"]) {
      expect(types.filter((type) => type === part)).toEqual([part]);
    }
  });

  it("encrypts secrets, and keeps generated ones out of its outputs", () => {
    expect(plan.outputs.apiKey).toBe("[secret]");
    expect(plan.outputs.kubeconfig).toBe("[secret]");
    for (const secret of ofType("kubernetes:core/v1:Secret")) {
      expect(JSON.stringify(secret.inputs.stringData ?? secret.inputs.data)).toMatch(/\[secret\]/);
    }
  });
});

describe("prod, compared with staging", () => {
  let prod: Plan;
  let staging: Plan;
  beforeAll(async () => {
    prod = await planned("prod");
    staging = await planned("staging");
  });
  const protection = (plan: Plan) => {
    const found = plan.resources.find((resource) => resource.type.endsWith(":DeletionProtection"));
    if (!found) throw new Error("the stack has no DeletionProtection");
    return found;
  };

  it("protects what cannot be made again", () => {
    const cluster = prod.resources.find((resource) => resource.type === "aws:eks/cluster:Cluster");
    expect(cluster?.options.protect).toBe(true);
    expect(cluster?.inputs.deletionProtection).toBe(true);
  });

  it("has something that goes before all else, and is protected", () => {
    const guard = protection(prod);
    expect(guard.options.protect).toBe(true);
    const needed = prerequisites(prod.resources, guard);
    const others = prod.resources.filter((resource) => resource.custom && !needed.has(resource.urn));
    expect(others.map((resource) => resource.urn)).toEqual([]);
  });

  it("leaves nothing in the way of destroying staging", () => {
    expect(protection(staging)).toMatchObject({ dependencies: [], options: {} });
  });
});

describe.each(shippedStacks)("the text plan of %s", (stack) => {
  const lines = async (width: number) => textPlan(await planned(stack), { width }).split("\n");

  it("leads with what is served: model, engine, context, signals, cold start, address, dollars", async () => {
    const text = (await lines(120)).join("\n");
    const [, serves = ""] = /\nServes\n([\s\S]*?)\n\n/.exec(text) ?? [];
    const { services } = await planned(stack);
    expect(services.length).toBeGreaterThan(0);
    for (const service of services) {
      for (const part of [service.model, service.engineVersion, `× ${service.gpusPerReplica} GPU`])
        expect(serves).toContain(part);
      expect(serves).toContain(`context ${service.contextTokens?.toLocaleString("en-US")} tokens`);
      expect(serves).toMatch(/replicas +\d.*, \$[\d,]+ to \$[\d,]+ a month/);
      expect(serves).toMatch(/scales on +requests in flight \d+ per pod/);
      expect(serves).toMatch(/cold start +about \d+ min/);
      expect(serves).toMatch(/address +https?:\/\//);
    }
    expect(text.indexOf("\nServes")).toBeLessThan(text.indexOf("\nCost"));
  });

  it.each([80, 120])("fits %d columns", async (width) => {
    expect((await lines(width)).filter((line) => line.length > width)).toEqual([]);
  });

  it("keeps sources for --verbose", async () => {
    const plan = await planned(stack);
    expect(textPlan(plan)).not.toContain("price list");
    expect(textPlan(plan, { verbose: true })).toContain("EC2 on-demand price list");
  });

  it("gives the same service in JSON", async () => {
    const { services, outputs } = await planned(stack);
    const { platform } = outputs as { platform: { services: object; endpoints: Record<string, string> } };
    expect(services.map(({ name }) => name)).toEqual(Object.keys(platform.services));
    for (const { name, endpoint } of services) expect(endpoint).toBe(platform.endpoints[name]);
  });
});

describe("values that are an example's", () => {
  const check = (plan: Plan) => plan.checks.find(({ id }) => id === "example-values");

  it("are all named that the comments of prod mark, and none of staging", async () => {
    const lines = readFileSync(join(projectRoot, "Pulumi.prod.yaml"), "utf8").split("\n");
    const marked = lines.filter((line) => /# EXAMPLE/.test(line)).map((line) => line.trim().split(":")[0]);
    const { status, detail } = check(await planned("prod")) as Check;
    expect(status).toBe("warn");
    const named = detail.matchAll(/(?:cluster|ingress)\.(\w+)/g);
    expect([...named].map(([, key]) => key)).toEqual(marked);
    expect(check(await planned("staging"))?.status).toBe("pass");
  });
});
