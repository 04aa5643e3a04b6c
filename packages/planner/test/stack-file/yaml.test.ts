import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "@inference-platform/kit";
import { afterAll, describe, expect, it } from "vitest";
import { readStack } from "../../src/plan/stack";
import { configOfCli, pulumi, type StackConfig } from "./pulumi-cli";

/** Stack files with what the CLI 3.250 read of them. */
interface Recorded {
  /** The file; bytes that are no UTF-8 as Latin-1. */
  text: string;
  latin1?: boolean;
  config: StackConfig;
}

const recorded: Recorded[] = JSON.parse(readFileSync(join(__dirname, "recorded.json"), "utf8"));
const bytes = ({ text, latin1 }: Recorded) => Buffer.from(text, latin1 ? "latin1" : "utf8");

const folder = mkdtempSync(join(tmpdir(), "stack-file-test-"));
writeFileSync(join(folder, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
afterAll(() => rmSync(folder, { recursive: true }));

function configHere(file: Buffer): StackConfig {
  writeFileSync(join(folder, "Pulumi.dev.yaml"), file);
  try {
    return readStack(folder, "dev").context.config;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** Objects and lists by their content: neither spaces nor the order of keys count. */
function parsed(config: StackConfig): unknown {
  return (
    config &&
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, /^[[{]/.test(value) ? JSON.parse(value) : value]),
    )
  );
}

const name = ({ text }: Recorded) => JSON.stringify(text);

describe("a stack file is read as Pulumi's CLI reads it", () => {
  it.each(recorded.map((file) => [name(file), file] as const))("%s", (_, file) => {
    expect(parsed(configHere(bytes(file)))).toEqual(parsed(file.config));
  });
});

describe.skipIf(!pulumi)(`the CLI itself${pulumi ? "" : " (skipped: there is no pulumi)"}`, () => {
  const single = /^config:\n {2}p:v: (.*)\n$/;

  it("reads what was recorded of it", async () => {
    const values = recorded.flatMap(({ text, config }) => {
      const [, value] = single.exec(text) ?? [];
      return value === undefined || !config || value.includes("&") ? [] : [{ value, read: config["p:v"] }];
    });
    expect(values.length).toBeGreaterThan(100);
    // A process for each would take a minute.
    const all = `config:\n${values.map(({ value }, index) => `  p:v${index}: ${value}\n`).join("")}`;
    const expected = Object.fromEntries(values.map(({ read = "" }, index) => [`p:v${index}`, read]));
    expect(parsed(await configOfCli(Buffer.from(all)))).toEqual(parsed(expected));
  });
});

describe("what is no stack file is told with its place", () => {
  const refusal = (text: string | Buffer): string => {
    writeFileSync(join(folder, "Pulumi.bad.yaml"), text);
    try {
      readStack(folder, "bad");
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
    return "accepted";
  };

  it.each([
    [
      "unknown anchor",
      "config:\n  p:a: *nope\n",
      /Pulumi\.bad\.yaml:2:8: .*\*nope names an anchor that does not exist/,
    ],
    ["circle", "config:\n  p:a: &x [1, *x]\n", /Pulumi\.bad\.yaml:2:15: .*&x contains itself/],
    ["key twice", "config:\n  p:a: 1\n  p:a: 2\n", /Pulumi\.bad\.yaml:3:3: .*p:a stands twice/],
    ["Latin-1", Buffer.from("config:\n  p:a: \xff\n", "latin1"), /is not UTF-8 text/],
    ["tabs", "config:\n\tp:a: 1\n", /Pulumi\.bad\.yaml:2:1: not valid YAML/],
    ["no mapping", "- config\n", /expected keys with values, found a list/],
    [
      "settings at the margin",
      "config:\n  p:a: 1\np:b: 2\n",
      /"p:b": Pulumi ignores what stands beside config/,
    ],
    ["colons", "config:\n  p:b:c: 2\n", /config\."p:b:c": must be namespace:name/],
    [
      "infinity",
      "config:\n  p:a: .inf\n",
      /Pulumi\.bad\.yaml:2:8: .*\.inf is a number that JSON does not have/,
    ],
    [
      "aliases of aliases",
      `config:\n  p:a: &a [${"1,".repeat(99)}1]\n  p:b: &b [${"*a,".repeat(99)}*a]\n  p:c: [${"*b,".repeat(99)}*b]\n`,
      /aliases make more than 100000 values/,
    ],
    ["megabytes", `config:\n  p:a: ${"x".repeat(4 * 1024 * 1024)}\n`, /has 4194320 bytes/],
  ])("%s", (_, text, expected) => {
    expect(refusal(text)).toMatch(expected);
  });

  it("a folder", () => {
    mkdirSync(join(folder, "Pulumi.folder.yaml"));
    expect(() => readStack(folder, "folder")).toThrow(/Pulumi\.folder\.yaml: is a folder, not a file/);
  });
});

it("keys that every object has are keys like others", () => {
  writeFileSync(
    join(folder, "Pulumi.dev.yaml"),
    "config:\n  p:o: { __proto__: { a: 1 }, constructor: 2 }\n  toString: 3\n",
  );
  const { config } = readStack(folder, "dev").context;
  expect(config).toEqual({ "p:o": '{"__proto__":{"a":1},"constructor":2}', "p:toString": "3" });
});

it("names the ESC environments that a stack imports", () => {
  writeFileSync(
    join(folder, "Pulumi.esc.yaml"),
    "environment: [shared/aws, { llm/prod: { merge: false } }]\nconfig:\n  p:a: 1\n",
  );
  expect(readStack(folder, "esc").environments).toEqual(["shared/aws", "llm/prod"]);
});
