import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cidr, cidrContains, formatCidr, parseCidr } from "../../components/common/cidr";
import { planSubnets, subnetProblems } from "../../components/network/subnets";
import { unusableZones } from "../../components/network/zones";

const region = "eu-west-1";
const zonesOf = (count: number) => ["a", "b", "c", "d"].slice(0, count).map((letter) => region + letter);

/** A private VPC block of any allowed size with a number of zones that fits. */
const layouts = fc
  .record({
    prefix: fc.integer({ min: 16, max: 18 }),
    second: fc.nat(255),
    third: fc.nat(255),
    count: fc.integer({ min: 2, max: 4 }),
  })
  .map(({ prefix, second, third, count }) => {
    const base = 10 * 2 ** 24 + second * 2 ** 16 + third * 2 ** 8;
    const cidr = formatCidr({ base: base - (base % 2 ** (32 - prefix)), prefix });
    return { cidr, zones: zonesOf(count) };
  })
  .filter(({ cidr, zones }) => subnetProblems(cidr, zones, region).length === 0);

const parsed = (text: string): Cidr => {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`not a CIDR: ${text}`);
  return cidr;
};

describe("planSubnets", () => {
  it("keeps every subnet inside the VPC, without overlaps, /24 for load balancers and /20 for pods", () => {
    fc.assert(
      fc.property(layouts, ({ cidr, zones }) => {
        const plan = planSubnets(cidr, zones);
        expect(plan.map((subnets) => subnets.zone)).toEqual(zones);
        const blocks = plan.flatMap(({ publicCidr, internalCidr, privateCidr }) =>
          [publicCidr, internalCidr, privateCidr].map(parsed),
        );
        expect(blocks.map((block) => block.prefix)).toEqual(zones.flatMap(() => [24, 24, 20]));
        blocks.forEach((block, index) => {
          expect(cidrContains(parsed(cidr), block)).toBe(true);
          for (const other of blocks.slice(index + 1)) {
            expect(cidrContains(block, other) || cidrContains(other, block)).toBe(false);
          }
        });
      }),
    );
  });

  it("moves no subnet when a zone is added at the end", () => {
    fc.assert(
      fc.property(layouts, ({ cidr, zones }) => {
        const fewer = planSubnets(cidr, zones.slice(0, -1));
        expect(planSubnets(cidr, zones).slice(0, -1)).toEqual(fewer);
      }),
    );
  });
});

describe("subnetProblems", () => {
  it.each([
    ["10.0.0.0/16", 4, undefined],
    ["10.0.0.0/18", 3, undefined],
    ["10.0.0.0/18", 4, "must be /17 or larger"],
    ["10.0.0.0/19", 2, "from /16 to /18"],
    ["10.0.0.0/15", 2, "from /16 to /18"],
    ["10.0.1.0/16", 2, "starts at its first address"],
    ["10.0.0.256/16", 2, "starts at its first address"],
    ["ten", 2, "starts at its first address"],
    ["8.8.0.0/16", 2, "ranges for private networks"],
  ])("%s with %i zones: %s", (cidr, zones, message) => {
    const messages = subnetProblems(cidr, zonesOf(zones), region).map((problem) => problem.message);
    if (message) expect(messages.join()).toContain(message);
    else expect(messages).toEqual([]);
  });

  it("refuses too few, repeated, foreign and local zones, all at once", () => {
    const paths = (zones: string[]) => subnetProblems("10.0.0.0/16", zones, region).map((p) => p.path);
    expect(paths(["eu-west-1a"])).toEqual(["zones"]);
    expect(paths(["eu-west-1a", "eu-west-1a", "us-east-1a", "eu-west-1-lim-1a"])).toEqual([
      "zones[1]",
      "zones[2]",
      "zones[3]",
    ]);
  });
});

describe("unusableZones", () => {
  const available = {
    names: ["us-east-1a", "us-east-1b", "us-east-1c"],
    zoneIds: ["use1-az4", "use1-az3", "use1-az6"],
  };

  it("accepts zones that the account has", () => {
    expect(unusableZones(["us-east-1a", "us-east-1c"], available)).toBeUndefined();
  });

  it("says which zone cannot be used, why, and which can", () => {
    expect(unusableZones(["us-east-1b", "us-east-1z"], available)).toBe(
      "us-east-1b is use1-az3, where EKS cannot run a control plane; " +
        "us-east-1z is not a zone that this account can use. Choose from us-east-1a, us-east-1c.",
    );
  });
});
