import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { refusalOf, type StackFileCase, textOf } from "./stack-files";

const folder = join(__dirname, "../fixtures/stack-files");
const read = (file: string): StackFileCase[] => parse(readFileSync(join(folder, file), "utf8"));
const refused = readdirSync(folder)
  .filter((file) => file.startsWith("refused-"))
  .sort()
  .map((file) => [file, read(file)] as const);
const accepted = read("accepted.yaml");

function letters(count: number, size: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`A${index}`, "x".repeat(size)]));
}

it("there are enough of them, each with a name of its own", () => {
  const names = [...refused.flatMap(([, cases]) => cases), ...accepted].map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
  expect(refused.flatMap(([, cases]) => cases).length).toBeGreaterThanOrEqual(300);
  expect(accepted.length).toBeGreaterThanOrEqual(60);
});

describe.each(refused)("%s", (_, cases) => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_name, one) => {
    const lines = refusalOf(textOf(one));
    const text = lines.join("\n");
    expect(lines.length).toBeGreaterThan(0);
    for (const part of one.expect ?? []) expect(text).toContain(part);
    if (one.hidden) expect(text).not.toContain(one.hidden);
    for (const line of lines) {
      expect(line).not.toMatch(/\p{Cc}/u);
      expect(line).not.toMatch(/\n\s+at |undefined|\[object|NaN/);
      expect(line.length).toBeLessThan(2300);
    }
  });
});

describe("what is too much is refused in few words", () => {
  const service = (set: Record<string, unknown>) => refusalOf(textOf({ name: "", base: "custom", set }));

  it.each([
    ["variables of two megabytes", { "s.env": letters(20, 100_000) }, "env (["],
    ["a variable of 200 kB", { "s.env": { A: "x".repeat(200_000) } }, "env.A"],
    ["files of a megabyte and more", { "s.files": letters(11, 100_000) }, "files (["],
    ["a sample of a megabyte", { "s.sampleRequest": { path: "/", body: `"${"x".repeat(1_100_000)}"` } }, ""],
  ])("%s", (_, set, key) => {
    const lines = service(set);
    expect(lines).not.toEqual([]);
    expect(lines.join("\n")).toContain(key);
    expect(lines.join("\n").length).toBeLessThan(2000);
  });

  it("a hundred services with three mistakes each", () => {
    const bad = { name: "X", engine: "vlm", gpus: -1 };
    const lines = service({ "model.services": Array(100).fill(bad) });
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toMatch(/^ {2}and \d+ more$/);
  });
});

describe("all problems are told at once", () => {
  it("of several groups", () => {
    const lines = refusalOf(
      textOf({
        name: "",
        base: "staging",
        set: { "gpu.maxNodes": "two", "redis.memoryMiB": 65536, "network.zones": ["us-east-1a"], typo: 1 },
        remove: ["environment"],
      }),
    );
    expect(lines).toHaveLength(5);
  });

  it("of one service, in schema, engine, variables, files and requests", () => {
    const lines = refusalOf(
      textOf({
        name: "",
        base: "staging",
        set: {
          "s.replicas.min": 0,
          "s.model.weightsGiB": 21,
          "s.extraArgs": ["--port=1"],
          "s.env": { HF_TOKEN: "abc", HOME: "/root" },
          "s.files": { "..": "x" },
          "s.sampleRequest": { path: "/v1/completions", body: "hello" },
          "s.model.cache": { mode: "claim" },
        },
      }),
    );
    const keys = lines.map((line) => /model\.services\[0\]\.(\S+?)[ :]/.exec(line)?.[1]).sort();
    expect(keys).toEqual(
      [
        "env.HF_TOKEN",
        "env.HOME",
        "extraArgs[0]",
        "files...",
        "model.cache.claimName",
        "model.weightsGiB",
        "replicas.min",
        "sampleRequest.body",
      ].sort(),
    );
  });
});

describe("accepted.yaml", () => {
  it.each(accepted.map((one) => [one.name, one] as const))("%s", (_name, one) => {
    expect(refusalOf(textOf(one))).toEqual([]);
  });
});
