import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../settings";
import {
  allowed,
  changed,
  fileSchema,
  groupSchemas,
  leaves,
  type SchemaNode,
  shippedGroups,
  stackFile,
} from "./draw";

const validate = new Ajv({ strict: false, allErrors: true }).compile(fileSchema);

/** What a bound says, whoever says it; what one value asks of another is said otherwise. */
const ofBounds = /: must be (a (whole )?number from|one of \d)/;

type Path = (string | number)[];

const numbers = Object.entries(groupSchemas).flatMap(([group, node]) =>
  leaves(node, [group]).filter(
    ([, leaf]) => !leaf.enum && leaf.minimum !== undefined && leaf.maximum !== undefined,
  ),
) as [Path, SchemaNode & { minimum: number; maximum: number }][];

const text = (path: Path) =>
  path.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index ? "." : ""}${step}`)).join("");

const problemsAt = (groups: Record<string, unknown>, path: Path) =>
  parseSettings(groups, { region: "us-east-1" })
    .problems.filter((problem) => problem.path === text(path))
    .map(({ path: at, message }) => `${at}: ${message}`);

/** With what a key only means something together with. */
const around = (path: Path): Record<string, unknown> => {
  const staging = shippedGroups("staging");
  if (!path.includes("custom")) return staging;
  const custom = { image: "me/server:1.0.0", port: 8080, healthPath: "/health", apiPaths: ["/v1"] };
  const [service] = (staging.model as { services: Record<string, unknown>[] }).services;
  const { version: _, ...rest } = service ?? {};
  return { ...staging, model: { services: [{ ...rest, engine: "custom", custom }] } };
};

function fileOf(groups: Record<string, unknown>): unknown {
  const config = Object.entries(groups).map(([key, value]) => [`inference-platform:${key}`, value]);
  return { config: { "aws:region": "us-east-1", ...Object.fromEntries(config) } };
}

it("the JSON Schema accepts the shipped stacks", () => {
  for (const name of ["staging", "prod"])
    expect([validate(stackFile(name)), validate.errors]).toEqual([true, null]);
});

it("there is a bound for every number", () => {
  const open = Object.entries(groupSchemas)
    .flatMap(([group, node]) => leaves(node, [group]))
    .filter(([, { type, enum: choices }]) => !choices && (type === "integer" || type === "number"))
    .filter(([, { minimum = -1e15, maximum = 1e15 }]) => minimum < -1e10 || maximum > 1e10);
  expect(open.map(([path]) => text(path))).toEqual([]);
  expect(numbers.length).toBeGreaterThan(40);
});

describe.each(numbers.map(([path, node]) => [text(path), path, node] as const))("%s", (_, path, node) => {
  const step = node.type === "integer" ? 1 : 0.0001;

  it("at its bounds is refused by nobody for a bound", () => {
    for (const value of [node.minimum, node.maximum])
      expect(
        problemsAt(changed(around(path), path, value), path).filter((one) => ofBounds.test(one)),
      ).toEqual([]);
  });

  it("one step outside is refused by the JSON Schema, and by the program with the key", () => {
    for (const value of [node.minimum - step, node.maximum + step]) {
      const groups = changed(around(path), path, value);
      expect(validate(fileOf(groups))).toBe(false);
      expect(problemsAt(groups, path).filter((one) => ofBounds.test(one))).toHaveLength(1);
    }
  });
});

it("whatever the JSON Schema allows, no component refuses for a bound", () => {
  const groups = fc.record(
    Object.fromEntries(Object.entries(groupSchemas).map(([key, node]) => [key, allowed(node)])),
    { requiredKeys: ["environment", "network", "gpu", "model"] as never[] },
  );
  fc.assert(
    fc.property(groups, (drawn) => {
      const { problems } = parseSettings(drawn as Record<string, unknown>, { region: "us-east-1" });
      const outside = problems
        .map(({ path, message }) => `${path}: ${message}`)
        .filter((one) => ofBounds.test(one));
      expect(outside).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
