import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "@inference-platform/planner";
import { AssumedAws, planStack } from "@inference-platform/planner";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type AdapterRule, charts, type PlatformOutputs } from "../../components";
import { planned as plannedStack } from "../support/stacks";

const examples = join(__dirname, "../../examples");
const plans = new Map<string, Promise<Plan>>();

/** The plan of an example; made once. */
function planned(example: string): Promise<Plan> {
  const known = plans.get(example) ?? plannedStack("staging").then(({ outputs }) => plan(example, outputs));
  plans.set(example, known);
  return known;
}

/** What `staging` tells other stacks. */
const stagingPlatform = async () => (await plannedStack("staging")).outputs.platform as PlatformOutputs;

function plan(example: string, outputs: Record<string, unknown>): Promise<Plan> {
  return planStack({
    stack: "dev",
    directory: join(examples, example),
    // The examples build on clusters that are there.
    aws: new AssumedAws(),
    stackOutputs: { "organization/inference-platform/staging": outputs },
    today: "2026-11-22",
  });
}

function inputsOf(plan: Plan, type: string, name: string) {
  const found = plan.resources.find(
    (resource) => resource.type.endsWith(`:${type}`) && resource.name === name,
  );
  if (!found) throw new Error(`no ${type} ${name} among ${plan.resources.map((entry) => entry.name)}`);
  // biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds, read as a reader of the YAML would
  return found.inputs as any;
}

/** The objects that the service's own chart renders, by kind. */
function rendered(plan: Plan, release: string, kind: string) {
  const manifests = plan.releases.find((entry) => entry.name === release)?.manifests ?? [];
  // biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds, read as a reader of the YAML would
  return manifests.filter((manifest) => manifest.kind === kind) as any[];
}

describe("every example", () => {
  it.each(readdirSync(examples))(
    "%s passes the checks of a plan, without a stack file's help",
    async (name) => {
      const plan = await planned(name);
      expect(plan.checks.filter((check) => check.status === "fail")).toEqual([]);
      expect(plan.releases.length).toBeGreaterThan(0);
      const pinned = Object.values(charts).map((chart) => chart.name) as string[];
      for (const release of plan.releases)
        if (!pinned.includes(release.chart)) expect(release.manifests, release.name).toBeDefined();
    },
  );

  it.each(readdirSync(examples))("%s says in a few lines how to run it", (name) => {
    const lines = readFileSync(join(examples, name, "README.md"), "utf8")
      .trim()
      .split("\n");
    expect(lines.length).toBeLessThanOrEqual(14);
  });
});

describe("a service in a cluster that is there", () => {
  it("lands on the nodes as they are labelled, and is scraped by a Prometheus that selects by label", async () => {
    const plan = await planned("existing-cluster-vllm");
    const [deployment] = rendered(plan, "chat", "Deployment");
    expect(deployment.spec.template.spec.nodeSelector).toEqual({ "eks.amazonaws.com/nodegroup": "gpu-l4" });
    expect(deployment.spec.template.spec.containers[0].resources.limits["nvidia.com/gpu"]).toBe(1);
    expect(rendered(plan, "chat", "ServiceMonitor")[0].metadata.labels.release).toBe("monitoring");
  });

  it("says which rules the adapter needs, as YAML", async () => {
    const { rules } = parse(String((await planned("existing-cluster-vllm")).outputs.adapterRules));
    expect(rules.custom.map((rule: AdapterRule) => rule.name.as)).toEqual([
      "inference_queue_depth",
      "inference_requests_in_flight",
    ]);
    expect(rules.custom[1].metricsQuery).toContain("vllm:num_requests_running{<<.LabelMatchers>>}");
    expect(rules.custom[1].resources.overrides.pod).toEqual({ resource: "pod" });
  });
});

describe("two models on one pool", () => {
  it("roll without a spare GPU where both fill the pool at their maximum", async () => {
    const plan = await planned("two-models-one-pool");
    for (const name of ["chat", "code"])
      expect(rendered(plan, name, "Deployment")[0].spec.strategy.rollingUpdate, name).toEqual({
        maxSurge: 0,
        maxUnavailable: 1,
      });
  });
});

