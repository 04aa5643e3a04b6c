import { existsSync } from "node:fs";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drainBudget, startupBudget } from "../../components/budgets/budgets";
import { Engine } from "../../components/engines";
import { InferenceRelease } from "../../components/inference/release";
import type { InferenceReleaseArgs } from "../../components/inference/release-args";
import { releaseProblems } from "../../components/inference/release-checks";
import { defaultResources, warmUpRequest } from "../../components/inference/resources";
import { type Recording, record } from "../support/components";
import { catalogProfile, gpuService, nluService, pool, smallModel } from "./fixtures";

const releaseType = "kubernetes:helm.sh/v3:Release";
const vllm = catalogProfile(Engine.Vllm);
const args = gpuService(vllm);

describe("InferenceRelease", () => {
  test("is a release of our chart, under its own name, with time for a cold start", async () => {
    let service: InferenceRelease | undefined;
    const recording = await record(() => {
      service = new InferenceRelease("chat", args);
    });
    const release = recording.one(releaseType, "chat-release");
    expect(release.inputs).toMatchObject({
      name: "chat",
      namespace: "inference",
      version: "0.1.0",
      atomic: false,
    });
    // Relative: the same on every machine.
    expect(release.inputs.chart).toBe("./components/inference/chart");
    expect(existsSync(`${release.inputs.chart}/Chart.yaml`)).toBe(true);
    expect(release.inputs.timeout).toBeGreaterThan(args.startup.coldSeconds + args.startup.startupSeconds);
    const [component] = recording.ofType("inference-platform:index:InferenceRelease");
    expect(component?.inputs).toEqual({});
    expect(release.parent).toBe(component?.urn);
    expect(recording.outputsOf(component?.urn ?? "")).toMatchObject({
      deploymentName: "chat",
      serviceName: "chat",
      servicePort: 8000,
      namespace: "inference",
      url: "http://chat.inference.svc:8000",
      selectorLabels: { "app.kubernetes.io/instance": "chat" },
    });
    expect(service).toBeDefined();
  });

  test("who uses the name waits for the release", async () => {
    const recording = await record(() => {
      const service = new InferenceRelease("chat", args);
      new ConfigMap("scaler", { data: { target: service.deploymentName } });
    });
    const scaler = recording.one("kubernetes:core/v1:ConfigMap");
    expect(scaler.dependencies).toContain(recording.one(releaseType).urn);
    expect(scaler.inputs.data).toEqual({ target: "chat" });
  });

  test("takes names of Secrets that are made in the same program", async () => {
    const secret = { name: pulumi.output("key-1a2b"), key: "api-key" };
    const recording: Recording = await record(
      () => new InferenceRelease("chat", { ...args, apiKeySecret: secret }),
    );
    expect(recording.one(releaseType).inputs.values).toMatchObject({
      apiKey: { variable: "VLLM_API_KEY", secretName: "key-1a2b", secretKey: "api-key" },
    });
  });

  test("refuses all that is wrong in one error", async () => {
    const wrong = { ...args, gpusPerReplica: 1, pool: undefined, warmupRequests: -1 };
    const failed = record(() => new InferenceRelease("Chat", wrong));
    await expect(failed).rejects.toThrow(/name \("Chat"\).*\npool.*\nwarmupRequests \(-1\)/s);
  });
});

const refused = (changes: Partial<InferenceReleaseArgs>, of = args) =>
  releaseProblems("chat", { ...of, ...changes }).map((problem) => problem.path);

