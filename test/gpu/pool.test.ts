import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instanceType, instanceTypes } from "../../components/gpu/instances";
import {
  CapacityType,
  type GpuPoolArgs,
  gpuPool,
  type PoolDemand,
  podFitsNode,
  poolAsgTags,
  poolCapacity,
  poolDemandProblems,
  poolNodeSelector,
  poolProblems,
  poolQuota,
  poolToleration,
  rolloutStrategy,
} from "../../components/gpu/pool";
import { nodeAllocatable } from "../../components/gpu/reservations";

const args = (over: Partial<GpuPoolArgs> = {}): GpuPoolArgs => ({
  name: "gpu",
  instanceTypes: ["g6.xlarge"],
  capacityType: CapacityType.OnDemand,
  minNodes: 0,
  maxNodes: 2,
  ...over,
});
const pool = (over: Partial<GpuPoolArgs> = {}) => gpuPool(args(over));
const said = (over: Partial<GpuPoolArgs>) =>
  poolProblems(args(over)).map((problem) => `${problem.path} ${problem.message}`);
const service = (name: string, gpusPerReplica: number, maxReplicas: number): PoolDemand => ({
  name,
  gpusPerReplica,
  maxReplicas,
});

describe("instance catalog", () => {
  it("has each type once, with a price and a kubelet that leaves room for pods", () => {
    expect(new Set(instanceTypes.map((type) => type.name)).size).toBe(instanceTypes.length);
    for (const type of instanceTypes) {
      expect(type.onDemandUsdPerHour, type.name).toBeGreaterThan(0);
      expect(nodeAllocatable(type).memoryMiB, type.name).toBeGreaterThan(type.memoryGiB * 1024 * 0.7);
    }
  });

  it("names what is near an unknown type", () => {
    expect(() => instanceType("g6.xlrge")).toThrow(/g6\.xlrge.*family g6: g6\.xlarge, .*mean g6\.xlarge\?/);
    expect(() => instanceType("x9.metal")).toThrow(/families g4dn, g5/);
    expect(() => instanceType("g7.2xlarge")).toThrow(/driver 580.*G7e is supported/);
  });

  // Figures of Karpenter's reference (instance-types.md, AL2023), which computes the same from EC2's data.
  it.each([
    ["g4dn.xlarge", 3920, 14481],
    ["g6.12xlarge", 47810, 178933],
    ["g5.48xlarge", 191450, 723299],
    ["p5.48xlarge", 191450, 1938410],
    ["t3.medium", 1930, 3246],
  ])("knows what the kubelet of a %s leaves", (name, cpuMillis, memoryMiB) => {
    const allocatable = nodeAllocatable(instanceType(name));
    expect(allocatable.cpuMillis).toBe(cpuMillis);
    expect(Math.abs(allocatable.memoryMiB - memoryMiB)).toBeLessThanOrEqual(1);
  });
});

