import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseSettings } from "../../../settings";
import { pacedConfig } from "../src/scaling/adapter";
import { pace, pacedAutoscaler, pacedDuration, pacedQuery, replicasFor } from "../src/scaling/pace";
import { scrapeJob } from "../src/scaling/prometheus";
import { SeriesFault, withFault } from "../src/scaling/relay";
import { renderScaling, type ScalingReport, scalingStandIns } from "../src/scaling/report";
import { paceProblems } from "../src/scaling/scenarios/scale-in";
import { type DeployedService, withCast } from "../src/scaling/stack";
import { findScalingTools } from "../src/scaling/tools";

describe("the pace of the loop", () => {
  it("divides every duration by the same factor", () => {
    expect(pacedDuration("15s")).toBe("1000ms");
    expect(pacedDuration("5m")).toBe("20000ms");
    expect(pacedDuration("300ms")).toBe("20ms");
    expect(() => pacedDuration("soon")).toThrow("not a duration: soon");
  });

  it("divides the ranges of a query and nothing else in it", () => {
    const query = 'sum by (pod) (rate(requests_total{status!="60s"}[60s])) * 60';
    expect(pacedQuery(query)).toBe('sum by (pod) (rate(requests_total{status!="60s"}[4000ms])) * 60');
  });

  it("divides windows and periods of an autoscaler, and leaves metrics and steps alone", () => {
    const spec = {
      minReplicas: 1,
      metrics: [{ type: "Pods" }],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 30,
          policies: [{ type: "Pods", value: 2, periodSeconds: 60 }],
        },
        scaleDown: {
          stabilizationWindowSeconds: 300,
          policies: [{ type: "Pods", value: 1, periodSeconds: 1 }],
        },
      },
    };
    expect(pacedAutoscaler({ metadata: { name: "chat" }, spec }).spec).toEqual({
      minReplicas: 1,
      metrics: [{ type: "Pods" }],
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 2, policies: [{ type: "Pods", value: 2, periodSeconds: 4 }] },
        // The API takes no period below a second.
        scaleDown: {
          stabilizationWindowSeconds: 20,
          policies: [{ type: "Pods", value: 1, periodSeconds: 1 }],
        },
      },
    });
  });

  it("keeps the rules of the stack but for their ranges, and adds CPU and memory", () => {
    const rule = {
      seriesQuery: "requests_total",
      metricsQuery: "rate(requests_total[60s])",
      name: { as: "requests" },
    };
    const config = parse(pacedConfig(JSON.stringify({ rules: [rule] })));
    expect(config.rules).toEqual([{ ...rule, metricsQuery: "rate(requests_total[4000ms])" }]);
    expect(Object.keys(config.resourceRules)).toEqual(["cpu", "memory", "window"]);
  });
});

describe("what an autoscaler is expected to do", () => {
  it("rounds up, within the bounds", () => {
    expect(replicasFor(16, 16, 1, 4)).toBe(1);
    expect(replicasFor(16.1, 16, 1, 4)).toBe(2);
    expect(replicasFor(1000, 16, 1, 4)).toBe(4);
    expect(replicasFor(0, 16, 1, 4)).toBe(1);
  });

  it("finds every way to scale in too fast", () => {
    const policy = { windowSeconds: 20, periodSeconds: 8, pods: 1 };
    const steps = (...list: [number, number][]) =>
      paceProblems(
        list.map(([at, replicas]) => ({ at: at * 1000, replicas })),
        0,
        policy,
      );
    expect(steps([0, 4], [20, 3], [28, 2])).toEqual([]);
    expect(steps([0, 4], [10, 3])).toEqual(["a pod went after 10.0 s, within the window of 20 s"]);
    expect(steps([0, 4], [20, 2])).toEqual(["2 pods went at once, 1 may"]);
    expect(steps([0, 4], [20, 3], [23, 2])).toEqual(["two steps within 3.0 s"]);
  });
});

