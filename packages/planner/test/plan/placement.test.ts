import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPinned } from "../../src/plan/checks/hygiene";
import { baseline, restricted } from "../../src/plan/checks/pod-security";
import { objectsOf, type PodSpec } from "../../src/plan/objects";
import { place } from "../../src/plan/placement";
import { admits, nodesFor, requestOf, shortage } from "../../src/plan/pods";
import { cpuMillis, memoryMiB, quantity } from "../../src/plan/quantity";
import type { Manifest, NodePool, PlannedRelease, PlannedResource, PodRequest } from "../../src/plan/types";

const gpuPool: NodePool = {
  name: "gpu",
  instanceTypes: ["g6.xlarge"],
  nodes: { floor: 0, ceiling: 2 },
  labels: { pool: "gpu" },
  taints: ["nvidia.com/gpu=true:NoSchedule"],
  spot: false,
  zones: 2,
};

describe("quantities", () => {
  it.each([
    ["500m", 0.5],
    ["2", 2],
    [1.5, 1.5],
    ["1e3", 1000],
    ["64Mi", 64 * 2 ** 20],
    ["1G", 1e9],
    ["0.5Ki", 512],
  ])("reads %s", (text, value) => {
    expect(quantity(text)).toBe(value);
  });

  it("rounds CPU up to thousandths, keeps memory exact", () => {
    expect(cpuMillis("0.1")).toBe(100);
    expect(cpuMillis("1u")).toBe(1);
    expect(memoryMiB("1536Ki")).toBe(1.5);
  });

  it.each(["", "1Q", "Mi", "1 Gi"])("refuses %j", (text) => {
    expect(() => quantity(text)).toThrow(/is not a Kubernetes quantity/);
  });
});

describe("what a pod asks for", () => {
  const container = (cpu: string, restartPolicy?: string) => ({
    name: "c",
    restartPolicy,
    resources: { requests: { cpu, memory: "1Gi" } },
  });

  it("is the sum of containers and sidecars, or the largest initialisation where that is more", () => {
    const pod: PodSpec = {
      containers: [container("1"), container("1")],
      initContainers: [container("500m", "Always"), container("3")],
    };
    expect(requestOf(pod)).toEqual({ cpuMillis: 3000, memoryMiB: 3072, extended: {} });
  });

  it("counts a limit without a request", () => {
    const limits = { "nvidia.com/gpu": 2, memory: "4Gi" };
    expect(requestOf({ containers: [{ name: "c", resources: { limits } }] })).toEqual({
      cpuMillis: 0,
      memoryMiB: 4096,
      extended: { "nvidia.com/gpu": 2 },
    });
  });
});

describe("which nodes a pod may use", () => {
  const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }];
  const required = (operator: string, values?: string[]) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "pool", operator, values }] }],
      },
    },
  });

  it.each<[string, Partial<PodSpec>, boolean]>([
    ["without a toleration", {}, false],
    ["with one for every taint", { tolerations: [{ operator: "Exists" }] }, true],
    ["with one for another value", { tolerations: [{ key: "nvidia.com/gpu", value: "x" }] }, false],
    ["with selector and toleration", { tolerations, nodeSelector: { pool: "gpu" } }, true],
    ["with another selector", { tolerations, nodeSelector: { pool: "cpu" } }, false],
    ["with affinity to it", { tolerations, affinity: required("In", ["gpu"]) }, true],
    ["with affinity away from it", { tolerations, affinity: required("NotIn", ["gpu"]) }, false],
    ["with affinity to labelled nodes", { tolerations, affinity: required("Exists") }, true],
  ])("%s", (_title, pod, expected) => {
    expect(admits(gpuPool, { containers: [], ...pod })).toBe(expected);
  });
});

