import { projectRoot } from "@inference-platform/kit";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { planChanged, type StackConfig } from "../../../../test/support/changed-stacks";
import { transitions } from "../../src/aws/transitions";
import { diffPlans } from "../../src/diff/diff";
import type { PlanDiff } from "../../src/diff/types";
import type { Manifest, Plan } from "../../src/plan/types";
import { planOf, releaseOf, resourceOf } from "./plans";

const bases: Record<string, Plan> = {};
const key = (name: string) => `inference-platform:${name}`;

async function changed(stack: string, change: (config: StackConfig) => void): Promise<PlanDiff> {
  bases[stack] ??= await planChanged(projectRoot, stack);
  return diffPlans(bases[stack], await planChanged(projectRoot, stack, change));
}

const told = ({ dangers }: PlanDiff) =>
  dangers.map(({ kind, subject, text }) => `${kind}: ${subject}: ${text}`);
const resource = ({ resources }: PlanDiff, name: string) => resources.find((found) => found.name === name);

beforeAll(() => {
  // No archives: every machine gets the same.
  vi.stubEnv("INFERENCE_PLATFORM_CHARTS", undefined);
  vi.stubEnv("XDG_CACHE_HOME", __dirname);
  return () => vi.unstubAllEnvs();
});

it("every row says who says so, and when or of which version", () => {
  for (const { source } of transitions) expect(source).toMatch(/\d{4}-\d\d-\d\d|1\.35/);
});