describe("the CPU model server", () => {
  it("has 2 to 8 replicas on 60 % CPU and 20 requests per second each", async () => {
    const { spec } = inputsOf(
      await planned("cpu-model-server"),
      "HorizontalPodAutoscaler",
      "siamese-uninlu-hpa",
    );
    expect(spec).toMatchObject({ minReplicas: 2, maxReplicas: 8 });
    expect(spec.metrics).toMatchObject([
      { containerResource: { name: "cpu", target: { averageUtilization: 60 } } },
      { pods: { metric: { name: "inference_requests_per_second" }, target: { averageValue: "20" } } },
    ]);
  });

  it("serves on port 7860 with the resources of the use case, and counts each request once", async () => {
    const plan = await planned("cpu-model-server");
    const [container] = rendered(plan, "siamese-uninlu", "Deployment")[0].spec.template.spec.containers;
    expect(container.ports[0].containerPort).toBe(7860);
    expect(container.resources).toEqual({
      requests: { cpu: "1000m", memory: "2048Mi" },
      limits: { cpu: "2000m", memory: "4096Mi" },
    });
    expect(plan.outputs.adapterRules).toContain('status!=\\"pending\\"');
  });
});

describe("the agent API", () => {
  it("follows load as the use case says", async () => {
    const { spec } = inputsOf(await planned("agent-api"), "HorizontalPodAutoscaler", "agent-hpa");
    expect(spec).toMatchObject({ minReplicas: 2, maxReplicas: 20 });
    expect(spec.behavior.scaleUp).toMatchObject({
      stabilizationWindowSeconds: 30,
      policies: [{ type: "Percent", value: 100, periodSeconds: 60 }],
    });
    expect(spec.behavior.scaleDown).toMatchObject({
      stabilizationWindowSeconds: 300,
      policies: [{ type: "Percent", value: 25, periodSeconds: 120 }],
    });
  });

  it("may call the model, and only it may", async () => {
    const plan = await planned("agent-api");
    const [model] = rendered(plan, "chat", "NetworkPolicy");
    const [agent] = rendered(plan, "agent", "NetworkPolicy");
    expect(JSON.stringify(model.spec.ingress)).toContain('"kubernetes.io/metadata.name":"agents"');
    expect(JSON.stringify(model.spec.ingress)).not.toContain('"kubernetes.io/metadata.name":"web"');
    expect(JSON.stringify(agent.spec.egress)).toMatch(/8000.*"kubernetes.io\/metadata.name":"llm"/);
  });
});

describe("a stack that reads another", () => {
  const reference = join(examples, "stack-reference/platform.json");

  it("finds beside it what `staging` exports now, to plan with", async () => {
    const { outputs } = await plannedStack("staging");
    const fix =
      "npm run --silent plan -- staging --format json | jq .outputs > <file>, then biome check --write";
    expect(JSON.parse(readFileSync(reference, "utf8")), `${reference}: ${fix}`).toEqual(outputs);
  });

  it("gets plain values for arguments that are no outputs, and secrets as secrets", async () => {
    const plan = await planned("stack-reference");
    const [deployment] = rendered(plan, "code", "Deployment");
    expect(deployment.spec.template.spec.nodeSelector).toEqual((await stagingPlatform()).gpuPool.nodeLabels);
    expect(inputsOf(plan, "kubernetes", "cluster").kubeconfig).toBe("[secret]");
  });

  it("refuses a platform of another shape, and names both versions", async () => {
    const newer = { platform: { ...(await stagingPlatform()), schemaVersion: 7 } };
    await expect(plan("stack-reference", newer)).rejects.toThrow(
      /Stack organization\/inference-platform\/staging has outputs of schema version 7, this package reads version 1\. Update/,
    );
    await expect(plan("stack-reference", { clusterName: "old" })).rejects.toThrow(
      /has no output `platform` with a schema version; this package reads version 1\. Deploy the stack/,
    );
  });
});
