import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { describe, expect, it } from "vitest";
import { namespaceProblems } from "../../components/namespace/checks";
import {
  PodSecurityLevel,
  WorkloadNamespace,
  type WorkloadNamespaceArgs,
} from "../../components/namespace/namespace";
import { record } from "../support/components";

const quotaType = "kubernetes:core/v1:ResourceQuota";
const policyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

const args: WorkloadNamespaceArgs = { name: "inference", podSecurity: PodSecurityLevel.Restricted };
const build = (more: Partial<WorkloadNamespaceArgs> = {}) =>
  record(() => new WorkloadNamespace("models", { ...args, ...more }));

describe("a workload namespace", () => {
  it("refuses pods above its Pod Security level and warns about their owners", async () => {
    const namespace = (await build()).one("kubernetes:core/v1:Namespace");
    expect(namespace.inputs.metadata).toMatchObject({
      name: "inference",
      labels: {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
        "app.kubernetes.io/part-of": "inference-platform",
      },
    });
  });

  it("does not let further labels lower the level", async () => {
    const recording = await build({
      labels: { "pod-security.kubernetes.io/enforce": "privileged", team: "a" },
    });
    const { labels } = recording.one("kubernetes:core/v1:Namespace").inputs.metadata as {
      labels: Record<string, string>;
    };
    expect(labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
    expect(labels.team).toBe("a");
  });

  it("is closed but for DNS, and says to which pods DNS goes", async () => {
    const policies = (await build()).ofType(policyType);
    expect(policies.map((policy) => policy.inputs.spec)).toEqual([
      { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
        ],
      },
    ]);
    expect((await build({ denyByDefault: false })).ofType(policyType)).toEqual([]);
  });

  it("makes no quota, limits or readiness gates unless asked", async () => {
    const recording = await build();
    expect(recording.ofType(quotaType)).toEqual([]);
    expect(recording.ofType("kubernetes:core/v1:LimitRange")).toEqual([]);
    expect(JSON.stringify(recording.resources)).not.toContain("pod-readiness-gate-inject");
    const gated = (await build({ readinessGates: true })).one("kubernetes:core/v1:Namespace");
    expect(JSON.stringify(gated.inputs)).toContain('"elbv2.k8s.aws/pod-readiness-gate-inject":"enabled"');
  });

  it("counts GPUs by what is enforced, and pods", async () => {
    const recording = await build({ gpuQuota: { "requests.nvidia.com/gpu.shared": "8" }, podQuota: 40 });
    expect(recording.one(quotaType).inputs.spec).toEqual({
      hard: { "requests.nvidia.com/gpu.shared": "8", pods: "40" },
    });
  });

  it("gives containers without resources a request and a memory limit, and no CPU limit", async () => {
    const recording = await build({
      containerDefaults: { cpuRequest: "100m", memoryRequest: "128Mi", memoryLimit: "256Mi" },
    });
    expect(recording.one("kubernetes:core/v1:LimitRange").inputs.spec).toEqual({
      limits: [
        {
          type: "Container",
          defaultRequest: { cpu: "100m", memory: "128Mi" },
          default: { memory: "256Mi" },
        },
      ],
    });
  });

  it("is handed on only together with its rules, so that they hold for the first pod", async () => {
    const recording = await record(() => {
      const { namespaceName } = new WorkloadNamespace("models", { ...args, podQuota: 5 });
      new ConfigMap("user", { metadata: { namespace: namespaceName } });
    });
    const user = recording.one("kubernetes:core/v1:ConfigMap");
    expect(user.inputs.metadata).toEqual({ namespace: "inference" });
    const needed = [...recording.ofType(quotaType), ...recording.ofType(policyType)];
    expect(user.dependencies).toEqual(expect.arrayContaining(needed.map((rule) => rule.urn)));
  });
});

describe("refused arguments of a namespace", () => {
  it("a GPU quota on limits, with the reason and the key to write instead", async () => {
    await expect(build({ gpuQuota: { "limits.nvidia.com/gpu": "2" } })).rejects.toThrow(
      /models: gpuQuota\["limits\.nvidia\.com\/gpu"\] \("2"\): .*accepted.*never enforced.*Write requests\.nvidia\.com\/gpu/,
    );
  });

  it.each([
    [{ gpuQuota: { "nvidia.com/gpu": "2" } }, /requests\.nvidia\.com\/gpu/],
    [{ gpuQuota: { "requests.nvidia.com/gpu": "two" } }, /whole number/],
    [{ podQuota: 0 }, /at least 1/],
    [{ name: "Inference_Pods" }, /lower-case/],
  ])("%j", (more, message) => {
    const [problem] = namespaceProblems({ ...args, ...more });
    expect(problem?.message).toMatch(message);
  });
});
