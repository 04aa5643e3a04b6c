import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimate, total } from "../../../src/plan/cost/estimate";
import { instancePrice, PricedItem, priceOf, prices } from "../../../src/plan/cost/prices";
import { hoursPerMonth } from "../../../src/plan/money";
import { CostBasis, type CostLine, type PlannedResource } from "../../../src/plan/types";

function resource(type: string, name: string, inputs: Record<string, unknown> = {}): PlannedResource {
  const urn = `urn:pulumi:s::p::${type}::${name}`;
  return { urn, type, name, custom: true, inputs, dependencies: [], options: {} };
}

function costOf(resources: PlannedResource[], region = "us-east-1", today = "2026-11-22") {
  const pools = resources
    .filter((entry) => entry.type.includes("nodeGroup"))
    .map((entry) => ({
      name: entry.name,
      instanceTypes: entry.inputs.instanceTypes as string[],
      nodes: { floor: 0, ceiling: 0 },
      labels: entry.inputs.labels as Record<string, string>,
      taints: [],
      spot: false,
      zones: 2,
    }));
  const placement = { pools, workloads: [], needed: {}, notRendered: [] };
  return estimate({ region, resources, releases: [], objects: [], placement, today });
}

const nodeGroup = fc
  .record({
    name: fc.string({ minLength: 1, maxLength: 8 }),
    type: fc.constantFrom("g6.xlarge", "g5.2xlarge", "m7i.large", "x9.none"),
    spot: fc.boolean(),
    min: fc.nat(5),
    more: fc.nat(5),
    disk: fc.integer({ min: 20, max: 500 }),
  })
  .map(({ name, type, spot, min, more, disk }) =>
    resource("aws:eks/nodeGroup:NodeGroup", name, {
      instanceTypes: [type],
      capacityType: spot ? "SPOT" : "ON_DEMAND",
      scalingConfig: { minSize: min, maxSize: min + more },
      diskSize: disk,
      labels: { group: name },
    }),
  );
const others = fc
  .constantFrom(
    "aws:ec2/natGateway:NatGateway",
    "aws:kms/key:Key",
    "aws:ec2/eip:Eip",
    "aws:cloudwatch/logGroup:LogGroup",
  )
  .map((type) => resource(type, "x"));
const stacks = fc.uniqueArray(fc.oneof(nodeGroup, others), { selector: (entry) => entry.urn, maxLength: 8 });

describe("cost", () => {
  it("has no floor above its ceiling, in no line and not in total", () => {
    fc.assert(
      fc.property(stacks, (resources) => {
        const cost = costOf(resources);
        for (const line of cost.lines) {
          if (line.hourly) expect(line.hourly.floor).toBeLessThanOrEqual(line.hourly.ceiling);
        }
        expect(cost.hourly.floor).toBeLessThanOrEqual(cost.hourly.ceiling);
        expect(cost.monthly.ceiling).toBeCloseTo(cost.hourly.ceiling * hoursPerMonth);
      }),
    );
  });

  it("is the sum of its parts", () => {
    fc.assert(
      fc.property(stacks, fc.nat(8), (resources, cut) => {
        const parts = [costOf(resources.slice(0, cut)), costOf(resources.slice(cut))];
        const sum = parts.reduce((all, part) => all + part.hourly.ceiling, 0);
        expect(costOf(resources).hourly.ceiling).toBeCloseTo(sum);
      }),
    );
  });

  it("names what has no price and never counts it as free", () => {
    fc.assert(
      fc.property(stacks, (resources) => {
        const cost = costOf(resources);
        const unpriced = resources.filter(
          (entry) =>
            (entry.inputs.instanceTypes as string[] | undefined)?.[0] === "x9.none" &&
            entry.inputs.scalingConfig !== undefined,
        );
        expect(cost.unknown.filter((item) => item.includes("x9.none"))).toHaveLength(unpriced.length);
        expect(cost.lines.filter((line) => line.basis === CostBasis.Unknown && line.hourly)).toEqual([]);
      }),
    );
  });

  it("knows no price of a region that the table does not have, but those that are the same everywhere", () => {
    const cost = costOf(
      [resource("aws:ec2/natGateway:NatGateway", "nat"), resource("aws:kms/key:Key", "key")],
      "eu-west-3",
    );
    expect(cost.unknown).toEqual([PricedItem.NatHour]);
    expect(cost.monthly.floor).toBeCloseTo(1);
  });

  it("charges extended support from its first day, unless the stack upgrades instead", () => {
    const cluster = (supportType: string) =>
      resource("aws:eks/cluster:Cluster", "c", { version: "1.34", upgradePolicy: { supportType } });
    const hourly = (supportType: string, today: string) =>
      costOf([cluster(supportType)], "us-east-1", today).hourly.floor;
    expect(hourly("EXTENDED", "2026-12-02")).toBeCloseTo(0.1);
    expect(hourly("EXTENDED", "2026-12-03")).toBeCloseTo(0.6);
    expect(hourly("STANDARD", "2026-12-03")).toBeCloseTo(0.1);
  });

  it("gives spot as a band below the on-demand price", () => {
    const spot = instancePrice("g6.xlarge", "us-east-1", true);
    const onDemand = instancePrice("g6.xlarge", "us-east-1", false);
    expect(spot?.high).toBe(onDemand?.high);
    expect(spot?.low).toBeLessThan(onDemand?.low ?? 0);
  });

  it("shows traffic without an amount, and the age of its oldest price", () => {
    const cost = costOf([
      resource("aws:ec2/natGateway:NatGateway", "nat"),
      resource("aws:kms/key:Key", "key"),
    ]);
    const usage = cost.lines.filter((line) => line.basis === CostBasis.Usage);
    expect(usage.map((line) => line.unit)).toEqual(["$0.045 per GB"]);
    expect(cost.pricesAsOf).toBe(priceOf(PricedItem.NatHour, "us-east-1")?.asOf);
  });

  it("adds nothing for lines without a price", () => {
    const line: CostLine = {
      item: "x",
      basis: CostBasis.Unknown,
      quantity: { floor: 1, ceiling: 2 },
      unit: "",
      source: "",
    };
    expect(total("r", [line])).toMatchObject({ unknown: ["x"], hourly: { floor: 0, ceiling: 0 } });
  });

  it("has a source and a date for every price", () => {
    for (const price of prices) {
      expect(price.source).toMatch(/^aws\.amazon\.com\//);
      expect(price.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(price.usd).toBeGreaterThan(0);
    }
  });
});
