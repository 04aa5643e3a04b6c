import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as components from "../../components";

const root = resolve(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "analyzer-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const names = Object.entries(components)
  .filter(([, value]) => typeof value === "function" && value.prototype instanceof pulumi.ComponentResource)
  .map(([name]) => name);

/** A JSON schema as far as it is looked at here. */
interface Property {
  type?: string;
  $ref?: string;
  plain?: boolean;
}

describe("Pulumi's component analyzer", () => {
  let schema: ReturnType<typeof generateSchema>;

  beforeAll(() => {
    // Only what the components import: tests and commands would double the time.
    const config = { extends: join(root, "tsconfig.build.json"), files: [join(root, "components/index.ts")] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const entry = { main: join(root, "components/index.js") };
    const analyzer = new Analyzer(folder, "inference-platform", entry as never, new Set(names));
    const { components: found, typeDefinitions, dependencies } = analyzer.analyze();
    schema = generateSchema("inference-platform", "0.1.0", "", found, typeDefinitions, dependencies);
  }, 120_000);

  it("takes every public class, under the token that it registers with", () => {
    expect(names.length).toBeGreaterThanOrEqual(15);
    const tokens = names.map((name) => `inference-platform:index:${name}`).sort();
    expect(Object.keys(schema.resources).sort()).toEqual(tokens);
  });

  it("tells other languages which arguments are required, and what each one means", () => {
    const redis = schema.resources["inference-platform:index:Redis"];
    expect(redis?.requiredInputs).toContain("memoryMiB");
    expect(redis?.requiredInputs).not.toContain("evictionPolicy");
    const silent = Object.entries(schema.resources).flatMap(([token, resource]) =>
      Object.entries(resource.inputProperties ?? {})
        .filter(([, property]) => !property.description)
        .map(([name]) => `${token}.${name}`),
    );
    expect(silent).toEqual([]);
  });

  it("finds every type that a property refers to", () => {
    const text = JSON.stringify(schema);
    const references = [...text.matchAll(/"#\/types\/([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((token) => !(token in schema.types))).toEqual([]);
  });

  it("has no type that would lose its fields on the way", () => {
    const open = Object.entries(schema.resources).flatMap(([token, resource]) =>
      Object.entries((resource.inputProperties ?? {}) as Record<string, Property>)
        .filter(([, property]) => property.$ref === "pulumi.json#/Any")
        .map(([name]) => `${token}.${name}`),
    );
    expect(open).toEqual([]);
  });
});
