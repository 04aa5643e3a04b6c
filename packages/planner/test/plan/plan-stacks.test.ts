import { beforeAll, describe, expect, it } from "vitest";
import { prerequisites } from "../../../../test/support/prerequisites";
import { planned, shippedStacks } from "../../../../test/support/stacks";
import type { Plan } from "../../src/plan/types";

describe.each(shippedStacks)("the stack %s as shipped", (stack) => {
  let plan: Plan;
  beforeAll(async () => {
    plan = await planned(stack);
  });

  const ofType = (type: string) => plan.resources.filter((resource) => resource.type === type);

  it("passes every check over what was seen", () => {
    const others = plan.checks.filter(({ id }) => id !== "releases-seen");
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
