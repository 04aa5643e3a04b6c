import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findProgram, searchPath } from "../src/programs";

const folder = mkdtempSync(join(tmpdir(), "search-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function program(path: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
  chmodSync(file, 0o755);
  return file;
}

test("a program is looked for on PATH, in the named folder, and where npm run tools installs", () => {
  const env = {
    PATH: `/nowhere:${join(folder, "path")}`,
    INFERENCE_PLATFORM_TOOLS: join(folder, "named"),
    XDG_CACHE_HOME: join(folder, "cache"),
  };
  expect(findProgram("pulumi", env)).toBeUndefined();
  const cached = program("cache/inference-platform/tools/bin/pulumi");
  expect(findProgram("pulumi", env)).toBe(cached);
  const named = program("named/bin/pulumi");
  expect(findProgram("pulumi", env)).toBe(named);
  const own = program("path/pulumi");
  expect(findProgram("pulumi", env)).toBe(own);
  expect(searchPath(env).split(":")).toEqual(
    expect.arrayContaining([join(folder, "path"), dirname(named), dirname(cached)]),
  );
});

test("what cannot be run is not a program", () => {
  mkdirSync(join(folder, "odd/helm"), { recursive: true });
  writeFileSync(join(folder, "odd/kubectl"), "");
  const env = { PATH: join(folder, "odd"), XDG_CACHE_HOME: "/nowhere" };
  expect(findProgram("helm", env)).toBeUndefined();
  expect(findProgram("kubectl", env)).toBeUndefined();
});
