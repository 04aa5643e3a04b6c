import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, projectRoot } from "@inference-platform/kit";
import { planStack } from "@inference-platform/planner";
import { beforeAll, expect, test } from "vitest";
import { compare, comparisonLines, sloHits } from "../../src/report/compare";
import { htmlReport } from "../../src/report/html";
import { type WhatIf, whatIf } from "../../src/report/report";
import { jsonReport, markdownReport, textReport } from "../../src/report/text";
import { type ServiceScaling, servicesOf } from "../../src/stack";
import { shape } from "../../src/traffic/shapes";

const options = { objective: { firstTokenSeconds: 2, perTokenSeconds: 0.15, share: 0.95 }, seed: 1 };
const hours = (count: number) => count * 3600;
let staging: ServiceScaling;
let prod: ServiceScaling;
let report: WhatIf;

beforeAll(async () => {
  const service = async (stack: string) =>
    servicesOf(await planStack({ stack, directory: projectRoot }))[0] as ServiceScaling;
  staging = await service("staging");
  prod = await service("prod");
  report = whatIf(prod, shape("steps", 0.5, 2.5, hours(6)), options);
}, 60_000);

test("a service is taken from the plan of its stack: model, GPU, bounds, autoscaler, pool, price", () => {
  expect(staging).toMatchObject({
    model: "Qwen/Qwen2.5-3B-Instruct",
    gpu: "L4",
    min: 1,
    max: 2,
    nodeHour: 0.8048,
  });
  expect(prod).toMatchObject({ gpu: "L40S", min: 2, max: 6, pool: { min: 2, max: 6, replicasPerNode: 1 } });
  expect(prod.hpa?.metrics?.map((metric) => metric.pods?.metric.name)).toEqual([
    "inference_requests_in_flight",
    "inference_queue_depth",
  ]);
  expect(prod.path).toEqual({ scrapeSeconds: 15, relistSeconds: 30, rateSeconds: 60 });
});

test("replicas stay within the bounds, and more of them follow the load", () => {
  expect(report.replicas.min).toBeGreaterThanOrEqual(2);
  expect(report.replicas.max).toBeLessThanOrEqual(6);
  expect(report.replicas.max).toBeGreaterThan(2);
  expect(report.scaleUps).toBeGreaterThan(0);
});

test("the stack is between the floor and the ceiling, and the oracle costs less than the stack", () => {
  const [floor, ceiling, best, oracle] = report.beside as [
    WhatIf["stack"],
    WhatIf["stack"],
    WhatIf["stack"],
    WhatIf["stack"],
  ];
  expect(floor.met).toBeLessThanOrEqual(report.stack.met);
  expect(ceiling.met).toBeGreaterThanOrEqual(report.stack.met);
  expect(ceiling.dollars).toBeGreaterThan(report.stack.dollars);
  expect(best.met).toBeGreaterThanOrEqual(Math.min(report.stack.met, ceiling.met));
  expect(oracle.gpuHours).toBeLessThanOrEqual(report.stack.gpuHours);
});

test("a smaller ceiling shows in a comparison, and its gate", () => {
  const hpa = { ...(prod.hpa as NonNullable<typeof prod.hpa>), maxReplicas: 2 };
  const traffic = shape("steps", 0.5, 2.5, hours(2));
  const before = whatIf(prod, traffic, options);
  const after = whatIf({ ...prod, max: 2, hpa }, traffic, options);
  const comparisons = compare([before], [after]);
  expect(comparisonLines(comparisons)[0]).toMatch(
    /^chat with steps 0\.5–2\.5\/s: minutes beyond the objective \d+ → \d+, GPU-hours −[\d.]+ %, −\$[\d,]+ a month$/,
  );
  expect(sloHits(comparisons, 5)).toHaveLength(1);
  expect(sloHits(comparisons, 500)).toEqual([]);
  expect(sloHits(compare([after], [before]), 0)).toEqual([]);
});

test("text, Markdown and JSON have the answer, the rows and what was assumed", () => {
  const text = textReport([report]);
  for (const part of [
    "within the objective",
    "this stack",
    "oracle: knows the traffic",
    "start-up: node 120 s",
    "derived from its size",
  ])
    expect(text).toContain(part);
  expect(markdownReport([report])).toContain("| this stack |");
  const parsed = JSON.parse(jsonReport([report])) as { reports: WhatIf[] };
  expect(parsed.reports[0]?.minutes).toHaveLength(360);
});

const chromium = findProgram("chromium", process.env) ?? findProgram("google-chrome", process.env);

/** In the page, when it is laid out: the size of each plot and of the lines in it, and what leaves the window. */
const look = `<script>addEventListener("load", () => {
  const box = (element) => { const { width, height } = element.getBoundingClientRect(); return { width, height }; };
  const plots = [...document.querySelectorAll("svg")].map((svg) => ({ ...box(svg), label: svg.getAttribute("aria-label"),
    lines: [...svg.querySelectorAll(".mark-line path")].map((line) => ({ ...box(line), colour: getComputedStyle(line).stroke })) }));
  document.body.innerHTML = "<pre>" + JSON.stringify({ plots, wide: document.documentElement.scrollWidth > innerWidth }) + "</pre>";
})</script>`;

test.skipIf(!chromium)(
  "the page is one file, and a browser draws four plots with lines of different colours",
  async () => {
    const page = await htmlReport([report]);
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    const folder = mkdtempSync(join(tmpdir(), "what-if-"));
    try {
      writeFileSync(join(folder, "page.html"), page.replace("</body>", `${look}</body>`));
      const asked = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1100,900",
        "--dump-dom",
        `--user-data-dir=${folder}/profile`,
      ];
      const dom = execFileSync(chromium as string, [...asked, `file://${folder}/page.html`], {
        stdio: ["ignore", "pipe", "ignore"],
        encoding: "utf8",
      });
      const seen = JSON.parse(/<pre>(.*)<\/pre>/s.exec(dom)?.[1]?.replace(/&gt;/g, ">") ?? "") as {
        plots: {
          width: number;
          height: number;
          label: string;
          lines: { width: number; height: number; colour: string }[];
        }[];
        wide: boolean;
      };
      expect(seen.wide).toBe(false);
      expect(seen.plots.map(({ label, lines }) => [label, lines.length])).toEqual([
        ["requests per minute", 2],
        ["percent of the requests", 2],
        ["replicas", 3],
        ["US dollars", 1],
      ]);
      for (const { width, height, lines } of seen.plots) {
        expect(width).toBeGreaterThan(800);
        expect(height).toBeGreaterThan(150);
        for (const line of lines) expect(line.width).toBeGreaterThan(600);
        expect(new Set(lines.map(({ colour }) => colour)).size).toBe(lines.length);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