describe("the scheme of a load balancer", () => {
  it("is another load balancer: the Ingress is made anew, so its record follows, and the loss is told", async () => {
    const diff = await changed("staging", (config) => {
      Object.assign(config[key("ingress")], {
        scheme: "internet-facing",
        inboundCidrs: ["203.0.113.0/24"],
        tls: true,
        domain: "llm.example.com",
        hostedZoneId: "Z0123456789EXAMPLE",
      });
    });
    expect(resource(diff, "ingress-chat")).toMatchObject({ action: "replace", deleteFirst: true });
    expect(told(diff)).toContainEqual(
      expect.stringMatching(
        /^loss: IngressClassParams ingress: .*internal to internet-facing.*another host name/,
      ),
    );
  });

  it("of a protected one is refused, with the steps", async () => {
    const diff = await changed("prod", (config) => {
      config[key("ingress")].scheme = "internal";
    });
    expect(told(diff)).toContainEqual(
      expect.stringMatching(
        /^refused: IngressClassParams ingress: .*deletion protection.*an up of its own first/,
      ),
    );
  });

  it.each([
    [
      "Ingress",
      { "alb.ingress.kubernetes.io/scheme": "internal" },
      { "alb.ingress.kubernetes.io/scheme": "internet-facing" },
    ],
    [
      "Ingress",
      { "alb.ingress.kubernetes.io/group.name": "a" },
      { "alb.ingress.kubernetes.io/group.name": "b" },
    ],
    ["Service", {}, { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing" }],
  ])("or the group, of %s in a chart: told as a loss", (kind, before, after) => {
    const object = (annotations: Record<string, string>): Manifest => ({
      apiVersion: "v1",
      kind,
      metadata: { name: "x", namespace: "apps", annotations },
      spec: { type: "LoadBalancer" },
    });
    const side = (annotations: object, tag: number) => {
      const { resources, releases } = releaseOf({ tag }, [object(annotations as Record<string, string>)]);
      return planOf(resources, { releases });
    };
    expect(told(diffPlans(side(before, 1), side(after, 2)))).toContainEqual(
      expect.stringMatching(/^loss: .*another load balancer/),
    );
  });
});

describe("the size of a volume", () => {
  it.each([
    ["Prometheus", "staging", "observability", "prometheus-release"],
    ["Redis", "staging", "redis", "redis-release"],
  ])("of %s grows: the program does it, and says so", async (_, stack, group, release) => {
    const diff = await changed(stack, (config) => {
      config[key(group)].storageGiB *= 2;
    });
    expect(told(diff)).toEqual([]);
    expect(resource(diff, release)?.meaning).toMatch(/grows from \d+Gi to \d+Gi while it is in use/);
  });

  it.each([
    ["Prometheus", "staging", "observability", "prometheus-release"],
    ["Redis", "prod", "redis", "redis-release"],
  ])("of %s cannot become smaller", async (_, stack, group, release) => {
    const diff = await changed(stack, (config) => {
      config[key(group)].storageGiB -= 5;
    });
    expect(told(diff)).toContainEqual(
      expect.stringMatching(
        new RegExp(`^refused: Release ${release}: a volume cannot shrink from \\d+Gi to \\d+Gi`),
      ),
    );
  });

  it("in a StatefulSet's template is refused either way, with the steps", () => {
    const set = (storage: string): Manifest => ({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db", namespace: "apps" },
      spec: {
        volumeClaimTemplates: [
          { metadata: { name: "data" }, spec: { resources: { requests: { storage } } } },
        ],
      },
    });
    const side = (storage: string) => {
      const { resources, releases } = releaseOf({ storage }, [set(storage)]);
      return planOf(resources, { releases });
    };
    for (const to of ["20Gi", "5Gi"]) {
      expect(told(diffPlans(side("10Gi"), side(to)))).toEqual([
        expect.stringMatching(/^refused: StatefulSet apps\/db: .*--cascade=orphan/),
      ]);
    }
  });

  it("of a claim of the program's own cannot become smaller", () => {
    const claim = (storage: string) => [
      resourceOf("kubernetes:core/v1:PersistentVolumeClaim", "cache", {
        metadata: { name: "cache" },
        spec: { resources: { requests: { storage } } },
      }),
    ];
    const diff = (from: string, to: string) => told(diffPlans(planOf(claim(from)), planOf(claim(to))));
    expect(diff("10Gi", "5Gi")).toEqual([expect.stringMatching(/^refused: PersistentVolumeClaim cache/)]);
    expect(diff("5Gi", "10Gi")).toEqual([]);
  });
});

describe("definitions that a chart brings once", () => {
  const chart = (version: string, crds?: Record<string, string>) => {
    const more = { chart: "stack", repository: "https://charts.example", version, ...(crds ? { crds } : {}) };
    const { resources, releases } = releaseOf({ version }, [], more);
    return planOf(resources, { releases });
  };
  const found = (before: Plan, after: Plan) => told(diffPlans(before, after));

  it("are named when they change, with the command that brings them", () => {
    const [text = "", ...others] = found(
      chart("87.0.0", { a: "1", b: "1", c: "1" }),
      chart("88.0.0", { a: "1", b: "2", d: "1" }),
    );
    expect(others).toEqual([]);
    expect(text).toMatch(/^incomplete: Release app: .*2 of 3 are others now \(b, d\)/);
    expect(text).toContain(
      "helm show crds stack --repo https://charts.example --version 88.0.0 | kubectl apply --server-side --force-conflicts -f -",
    );
  });

  it("may be others when the old chart is not at hand, or neither is and the major version is another", () => {
    expect(found(chart("88.0.0"), chart("88.1.0", { a: "1" }))).toEqual([
      expect.stringMatching(/the new chart has 1, which may be others/),
    ]);
    expect(found(chart("87.0.0"), chart("88.0.0"))).toEqual([expect.stringMatching(/a major version often/)]);
  });

  it("are no matter when they are the same, or there are none", () => {
    expect(found(chart("87.0.0", { a: "1" }), chart("88.0.0", { a: "1" }))).toEqual([]);
    expect(found(chart("87.0.0", {}), chart("88.0.0", {}))).toEqual([]);
    expect(found(chart("88.0.0"), chart("88.1.0"))).toEqual([]);
  });
});