describe("packing", () => {
  const pod = fc.record({
    cpuMillis: fc.integer({ min: 1, max: 5000 }),
    memoryMiB: fc.integer({ min: 1, max: 20_000 }),
    extended: fc.nat(3).map((count): Record<string, number> => ({ "nvidia.com/gpu": count })),
  });
  const node: PodRequest = { cpuMillis: 4000, memoryMiB: 16_000, extended: { "nvidia.com/gpu": 2 } };

  it("takes no fewer nodes than any resource alone, and no more than one a pod", () => {
    fc.assert(
      fc.property(fc.array(pod, { maxLength: 20 }), (pods) => {
        const fitting = pods.filter((one) => !shortage(one, node));
        const nodes = nodesFor(pods, node);
        const cpu = fitting.reduce((sum, one) => sum + one.cpuMillis, 0) / node.cpuMillis;
        const gpus = fitting.reduce((sum, one) => sum + (one.extended["nvidia.com/gpu"] ?? 0), 0) / 2;
        expect(nodes).toBeGreaterThanOrEqual(Math.ceil(Math.max(cpu, gpus)));
        expect(nodes).toBeLessThanOrEqual(fitting.length);
      }),
    );
  });
});

describe("daemon sets", () => {
  const group: PlannedResource = {
    urn: "urn:pulumi:s::p::aws:eks/nodeGroup:NodeGroup::gpu",
    type: "aws:eks/nodeGroup:NodeGroup",
    name: "gpu",
    custom: true,
    inputs: {
      instanceTypes: ["g6.xlarge"],
      labels: { pool: "gpu" },
      scalingConfig: { minSize: 1, maxSize: 3 },
    },
    dependencies: [],
    options: {},
  };
  const daemonSet = (name: string, nodeSelector: Record<string, string>): Manifest => ({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: "gpu-system" },
    spec: { template: { spec: { containers: [], nodeSelector } } },
  });
  const workloadsOf = (manifests: Manifest[]) => {
    const release: PlannedRelease = {
      urn: "u",
      name: "plugin",
      namespace: "gpu-system",
      chart: "plugin",
      version: "1.0.0",
      manifests,
    };
    return place([group], [release], objectsOf([], [release]), []).workloads;
  };

  it("are told to run nowhere when none of a release selects a node", () => {
    const [plugin] = workloadsOf([daemonSet("plugin", { "nvidia.com/gpu.present": "true" })]);
    expect(plugin?.problem).toBe("it selects no node of any pool");
  });

  it("may keep a part for nodes that do not exist", () => {
    const [mps, plugin] = workloadsOf([
      daemonSet("mps", { mps: "true" }),
      daemonSet("plugin", { pool: "gpu" }),
    ]);
    expect([mps?.problem, mps?.pools]).toEqual([undefined, []]);
    expect(plugin).toMatchObject({ pools: ["gpu"], replicas: { floor: 1, ceiling: 3 } });
  });
});

describe("pod security", () => {
  const strict = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const sound: PodSpec = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [{ name: "c", securityContext: strict }],
    volumes: [{ name: "shm", emptyDir: { medium: "Memory" } }],
  };

  it("finds nothing wrong with a restricted pod", () => {
    expect([...baseline(sound), ...restricted(sound)]).toEqual([]);
  });

  it.each<[string, Partial<PodSpec>, string]>([
    ["host network", { hostNetwork: true }, "uses a namespace of the host"],
    ["host path", { volumes: [{ name: "dev", hostPath: { path: "/dev" } }] }, "mounts a path of the host"],
    ["other volume types", { volumes: [{ name: "nfs", nfs: {} }] }, "volume types of nfs"],
    [
      "root allowed",
      { securityContext: { seccompProfile: { type: "RuntimeDefault" } } },
      "c may run as root",
    ],
    ["no seccomp", { securityContext: { runAsNonRoot: true } }, "c has no seccomp profile"],
    ["an unconfined sidecar", { initContainers: [{ name: "warm" }] }, "warm may escalate privileges"],
    [
      "added capability",
      {
        containers: [
          { name: "c", securityContext: { ...strict, capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } } },
        ],
      },
      "c adds SYS_ADMIN",
    ],
  ])("finds %s", (_title, change, problem) => {
    const pod = { ...sound, ...change };
    expect([...baseline(pod), ...restricted(pod)]).toContain(problem);
  });
});

describe("images", () => {
  it.each([
    ["vllm/vllm-openai:v0.18.0", true],
    [`r.example:5000/a@sha256:${"0".repeat(64)}`, true],
    ["r.example:5000/a", false],
    ["nginx", false],
    ["nginx:latest", false],
  ])("%s is pinned: %s", (image, expected) => {
    expect(isPinned(image)).toBe(expected);
  });
});