describe("checks", () => {
  test("the services of the use cases pass", () => {
    expect(releaseProblems("chat", args)).toEqual([]);
    expect(releaseProblems("nlu", nluService())).toEqual([]);
  });

  const large = { ...smallModel, weightsGiB: 30 };
  test.each<[string, Partial<InferenceReleaseArgs>, string[]]>([
    [
      "more replicas than GPUs",
      { replicas: { scaled: true, minReplicas: 1, maxReplicas: 3 } },
      ["pool.maxNodes"],
    ],
    ["more GPUs than a node has", { gpusPerReplica: 2 }, ["gpusPerReplica"]],
    ["more memory than a node has", { memoryMiB: 16384 }, ["memoryMiB"]],
    ["a surge that has no GPU", { rollout: { maxSurge: 1, maxUnavailable: 0 } }, ["rollout.maxSurge"]],
    ["an update that never starts", { rollout: { maxSurge: 0, maxUnavailable: 0 } }, ["rollout"]],
    [
      "zero replicas",
      { replicas: { scaled: true, minReplicas: 0, maxReplicas: 2 } },
      ["replicas.minReplicas"],
    ],
    [
      "bounds without autoscaler",
      { replicas: { scaled: false, minReplicas: 1, maxReplicas: 2 } },
      ["replicas.maxReplicas"],
    ],
    ["weights that no GPU holds", { model: large }, ["model.weightsGiB"]],
    ["shared memory beyond the memory", { sharedMemoryMiB: 16384 }, ["sharedMemoryMiB"]],
    ["a memory limit below the request", { memoryLimitMiB: 1024, sharedMemoryMiB: 0 }, ["memoryLimitMiB"]],
    [
      "a claim without name",
      { model: { ...smallModel, cache: { mode: "claim" } } },
      ["model.cache.claimName"],
    ],
    [
      "a claim that is not used",
      { model: { ...smallModel, cache: { mode: "node", claimName: "x" } } },
      ["model.cache.claimName"],
    ],
    [
      "a cache below the weights",
      { model: { ...smallModel, cache: { mode: "node", sizeGiB: 2 } } },
      ["model.cache.sizeGiB"],
    ],
    ["files beyond a ConfigMap", { files: { "model.bin": "x".repeat(1_000_001) } }, ["files"]],
  ])("%s", (_, changes, paths) => {
    expect(refused(changes)).toEqual(paths);
  });

  test("an API key that the server does not check", () => {
    expect(refused({ apiKeySecret: { name: "k", key: "k" } }, nluService())).toEqual(["apiKeySecret"]);
  });

  test("a budget that trusts an engine to drain which does not", () => {
    const old = catalogProfile(Engine.Vllm, { version: "0.12.0" });
    expect(refused({ profile: old })).toEqual(["drain.preStopSeconds"]);
    expect(
      refused({ profile: old, drain: drainBudget({ longestRequestSeconds: 300, drains: false }) }),
    ).toEqual([]);
  });

  test("a start that is too slow for any scale-down window", () => {
    const startup = startupBudget({ imageGiB: 9, weightsGiB: 200, cache: "node", initSeconds: 120 });
    expect(refused({ startup })).toEqual(["startup.coldSeconds"]);
  });
});

test("default resources of as many replicas as a node has GPUs fit the node, with room for an agent or two", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 3000, max: 190_000 }),
      fc.integer({ min: 12_000, max: 2_000_000 }),
      (gpusPerNode, gpus, allocatableCpuMillis, allocatableMemoryMiB) => {
        fc.pre(gpus <= gpusPerNode);
        const node = { ...pool, gpusPerNode, allocatableCpuMillis, allocatableMemoryMiB };
        const replicas = Math.floor(gpusPerNode / gpus);
        const { cpuMillis, memoryMiB, memoryLimitMiB } = defaultResources(node, gpus);
        expect(replicas * (cpuMillis + warmUpRequest.cpuMillis)).toBeLessThanOrEqual(
          0.95 * allocatableCpuMillis,
        );
        expect(replicas * (memoryMiB + warmUpRequest.memoryMiB)).toBeLessThanOrEqual(
          0.95 * allocatableMemoryMiB,
        );
        const share = (allocatableMemoryMiB * gpus) / gpusPerNode;
        expect(memoryMiB).toBeGreaterThan(0.9 * share - 100);
        expect(memoryLimitMiB).toBe(memoryMiB);
      },
    ),
  );
});
