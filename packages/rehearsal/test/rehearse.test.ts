import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArguments } from "@inference-platform/kit";
import type { NodeGroupState } from "@inference-platform/planner";
import { podRequests, quantity } from "@inference-platform/planner";
import { describe, expect, it } from "vitest";
import { otherVersion } from "../src/checks/versions";
import { parseEvents } from "../src/engine";
import { findTools, missingToolsMessage } from "../src/found-tools";
import type { KubeObject } from "../src/kube/client";
import { latencyReport } from "../src/latency";
import { rehearsalOf, rehearseOptions } from "../src/options";
import { Supervisor } from "../src/processes";
import { nodesToAdd } from "../src/standins/autoscaler";
import { nodeObject } from "../src/standins/nodes";

const gpuGroup: NodeGroupState = {
  id: "cluster:gpu",
  clusterName: "cluster",
  name: "gpu",
  autoScalingGroup: "eks-gpu",
  instanceTypes: ["g6.xlarge"],
  amiType: "AL2023_x86_64_NVIDIA",
  capacityType: "ON_DEMAND",
  version: "1.35",
  labels: { "inference-platform/pool": "gpu" },
  taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" }],
  zones: ["us-east-1a", "us-east-1b"],
  min: 0,
  max: 4,
  desired: 0,
};

function pod(gpus: number, spec: object = {}): KubeObject {
  const limits = { "nvidia.com/gpu": String(gpus) };
  return {
    metadata: { name: "pod" },
    spec: {
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
      nodeSelector: { "inference-platform/pool": "gpu" },
      containers: [{ resources: { limits } }],
      ...spec,
    },
  };
}

const parseOptions = (args: string[]) =>
  rehearsalOf(readArguments({ name: "rehearse", stack: true, options: rehearseOptions }, args));