describe("the scrape of the loop", () => {
  it("follows the ServiceMonitor: interval, whose labels win, what is kept", () => {
    const endpoint = {
      port: "http",
      path: "/metrics",
      interval: "15s",
      honorLabels: false,
      metricRelabelings: [{ action: "keep", sourceLabels: ["__name__"], regex: "running|waiting" }],
    };
    const service = { name: "chat", namespace: "inference", monitor: { spec: { endpoints: [endpoint] } } };
    expect(scrapeJob(service as DeployedService, "/targets.json")).toMatchObject({
      honor_labels: false,
      scrape_interval: "1000ms",
      file_sd_configs: [{ files: ["/targets.json"] }],
      metric_relabel_configs: [{ action: "keep", source_labels: ["__name__"], regex: "running|waiting" }],
    });
  });
});

describe("broken series", () => {
  const text = '# TYPE running gauge\nrunning{model="a b"} 3\nwaiting 0.5\n';

  it("vanish, or are not numbers; the comments stay", () => {
    expect(withFault(text, undefined)).toBe(text);
    expect(withFault(text, SeriesFault.Vanished).trim()).toBe("# TYPE running gauge");
    expect(withFault(text, SeriesFault.NotANumber)).toBe(
      '# TYPE running gauge\nrunning{model="a b"} NaN\nwaiting NaN\n',
    );
  });
});

describe("the cast", () => {
  const file = (stack: string) =>
    parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")).config as Record<string, unknown>;

  it.each(["staging", "prod"])("joins %s, whose settings stay acceptable", (stack) => {
    const { roles, config } = withCast(file(stack));
    const { "aws:region": region, ...groups } = config;
    const raw = Object.fromEntries(
      Object.entries(groups).map(([key, value]) => [key.replace("inference-platform:", ""), value]),
    );
    const { settings, problems } = parseSettings(raw, { region: String(region) });
    expect(problems).toEqual([]);
    const names = settings?.model.services.map((service) => service.name);
    expect(names).toEqual(expect.arrayContaining(Object.values(roles)));
    expect(roles.shipped).toBe("chat");
  });

  it("refuses a stack without an engine that the simulator plays", () => {
    const config = { "inference-platform:model": { services: [{ name: "x", engine: "tgi" }] } };
    expect(() => withCast(config)).toThrow("needs a stack with a vLLM service");
  });

  it("names every missing program and where it is published", () => {
    const { missing } = findScalingTools({ PATH: "/nowhere", HOME: "/nowhere" });
    for (const name of ["prometheus ", "prometheus-adapter", "llm-d-inference-sim"])
      expect(missing).toContain(name);
    expect(missing).toContain("Debian's package prometheus");
  });
});

describe("docs/scaling.md", () => {
  const text = readFileSync(join(projectRoot, "docs/scaling.md"), "utf8");
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => parse(block ?? ""));

  it("shows only settings that are accepted", () => {
    expect(blocks.length).toBeGreaterThanOrEqual(4);
    const { config } = parse(readFileSync(join(projectRoot, "Pulumi.staging.yaml"), "utf8"));
    const { "aws:region": region, ...groups } = config;
    const raw = Object.fromEntries(
      Object.entries(groups).map(([key, value]) => [key.replace("inference-platform:", ""), value]),
    ) as { model: { services: object[] }; gpu: object };
    for (const block of blocks) {
      const [chat] = raw.model.services;
      const services = Array.isArray(block) ? block : [{ ...chat, ...block }];
      const settings = { ...raw, model: { services }, gpu: { ...raw.gpu, maxNodes: 8 } };
      expect(parseSettings(settings, { region }).problems).toEqual([]);
    }
  });

  it("links only to headings that are there", () => {
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      (title ?? "")
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(anchor);
  });
});

describe("the report", () => {
  it("adds the parts of the reaction up and says what failed", () => {
    const report: ScalingReport = {
      stack: "staging",
      ok: false,
      seconds: 300,
      kubernetes: "v1.35.0",
      pace,
      lateness: { p95: 3, max: 40 },
      checks: [{ id: "scales-in-by-the-policy", pass: false, evidence: "chat: two steps within 1.0 s" }],
      formula: [],
      reaction: [
        { part: "scrape", measured: 1, atStackPace: 15 },
        { part: "adapter", measured: 0.5, atStackPace: 0.5 },
      ],
      holds: [],
      dual: [],
      standIns: scalingStandIns,
    };
    const text = renderScaling(report);
    expect(text).toMatch(/total +1\.50 +15\.5/);
    expect(text).toMatch(/FAIL +scales-in-by-the-policy +chat: two steps within 1\.0 s/);
    expect(text).toContain("divided by 15");
  });
});
