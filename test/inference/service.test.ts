import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import { Engine, InferenceService, type InferenceServiceArgs } from "../../components";
import { serviceProblems } from "../../components/inference/service-checks";
import { type Recording, record } from "../support/components";
import { pool } from "./fixtures";

const releaseType = "kubernetes:helm.sh/v3:Release";
const autoscalerType = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const serviceType = "inference-platform:index:InferenceService";

/** As little as a user has to say. */
const chat: InferenceServiceArgs = {
  namespace: "llm",
  pool,
  engine: { name: Engine.Vllm, version: "0.30.0" },
  model: { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB: 6.2 },
  replicas: { min: 1, max: 2 },
  longestRequestSeconds: 120,
  allowFrom: ["web"],
};

const agent: InferenceServiceArgs = {
  namespace: "agents",
  engine: {
    name: Engine.Custom,
    custom: {
      image: "registry.example.com/agent:2.1.0",
      port: 8080,
      healthPath: "/healthz",
      apiPaths: ["/v1"],
    },
  },
  replicas: { min: 2, max: 20 },
  longestRequestSeconds: 60,
};

describe("one service", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await record(() => new InferenceService("chat", chat));
  });

  it("is a release, and an autoscaler that waits for it and follows the engine's signals", () => {
    const release = recording.one(releaseType, "chat-release");
    expect(release.inputs).toMatchObject({ name: "chat", namespace: "llm" });
    const { inputs, dependencies } = recording.one(autoscalerType, "chat-hpa");
    expect(dependencies).toContain(release.urn);
    expect(inputs).toMatchObject({
      metadata: { name: "chat", namespace: "llm" },
      spec: { scaleTargetRef: { kind: "Deployment", name: "chat" }, minReplicas: 1, maxReplicas: 2 },
    });
    const followed = (inputs.spec as { metrics: { pods: { metric: { name: string } } }[] }).metrics;
    expect(followed.map(({ pods }) => pods.metric.name)).toEqual([
      "inference_requests_in_flight",
      "inference_queue_depth",
    ]);
  });

  it("runs on one GPU of the pool, open to those who were named and to nobody else", () => {
    expect(recording.one(releaseType).inputs.values).toMatchObject({
      gpu: { resourceName: "nvidia.com/gpu", count: 1 },
      nodeSelector: pool.nodeLabels,
      networkPolicy: { allowedNamespaces: ["web"], loadBalancerCidrs: [] },
      metrics: { intervalSeconds: 15 },
    });
  });

  it("says where it is, and what an adapter must know to measure it", () => {
    const [service] = recording.ofType(serviceType);
    const outputs = recording.outputsOf(service?.urn ?? "");
    expect(outputs).toMatchObject({
      url: "http://chat.llm.svc:8000",
      serviceName: "chat",
      servicePort: 8000,
      namespace: "llm",
      selectorLabels: { "app.kubernetes.io/instance": "chat" },
    });
    const { rules } = parse(String(outputs?.adapterRules));
    expect(rules.custom.map((rule: { name: { as: string } }) => rule.name.as)).toEqual([
      "inference_queue_depth",
      "inference_requests_in_flight",
    ]);
  });

  it("passes secrets by reference, the way they were given", async () => {
    const secret = { name: pulumi.output("key-1a2b"), key: "api-key" };
    const { inputs } = (
      await record(() => new InferenceService("chat", { ...chat, apiKeySecret: secret }))
    ).one(releaseType);
    expect(inputs.values).toMatchObject({ apiKey: { secretName: "key-1a2b", secretKey: "api-key" } });
  });

  it("may be a server of one's own, without model, pool or GPU", async () => {
    const recording = await record(() => new InferenceService("agent", agent));
    expect(recording.one(releaseType).inputs.values).not.toHaveProperty("gpu");
    expect(JSON.stringify(recording.one(autoscalerType).inputs)).toContain('"name":"cpu"');
  });
});

