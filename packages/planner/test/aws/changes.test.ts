import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { argumentsOf } from "../../src/aws/arguments";
import { propertyChanges } from "../../src/aws/diff";
import { Faults, parseFault } from "../../src/aws/faults";
import { criticalPath } from "../../src/aws/latency";
import { replacementRules } from "../../src/aws/replacements";
import { Token } from "../../src/aws/tokens";

const kinds = (type: string, before: object, after: object) =>
  Object.fromEntries(
    propertyChanges(type, before as Record<string, unknown>, after as Record<string, unknown>).map(
      (change) => [change.path, change.kind],
    ),
  );

describe("changes", () => {
  it("tells the deepest changed paths and what becomes of the resource", () => {
    const before = {
      instanceTypes: ["g6.xlarge"],
      labels: { "a/b": "1" },
      scalingConfig: { minSize: 1, maxSize: 2 },
    };
    const after = {
      instanceTypes: ["g6e.xlarge"],
      labels: { "a/b": "2" },
      scalingConfig: { minSize: 1, maxSize: 4 },
    };
    expect(kinds(Token.NodeGroup, before, after)).toEqual({
      "instanceTypes[0]": "replace",
      'labels["a/b"]': "update",
      "scalingConfig.maxSize": "update",
    });
  });

  it("names the source of a replacement, with both values", () => {
    expect(propertyChanges(Token.Subnet, { cidrBlock: "10.0.0.0/24" }, { cidrBlock: "10.0.1.0/24" })).toEqual(
      [
        {
          path: "cidrBlock",
          kind: "replace",
          source: expect.stringContaining("vpc_subnet.go"),
          before: "10.0.0.0/24",
          after: "10.0.1.0/24",
        },
      ],
    );
  });

  it.each([
    ["order where AWS has sets", Token.NodeGroup, { subnetIds: ["a", "b"] }, { subnetIds: ["b", "a"] }],
    [
      "formatting of policies",
      Token.Role,
      { assumeRolePolicy: '{"a":1,"b":2}' },
      { assumeRolePolicy: '{ "b": 2, "a": 1 }' },
    ],
    ["absence written in two ways", Token.Vpc, { tags: undefined }, {}],
  ])("does not count %s", (_what, type, before, after) => {
    expect(kinds(type, before, after)).toEqual({});
  });

  it("counts order where it matters", () => {
    const [before, after] = [
      ["g6.xlarge", "g5.xlarge"],
      ["g5.xlarge", "g6.xlarge"],
    ];
    expect(kinds(Token.NodeGroup, { instanceTypes: before }, { instanceTypes: after })).toEqual({
      "instanceTypes[0]": "replace",
      "instanceTypes[1]": "replace",
    });
  });

  it("lets encryption be added to a cluster, but not taken away", () => {
    const encrypted = { encryptionConfig: { resources: ["secrets"], provider: { keyArn: "arn:k" } } };
    expect(new Set(Object.values(kinds(Token.Cluster, {}, encrypted)))).toEqual(new Set(["update"]));
    expect(new Set(Object.values(kinds(Token.Cluster, encrypted, {})))).toEqual(new Set(["replace"]));
  });

  it("moves to another version of a launch template in place, to another template by replacement", () => {
    const at = (id: string, version: string) => ({ launchTemplate: { id, version } });
    expect(kinds(Token.NodeGroup, at("lt-1", "1"), at("lt-1", "2"))).toEqual({
      "launchTemplate.version": "update",
    });
    expect(kinds(Token.NodeGroup, at("lt-1", "1"), at("lt-2", "1"))).toEqual({
      "launchTemplate.id": "replace",
    });
  });

  it("updates what it has no rules for", () => {
    expect(kinds("kubernetes:core/v1:ConfigMap", { data: { a: "1" } }, { data: { a: "2" } })).toEqual({
      "data.a": "update",
    });
  });
});

describe("the tables", () => {
  it.each(Object.values(Token))(
    "%s has the arguments of the installed SDK, and rules for real ones only",
    (token) => {
      const module = token.split(":")[1];
      const source = readFileSync(require.resolve(`@pulumi/aws/${module}.js`), "utf8");
      const names = (pattern: RegExp) => new Set([...source.matchAll(pattern)].map((match) => match[1]));
      const known = argumentsOf[token] ?? { required: [], optional: [] };
      const all = [...known.required, ...known.optional];
      expect(new Set(known.required)).toEqual(names(/Missing required property '(\w+)'/g));
      expect(new Set(all)).toEqual(names(/resourceInputs\["(\w+)"\] = (?:args\?|pulumi|\(args\?)/g));
      for (const rule of replacementRules(token)) {
        if (rule.path !== "region") expect(all).toContain(rule.path.split(".")[0]);
        expect(rule.source).toMatch(/terraform-provider-aws/);
      }
    },
  );
});

describe("the longest chain", () => {
  const link = (urn: string, type: string, ...dependencies: string[]) => ({ urn, type, dependencies });

  it("follows what waits longest, not what has most steps", () => {
    const path = criticalPath([
      link("vpc", Token.Vpc),
      link("subnet", Token.Subnet, "vpc"),
      link("nat", Token.NatGateway, "subnet"),
      link("cluster", Token.Cluster, "subnet", "unknown"),
      link("nodes", Token.NodeGroup, "cluster", "nat"),
      link("chart", "kubernetes:helm.sh/v3:Release", "nodes"),
    ]);
    expect(path.chain.map((step) => step.urn)).toEqual(["vpc", "subnet", "cluster", "nodes"]);
    expect(path.seconds).toBe(path.chain.reduce((sum, step) => sum + step.seconds, 0));
  });

  it("takes other durations, and refuses circles", () => {
    const links = [link("a", "x", "b"), link("b", "x")];
    expect(criticalPath(links, () => 3)).toEqual({
      seconds: 6,
      chain: [
        { urn: "b", seconds: 3 },
        { urn: "a", seconds: 3 },
      ],
    });
    expect(() => criticalPath([link("a", "x", "b"), link("b", "x", "a")])).toThrow(/circle/);
  });
});

describe("failures on request", () => {
  const strikes = (text: string, operations: [string, string][]) => {
    const faults = new Faults([parseFault(text)]);
    return operations.map(([type, operation]) => {
      try {
        faults.strike(type, operation);
        return "ok";
      } catch (error) {
        return String((error as Error).message).split(":")[0];
      }
    });
  };

  it("strike the one that was asked for", () => {
    const create: [string, string] = [Token.NodeGroup, "create"];
    const text = `${Token.NodeGroup}@create#2=InsufficientInstanceCapacity`;
    expect(
      strikes(text, [create, [Token.NodeGroup, "delete"], [Token.Vpc, "create"], create, create]),
    ).toEqual(["ok", "ok", "ok", "InsufficientInstanceCapacity", "ok"]);
  });

  it("go on from a number, for any type and operation", () => {
    const any: [string, string][] = [
      [Token.Vpc, "create"],
      [Token.Eip, "read"],
      [Token.Eip, "delete"],
    ];
    expect(strikes("*@*#2+=ExpiredTokenException", any)).toEqual([
      "ok",
      "ExpiredTokenException",
      "ExpiredTokenException",
    ]);
  });

  it.each(["nodeGroup", "a@explode=X", "a@create#0=X", "a@create#1="])(
    "refuse %s with an example",
    (text) => {
      expect(() => parseFault(text)).toThrow(/is not of the form .*for example aws:eks/);
    },
  );
});
