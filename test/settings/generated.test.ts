import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { releaseArgs } from "../../components/inference/service-parts";
import { serviceValues } from "../../components/inference/values";
import { derive, type Settings } from "../../settings";
import { allowed, changed, groupSchemas, leaves, shippedGroups } from "./draw";
import { outcomeOf, type StackFileCase, textOf } from "./stack-files";

const chartSchema = JSON.parse(
  readFileSync(join(__dirname, "../../components/inference/chart/values.schema.json"), "utf8"),
);
const validate = new Ajv({ strict: false, allErrors: true }).compile(chartSchema);

/** What our chart would refuse of accepted settings; also proves that contracts can be made of them. */
function refusedByChart(settings: Settings): unknown[] {
  const { services, pool, loadBalancerCidrs } = derive(settings);
  return services.flatMap(({ definition, ...contract }) => {
    const args = { ...definition, namespace: "inference", pool, loadBalancerCidrs, egress: contract.egress };
    const values = JSON.parse(JSON.stringify(serviceValues(releaseArgs(args, contract))));
    return validate(values) ? [] : (validate.errors ?? []);
  });
}

function fileOf(groups: Record<string, unknown>): string {
  const config = Object.entries(groups).map(([key, value]) => [`inference-platform:${key}`, value]);
  return stringify({ config: { "aws:region": "us-east-1", ...Object.fromEntries(config) } });
}

function outcome(text: string): { settings?: Settings; lines: string[] } {
  const found = outcomeOf(text);
  for (const line of found.lines) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\[object|\bundefined\b|\bNaN\b/u);
    expect(line.length).toBeLessThan(2300);
  }
  return found;
}

it("what the settings accept, the chart accepts", () => {
  const cases: StackFileCase[] = parse(
    readFileSync(join(__dirname, "../fixtures/stack-files/accepted.yaml"), "utf8"),
  );
  for (const one of cases) {
    const { settings } = outcomeOf(textOf(one));
    expect([one.name, settings && refusedByChart(settings)]).toEqual([one.name, []]);
  }
});

it("whatever the JSON Schema allows is accepted by all that comes after, or refused with its key", () => {
  const groups = fc.record(
    Object.fromEntries(Object.entries(groupSchemas).map(([key, node]) => [key, allowed(node)])),
    { requiredKeys: ["environment", "network", "gpu", "model"] as never[] },
  );
  fc.assert(
    fc.property(groups, (drawn) => {
      const { settings } = outcome(fileOf(drawn as Record<string, unknown>));
      if (settings) expect(refusedByChart(settings)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

it("one key of a right file with what the JSON Schema allows", () => {
  const places = Object.entries(groupSchemas).flatMap(([group, node]) => leaves(node, [group]));
  const staging = shippedGroups("staging");
  const change = fc
    .constantFrom(...places)
    .chain(([path, node]) => allowed(node).map((value) => ({ path, value })));
  fc.assert(
    fc.property(change, ({ path, value }) => {
      const { settings } = outcome(fileOf(changed(staging, path, value)));
      if (settings) expect(refusedByChart(settings)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it("rubbish anywhere ends nothing, and prints nothing that a terminal would obey", () => {
  const places = Object.entries(groupSchemas).flatMap(([group, node]) =>
    leaves(node, [group]).flatMap(([path]) => path.map((_, length) => path.slice(0, length + 1))),
  );
  const names = fc.oneof(
    fc.constantFrom(
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "\u001b[31m",
      "a\u202eb",
      "",
      " ",
    ),
    fc.string({ unit: "binary", maxLength: 12 }),
  );
  const { rubbish } = fc.letrec((tie) => ({
    rubbish: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<unknown>(
        null,
        true,
        false,
        0,
        -1,
        1e308,
        "",
        " ",
        "__proto__",
        "constructor",
        "\u0000",
        "x".repeat(5000),
      ),
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(tie("rubbish"), { maxLength: 3 }),
      fc
        .array(fc.tuple(names, tie("rubbish")), { maxLength: 3 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const staging = shippedGroups("staging");
  fc.assert(
    fc.property(fc.constantFrom(...places), rubbish, names, (path, value, name) => {
      outcome(fileOf(changed(staging, path, value)));
      outcome(fileOf(changed(staging, [...path, name], value)));
    }),
    { numRuns: 300 },
  );
});