describe("a pool", () => {
  it("is reached by its own selector and toleration only", () => {
    const a = pool();
    expect(a.nodeLabels).toMatchObject(poolNodeSelector(a));
    expect(a.nodeLabels).not.toMatchObject(poolNodeSelector(pool({ name: "other" })));
    expect(poolToleration(a)).toEqual({ key: a.taint.key, operator: "Exists", effect: a.taint.effect });
    expect(a.taint).toEqual({ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" });
  });

  it("tells the autoscaler about a node before there is one", () => {
    const prefix = "k8s.io/cluster-autoscaler/node-template";
    expect(poolAsgTags(pool({ instanceTypes: ["g6.12xlarge"] }), 200)).toEqual({
      [`${prefix}/label/inference-platform/pool`]: "gpu",
      [`${prefix}/label/nvidia.com/gpu.present`]: "true",
      [`${prefix}/label/k8s.amazonaws.com/accelerator`]: "nvidia-l4",
      [`${prefix}/taint/nvidia.com/gpu`]: "true:NoSchedule",
      [`${prefix}/resources/nvidia.com/gpu`]: "4",
      [`${prefix}/resources/ephemeral-storage`]: "3150Gi",
    });
  });

  it("offers renamed shares under time-slicing, without the label that would keep the autoscaler waiting", () => {
    const shared = pool({ instanceTypes: ["g5.12xlarge"], timeSlicingReplicas: 4 });
    expect(shared).toMatchObject({
      resourceName: "nvidia.com/gpu.shared",
      gpusPerNode: 16,
      gpuMemoryMiB: 22888,
    });
    expect(poolQuota(shared)).toEqual({ "requests.nvidia.com/gpu.shared": "32" });
    expect(shared.nodeLabels).not.toHaveProperty(["k8s.amazonaws.com/accelerator"]);
    expect(podFitsNode(shared, { gpus: 2, cpuMillis: 0, memoryMiB: 0 })[0]?.message).toMatch(/must be 1/);
  });

  it("may mix types of one shape, and counts what the smallest of them leaves", () => {
    const mixed = pool({ instanceTypes: ["g6.12xlarge", "g5.12xlarge"] });
    const small = pool({ instanceTypes: ["g5.12xlarge"] });
    expect(mixed.allocatableMemoryMiB).toBe(small.allocatableMemoryMiB);
    expect(mixed.localStorageGB).toBe(3760);
    expect(said({ instanceTypes: ["g6.xlarge", "g6.2xlarge"] })[0]).toMatch(
      /g6\.2xlarge \(1 × 22888 MiB, 8 vCPU, 32 GiB\)/,
    );
  });

  it("refuses arguments, all at once", () => {
    const all = said({
      name: "GPU",
      instanceTypes: ["g6.xlrge", "m7i.large"],
      capacityType: "spot" as CapacityType,
      maxNodes: 0,
      timeSlicingReplicas: 1,
    });
    expect(all).toHaveLength(6);
    expect(all.join("\n")).toMatch(/instanceTypes\[1\] must have a GPU/);
    expect(() => pool({ minNodes: 3 })).toThrow(/minNodes \(3\): must be at most maxNodes \(2\)/);
    expect(said({ instanceTypes: [] })).toHaveLength(1);
    expect(said({ minNodes: 0.5 })[0]).toMatch(/minNodes must be a whole number/);
  });
});

describe("what fits", () => {
  it("says which figure of a pod is too large for a node, and the bound", () => {
    const paths = podFitsNode(pool(), { gpus: 2, cpuMillis: 8000, memoryMiB: 40_960 });
    expect(paths.map((problem) => problem.path)).toEqual(["gpus", "cpuMillis", "memoryMiB"]);
    expect(paths[1]?.message).toContain(String(pool().allocatableCpuMillis));
  });

  it("adds up all services, and places replicas on nodes", () => {
    const four = pool({ instanceTypes: ["g6.12xlarge"], maxNodes: 2 });
    expect(poolDemandProblems(four, [service("a", 2, 2), service("b", 1, 4)])).toEqual([]);
    expect(poolDemandProblems(four, [service("a", 2, 3), service("b", 1, 4)])[0]?.message).toMatch(
      /at least 3 .* 10 nvidia.com\/gpu at most, of 8 \(a 3 × 2, b 4 × 1\)/,
    );
    // 6 GPUs of 8, but two replicas of 3 need a node each and then no node has room for the third.
    expect(poolDemandProblems(four, [service("odd", 3, 3)])[0]?.message).toMatch(/at least 3/);
    expect(poolDemandProblems(four, [service("cpu", 0, 100)])).toEqual([]);
    expect(poolDemandProblems(four, [service("huge", 8, 1)])[0]).toMatchObject({
      path: "huge.gpus",
      value: 8,
    });
  });

  it("counts memory when shares of one GPU are many", () => {
    const shared = pool({ timeSlicingReplicas: 8, maxNodes: 1 });
    const hungry = { ...service("small", 1, 8), memoryMiB: 4096 };
    expect(poolDemandProblems(shared, [service("small", 1, 8)])).toEqual([]);
    expect(poolDemandProblems(shared, [hungry])[0]?.message).toMatch(/do not pack/);
  });

  it("surges only where a GPU is free at the maximum", () => {
    expect(rolloutStrategy(pool(), [service("a", 1, 1)])).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(rolloutStrategy(pool(), [service("a", 1, 2)])).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    // One spare GPU is not enough for two services that roll in the same update.
    const three = pool({ maxNodes: 3 });
    expect(rolloutStrategy(three, [service("a", 1, 1), service("b", 1, 1)]).maxSurge).toBe(0);
  });

  const gpuTypes = instanceTypes.filter((type) => type.gpus).map((type) => type.name);
  const anyPool = fc
    .record({ type: fc.constantFrom(...gpuTypes), maxNodes: fc.integer({ min: 1, max: 20 }) })
    .map(({ type, maxNodes }) => pool({ instanceTypes: [type], maxNodes }));
  const anyServices = fc.array(
    fc.record({
      name: fc.constantFrom("a", "b", "c"),
      gpusPerReplica: fc.constantFrom(1, 2, 4, 8),
      maxReplicas: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 5 },
  );

  it("never accepts more GPUs than there are, and is exact for sizes that divide each other", () => {
    fc.assert(
      fc.property(anyPool, anyServices, (any, services) => {
        const fitsNode = services.every((each) => each.gpusPerReplica <= any.gpusPerNode);
        const total = services.reduce((sum, each) => sum + each.gpusPerReplica * each.maxReplicas, 0);
        const accepted = poolDemandProblems(any, services).length === 0;
        expect(accepted).toBe(fitsNode && total <= poolCapacity(any));
      }),
    );
  });

  it("the quota admits exactly what the nodes have, and a surge is always within it", () => {
    fc.assert(
      fc.property(anyPool, anyServices, (any, services) => {
        const quota = Number(poolQuota(any)[`requests.${any.resourceName}`]);
        expect(quota).toBe(poolCapacity(any));
        const atMost = services.reduce((sum, each) => sum + each.gpusPerReplica * (each.maxReplicas + 1), 0);
        if (rolloutStrategy(any, services).maxSurge > 0) expect(atMost).toBeLessThanOrEqual(quota);
      }),
    );
  });
});