describe("a service is refused", () => {
  const wide = { ...pool, gpuMemoryMiB: 640 * 1024 };
  test.each<[string, Partial<InferenceServiceArgs>, string[]]>([
    ["an engine that nobody knows", { engine: { name: "vlm" as Engine, version: "1.0.0" } }, ["engine.name"]],
    ["a version that nobody knows", { engine: { name: Engine.Vllm, version: "9.9.9" } }, ["engine.version"]],
    ["no version", { engine: { name: Engine.Vllm } }, ["engine.version"]],
    ["no model", { model: undefined }, ["model"]],
    ["no pool", { pool: undefined }, ["pool"]],
    ["more GPUs than a node has", { gpus: 2 }, ["gpus"]],
    ["more replicas than GPUs", { replicas: { min: 1, max: 3 } }, ["pool.maxNodes"]],
    ["bounds upside down", { replicas: { min: 2, max: 1 } }, ["replicas.min"]],
    ["no replica", { replicas: { min: 0, max: 1 } }, ["replicas.min"]],
    ["endless replicas", { replicas: { min: 1, max: Number.POSITIVE_INFINITY } }, ["replicas.max"]],
    [
      "an argument of the platform",
      { engine: { ...chat.engine, extraArgs: ["--port=1"] } },
      ["engine.extraArgs[0]"],
    ],
    ["a request of an hour", { longestRequestSeconds: 3600 }, ["longestRequestSeconds"]],
    ["weights beyond the GPU", { model: { id: "m", weightsGiB: 30 } }, ["model.weightsGiB"]],
    [
      "a cold start beyond any window",
      { model: { id: "m", weightsGiB: 300 }, pool: wide },
      ["the cold start that follows from model.weightsGiB"],
    ],
    ["more memory than a node has", { resources: { memoryMiB: 65536 } }, ["resources.memoryMiB"]],
    ["nothing to follow", { signals: [] }, ["signals"]],
    [
      "a latency alone",
      { signals: [{ signal: "inference_time_to_first_token_p95_seconds", target: 2 }] },
      ["signals"],
    ],
    [
      "a window shorter than a start",
      { behavior: { scaleDownWindowSeconds: 60 } },
      ["behavior.scaleDownWindowSeconds"],
    ],
    [
      "a key that nobody checks",
      { ...agent, pool: undefined, apiKeySecret: { name: "k", key: "k" } },
      ["apiKeySecret"],
    ],
  ])("%s", (_, changes, paths) => {
    expect(serviceProblems("chat", { ...chat, ...changes }).map(({ path }) => path)).toEqual(paths);
  });

  it("with all that is wrong, in the words of its arguments", async () => {
    const wrong = { ...chat, gpus: 2, warmupRequests: -1, behavior: { scaleUpPods: 0 } };
    const failed = record(() => new InferenceService("Chat", wrong));
    await expect(failed).rejects.toThrow(
      /Chat: name \("Chat"\).*\ngpus \(2\).*\nwarmupRequests \(-1\).*\nbehavior\.scaleUpPods \(0\)/s,
    );
  });

  it("or its release and its autoscaler take it", async () => {
    const services = fc.record({
      gpus: fc.integer({ min: 0, max: 2 }),
      replicas: fc.record({ min: fc.integer({ min: 0, max: 3 }), max: fc.integer({ min: 0, max: 3 }) }),
      longestRequestSeconds: fc.integer({ min: 0, max: 4000 }),
      weightsGiB: fc.double({ min: -1, max: 40, noNaN: true }),
      window: fc.option(fc.integer({ min: 0, max: 4000 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(services, async ({ weightsGiB, window, ...drawn }) => {
        const model = { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB };
        const args = { ...chat, ...drawn, model, behavior: { scaleDownWindowSeconds: window } };
        const refused = serviceProblems("chat", args).length > 0;
        const made = await record(() => new InferenceService("chat", args)).then(
          (recording) => recording.ofType(autoscalerType).length,
          () => 0,
        );
        expect(made).toBe(refused ? 0 : 1);
      }),
      { numRuns: 40 },
    );
  });
});
