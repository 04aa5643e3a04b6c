import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { charts } from "../../../../components/common/charts";
import { chartArchive, withoutChart } from "../../../../test/support/charts";
import { helmPath } from "../../src/helm";
import { definitionsOf } from "../../src/plan/definitions";

const folder = mkdtempSync(join(tmpdir(), "definitions-"));
afterAll(() => rmSync(folder, { recursive: true }));

const definition = (name: string, description = "") =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: ${name}\nspec:\n  names: {}\n  description: "${description}"\n`;

function chart(path: string, crds: Record<string, string>): string {
  const at = join(folder, path);
  mkdirSync(join(at, "crds"), { recursive: true });
  writeFileSync(join(at, "Chart.yaml"), `apiVersion: v2\nname: ${path.split("/").at(-1)}\nversion: 1.0.0\n`);
  for (const [file, text] of Object.entries(crds)) writeFileSync(join(at, "crds", file), text);
  return at;
}

describe("definitions of a chart", () => {
  const main = chart("main", { "all.yaml": `${definition("a.x")}---\n${definition("b.x")}` });
  chart("main/charts/sub", { "c.yaml": definition("c.x") });

  it("are read from a folder, its subcharts, and the archive that helm makes of it, alike", () => {
    const fromFolder = definitionsOf(main);
    expect(Object.keys(fromFolder).sort()).toEqual(["a.x", "b.x", "c.x"]);
    execFileSync(helmPath(), ["package", main, "--destination", folder], { stdio: "pipe" });
    expect(definitionsOf(join(folder, "main-1.0.0.tgz"))).toEqual(fromFolder);
  });

  it("differ when their text does", () => {
    const before = definitionsOf(main);
    writeFileSync(join(main, "crds/all.yaml"), `${definition("a.x", "new")}---\n${definition("b.x")}`);
    const after = definitionsOf(main);
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(["a.x"]);
  });
});

const stack = charts.kubePrometheusStack;
describe.skipIf(!chartArchive(stack))(`definitions of a published chart ${withoutChart(stack)}`, () => {
  it("are those that helm shows", () => {
    const archive = chartArchive(stack) ?? "";
    const shown = execFileSync(helmPath(), ["show", "crds", archive], {
      encoding: "utf8",
      maxBuffer: 100_000_000,
    });
    const names = [...shown.matchAll(/^ {2}name: (\S+)$/gm)].map(([, name]) => name);
    expect(Object.keys(definitionsOf(archive)).sort()).toEqual([...new Set(names)].sort());
    expect(names.length).toBeGreaterThan(5);
  });
});