describe("arguments", () => {
  it("plays the whole life when no step is named", () => {
    const { stack, steps, latencyFactor } = parseOptions(["staging"]);
    expect({ stack, steps, latencyFactor }).toEqual({
      stack: "staging",
      steps: ["preview", "up", "up-again", "update", "destroy"],
      latencyFactor: 0,
    });
  });

  it("leaves the updates out for a stack that comes from a revision: that was its update", () => {
    const { from, steps } = parseOptions(["staging", "--from", "main"]);
    expect({ from, steps }).toEqual({ from: "main", steps: ["preview", "up", "up-again", "destroy"] });
  });

  it("takes steps as a list and repeated", () => {
    expect(parseOptions(["prod", "--step", "up,destroy"]).steps).toEqual(["up", "destroy"]);
    expect(parseOptions(["prod", "--step", "up", "--step", "destroy"]).steps).toEqual(["up", "destroy"]);
  });

  it.each([
    [[], "Which stack?"],
    [["staging", "prod"], "One stack at a time"],
    [["staging", "--step", "upp"], "--step upp: must be one of preview, up"],
    [["staging", "--format", "xml"], "--format xml: must be one of text, json"],
    [["staging", "--latency", "slow"], "--latency slow: must be one of none, realistic"],
    [["staging", "--latency-factor", "0"], "a number above 0"],
    [["staging", "--fail", "nonsense"], "InsufficientInstanceCapacity"],
    [["staging", "--from", "main", "--faults"], "a life of its own"],
    [["staging", "--what"], "--what"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe("tools", () => {
  it("finds programs in INFERENCE_PLATFORM_TOOLS and names the missing ones with their source", () => {
    const dir = mkdtempSync(join(tmpdir(), "tools-"));
    try {
      writeFileSync(join(dir, "etcd"), "", { mode: 0o755 });
      writeFileSync(join(dir, "kwok"), "", { mode: 0o644 });
      const found = findTools({ INFERENCE_PLATFORM_TOOLS: dir, HOME: dir, PATH: "" }, false);
      expect(found.tools).toEqual({ etcd: join(dir, "etcd") });
      expect(found.missing).toContain("kwok");
      expect(missingToolsMessage(found.missing)).toMatch(/kwok +https:\/\/github.com\/kubernetes-sigs\/kwok/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("needs no control plane where the user brings a cluster", () => {
    const { missing } = findTools({ PATH: "", HOME: "/nonexistent" }, true);
    expect(missing).toEqual(["pulumi", "pulumi-language-nodejs", "kwok"]);
  });
});

describe("quantities", () => {
  it("reads what Kubernetes writes", () => {
    expect(["250m", "1Gi", "2", "1k"].map(quantity)).toEqual([0.25, 2 ** 30, 2, 1000]);
  });

  it("asks for the larger of init containers and containers, and adds sidecars", () => {
    const container = (cpu: string, restartPolicy?: string) => ({
      name: "c",
      restartPolicy,
      resources: { requests: { cpu } },
    });
    expect(
      podRequests({ containers: [container("1"), container("500m")], initContainers: [container("3")] }),
    ).toEqual({ cpu: 3 });
    expect(podRequests({ containers: [container("1")], initContainers: [container("1", "Always")] })).toEqual(
      {
        cpu: 2,
      },
    );
  });
});

describe("nodes", () => {
  it("has the instance's capacity less what the kubelet keeps, and no GPU before the device plugin", () => {
    const node = nodeObject(gpuGroup, 1) as KubeObject;
    expect(node.metadata.labels).toMatchObject({
      "node.kubernetes.io/instance-type": "g6.xlarge",
      "topology.kubernetes.io/zone": "us-east-1b",
      "inference-platform/pool": "gpu",
    });
    expect(node.spec.taints).toEqual(gpuGroup.taints);
    expect(node.status.capacity).toMatchObject({ cpu: "4", pods: "58" });
    expect(quantity(node.status.allocatable.memory)).toBeLessThan(quantity(node.status.capacity.memory));
    expect(node.status.allocatable["nvidia.com/gpu"]).toBeUndefined();
  });

  it("grows for pods that may run there, by the resource they need most of", () => {
    expect(nodesToAdd(gpuGroup, [pod(1), pod(1), pod(1)])).toBe(3);
    expect(nodesToAdd(gpuGroup, [pod(1, { tolerations: [] })])).toBe(0);
    expect(nodesToAdd(gpuGroup, [pod(1, { nodeSelector: { "inference-platform/pool": "other" } })])).toBe(0);
  });

  it("does not grow for a resource that its nodes never have", () => {
    const limits = { "example.com/fpga": "1" };
    expect(nodesToAdd(gpuGroup, [pod(1, { containers: [{ resources: { limits } }] })])).toBe(0);
  });
});

it("bumps an engine within its range of the catalog only", () => {
  expect(otherVersion("vllm", "0.18.0")).toBe("0.18.1");
  expect(otherVersion("vllm", "99.0.0")).toBeUndefined();
  expect(otherVersion("custom", "1.0.0")).toBeUndefined();
});

const urn = (name: string, type = "aws:ec2/vpc:Vpc") => `urn:pulumi:s::p::${type}::${name}`;

it("makes steps of the engine's events, also of a log that breaks off", () => {
  const metadata = { op: "create", urn: urn("a"), type: "aws:ec2/vpc:Vpc" };
  const events = [
    { timestamp: 1, resourcePreEvent: { metadata } },
    { timestamp: 3, resOutputsEvent: { metadata } },
    { timestamp: 4, resourcePreEvent: { metadata: { ...metadata, urn: urn("b") } } },
    { timestamp: 5, resOpFailedEvent: { metadata: { ...metadata, urn: urn("b") } } },
    { timestamp: 5, diagnosticEvent: { severity: "error", message: "VpcLimitExceeded\n" } },
    { timestamp: 6, summaryEvent: { resourceChanges: { create: 1, same: 7 } } },
  ];
  const lines = [...events.map((event) => JSON.stringify(event)), '{"timestamp": 7, "reso'];
  const { steps, changes, unchanged, errors } = parseEvents(lines, [100, 350, 400, 500, 500, 600, 700]);
  expect(steps.map(({ started, ended, failed }) => ({ started, ended, failed }))).toEqual([
    { started: 100, ended: 350, failed: false },
    { started: 400, ended: 500, failed: true },
  ]);
  expect({ changes, unchanged, errors }).toEqual({
    changes: { create: 1 },
    unchanged: 7,
    errors: ["VpcLimitExceeded"],
  });
});

it("compares the wall time with the longest chain: AWS's durations, and measured ones in the cluster", () => {
  const cluster = urn("c", "aws:eks/cluster:Cluster");
  const release = urn("r", "kubernetes:helm.sh/v3:Release");
  const aside = urn("v");
  const step = { type: "", op: "create", failed: false, diffs: [], replaceKeys: [] };
  const report = latencyReport(
    {
      operation: "up",
      ok: true,
      seconds: 33,
      changes: {},
      unchanged: 0,
      errors: [],
      output: "",
      steps: [{ ...step, urn: release, started: 27_000, ended: 30_000 }],
    },
    {
      version: 3,
      deployment: {
        resources: [
          { urn: cluster, type: "aws:eks/cluster:Cluster", custom: true },
          { urn: aside, type: "aws:ec2/vpc:Vpc", custom: true },
          { urn: release, type: "kubernetes:helm.sh/v3:Release", custom: true, dependencies: [cluster] },
        ],
      },
    },
    20,
  );
  // 540 s by 20, and 3 s.
  expect(report).toMatchObject({ chainSeconds: 30, ratio: 1.1, chain: [{ urn: cluster }, { urn: release }] });
  // What helm and the engine took here, they take in AWS too.
  expect(report.fullPace).toEqual({ chainSeconds: 543, ratio: 546 / 543 });
});

describe("the supervisor", () => {
  it("starts nothing once it closes, so that work that goes on leaves nothing behind", async () => {
    const supervisor = new Supervisor();
    const child = supervisor.start("sleep", "sleep", ["60"]);
    const closing = supervisor.close();
    expect(() => supervisor.start("late", "sleep", ["60"])).toThrow(/ending/);
    await closing;
    expect(child.running()).toBe(false);
    expect(existsSync(supervisor.dir)).toBe(false);
  });
});
