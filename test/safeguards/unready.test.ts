import { describe, expect, it } from "vitest";
import type { Claim, Event, Node, Pod } from "../../components/kube/objects";
import { type ClusterView, unready } from "../../components/safeguards/unready";

const empty: ClusterView = { pods: [], nodes: [], events: [], claims: [] };

function pod(name: string, overrides: { status?: object; spec?: object; namespace?: string } = {}): Pod {
  const { namespace = "inference", status = {}, spec = {} } = overrides;
  return {
    metadata: { name, namespace, uid: `uid-${name}`, labels: { "app.kubernetes.io/instance": "chat" } },
    spec,
    status: { phase: "Pending", ...status },
  };
}

const unscheduled = (message: string) => ({
  conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
});

function event(about: string, message: string, more: object = {}): Event {
  return {
    metadata: { name: `event-${message}`, creationTimestamp: "2026-11-24T12:00:00Z" },
    type: "Warning",
    reason: "Unhealthy",
    involvedObject: { kind: "Pod", name: about, uid: `uid-${about}` },
    message,
    ...more,
  };
}

const explain = (view: Partial<ClusterView>) => unready("inference", "chat", { ...empty, ...view });

describe("why a release is not ready", () => {
  it("says nothing of pods that are ready, have ended, or belong to others", () => {
    const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    const other = pod("other");
    other.metadata.labels = { "app.kubernetes.io/instance": "redis" };
    const pods = [
      pod("chat-1", { status: ready }),
      pod("chat-job", { status: { phase: "Succeeded" } }),
      pod("chat-elsewhere", { namespace: "staging" }),
      other,
    ];
    expect(explain({ pods })).toEqual([]);
  });

  it("follows a missing GPU to the node that should offer it and to the plugin that does not start there", () => {
    const plugin = pod("plugin-1", {
      namespace: "gpu-system",
      spec: { nodeName: "gpu-1" },
      status: {
        phase: "Running",
        containerStatuses: [
          {
            name: "plugin",
            ready: false,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: { terminated: { exitCode: 1, message: "no driver" } },
          },
        ],
      },
    });
    const chat = pod("chat-1", {
      spec: { nodeSelector: { pool: "gpu" } },
      status: unscheduled("0/3 nodes are available: 1 Insufficient nvidia.com/gpu."),
    });
    const node = (name: string, pool: string, gpus?: string): Node => ({
      metadata: { name, labels: { pool } },
      status: { allocatable: { cpu: "4", ...(gpus && { "nvidia.com/gpu": gpus }) } },
    });
    const nodes = [node("gpu-1", "gpu"), node("gpu-2", "gpu", "1"), node("system-1", "system")];
    expect(explain({ pods: [chat, plugin], nodes })).toEqual([
      "pod chat-1: no node takes it: 0/3 nodes are available: 1 Insufficient nvidia.com/gpu.",
      "node gpu-1: offers no nvidia.com/gpu",
      "pod gpu-system/plugin-1 on gpu-1: plugin waits: CrashLoopBackOff; ended with exit code 1 (no driver)",
    ]);
  });

  it("says when there is no node at all that a pod may run on", () => {
    const chat = pod("chat-1", {
      spec: { nodeSelector: { pool: "gpu" } },
      status: unscheduled("0/2 nodes are available."),
    });
    const nodes = [{ metadata: { name: "system-1", labels: { pool: "system" } }, status: {} }];
    expect(explain({ pods: [chat], nodes })[1]).toMatch(/^there is no node with pool=gpu: /);
  });

  it.each([
    [
      "an image that cannot be pulled",
      {
        containerStatuses: [
          { name: "engine", state: { waiting: { reason: "ImagePullBackOff", message: "not found" } } },
        ],
      },
      "pod chat-1: engine waits: ImagePullBackOff; not found",
    ],
    [
      "an init container that fails",
      {
        initContainerStatuses: [{ name: "preload", state: { terminated: { exitCode: 2, reason: "Error" } } }],
      },
      "pod chat-1: preload ended with exit code 2 (Error)",
    ],
    [
      "a server that runs and does not answer",
      { phase: "Running", containerStatuses: [{ name: "engine", state: {} }] },
      "pod chat-1: Startup probe failed: 503",
    ],
  ])("names %s", (_what, status, line) => {
    const events = [
      event("chat-1", "Startup probe failed: 503", { lastTimestamp: "2026-11-24T12:05:00Z" }),
      event("chat-1", "an older one", { lastTimestamp: "2026-11-24T12:01:00Z" }),
      event("chat-2", "of another pod", { lastTimestamp: "2026-11-24T12:06:00Z" }),
    ];
    expect(explain({ pods: [pod("chat-1", { status })], events })).toEqual([line]);
  });

  it("names a claim that has no volume, and what was said of it", () => {
    const waiting = pod("chat-1", {
      spec: { volumes: [{ persistentVolumeClaim: { claimName: "data" } }] },
      status: { phase: "Pending" },
    });
    const claim = (name: string): Claim => ({
      metadata: { name, uid: `uid-${name}` },
      status: { phase: "Pending" },
    });
    const events = [event("data", "waiting for a volume", { type: "Normal" })];
    expect(explain({ pods: [waiting], claims: [claim("data"), claim("unused")], events })).toContain(
      "claim data: no volume: waiting for a volume",
    );
    expect(explain({ pods: [waiting], claims: [claim("unused")], events }).join()).not.toContain("unused");
  });

  it("names pods that were refused and so do not exist", () => {
    const refused = event("chat-5f", "exceeded quota: gpu", {
      reason: "FailedCreate",
      involvedObject: { kind: "ReplicaSet", name: "chat-5f" },
    });
    expect(explain({ events: [refused] })).toEqual([
      "ReplicaSet chat-5f: its pods are refused: exceeded quota: gpu",
    ]);
  });
});
