import { describe, expect, it } from "vitest";
import { Token } from "../../src/aws/tokens";
import { Stack, trust } from "./stack";

const admin = "arn:aws:iam::123456789012:role/admin";
const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

describe("add-ons and identities", () => {
  const addon = (stack: Stack, addonName: string, rest = {}) =>
    stack.make(Token.Addon, addonName, { clusterName: "prod", addonName, ...rest });

  it.each([
    ["an unknown add-on", "core-dns", {}, /core-dns is not supported: one of .*coredns/],
    ["a version of another form", "vpc-cni", { addonVersion: "1.21.1" }, /1.21.1 .*v1.2.3-eksbuild.4/],
    [
      "kube-proxy of another minor version",
      "kube-proxy",
      { addonVersion: "v1.34.1-eksbuild.2" },
      /kube-proxy v1.34/,
    ],
    ["values that are no JSON", "vpc-cni", { configurationValues: "env: {}" }, /not in valid JSON/],
    ["pods without nodes to run on", "coredns", {}, /InsufficientNumberOfReplicas: .*coredns/],
  ])("refuses %s", (_what, name, rest, message) => {
    expect(() => addon(new Stack().cluster(), name, rest)).toThrow(message);
  });

  it("does not count nodes that keep the add-on's pods away", () => {
    const stack = new Stack().readyForNodes();
    const taints = [{ key: "nvidia.com/gpu", value: "true", effect: "NO_SCHEDULE" }];
    stack.make(Token.NodeGroup, "gpu", stack.nodeGroup({ nodeGroupName: "gpu", taints }));
    expect(() => addon(stack, "coredns")).toThrow(/no node that takes its pods/);
    stack.make(Token.NodeGroup, "system", stack.nodeGroup());
    addon(stack, "coredns");
  });

  it("gives a service account one role, through the agent, when the role lets pods in", () => {
    const stack = new Stack().readyForNodes();
    const tagless = stack.role("tagless", trust("pods.eks.amazonaws.com", "sts:AssumeRole"));
    const roleArn = stack.role("pods", trust("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession"));
    const of = (role: string) => ({
      clusterName: "prod",
      namespace: "kube-system",
      serviceAccount: "autoscaler",
      roleArn: role,
    });
    const associate = (name: string, role: string) =>
      stack.make(Token.PodIdentityAssociation, name, of(role));
    expect(() => associate("a", tagless)).toThrow(/does not allow pods.eks.amazonaws.com sts:TagSession/);
    expect(associate("a", roleArn).associationId).toMatch(/^a-/);
    expect(() => associate("b", roleArn)).toThrow(/ResourceInUseException: .*kube-system\/autoscaler/);
    expect(stack.aws.findings().map(String)).toEqual([
      expect.stringMatching(/kube-system\/autoscaler .*no eks-pod-identity-agent/),
    ]);
    addon(stack, "eks-pod-identity-agent");
    expect(stack.aws.findings()).toEqual([]);
  });
});

describe("access", () => {
  const entry = { clusterName: "prod", principalArn: admin };
  const association = { ...entry, policyArn, accessScope: { type: "cluster" } };

  it("lets a principal in with an entry and a policy, and its sessions with it", () => {
    const stack = new Stack().cluster();
    const session = "arn:aws:sts::123456789012:assumed-role/admin/alice";
    expect(() => stack.make(Token.AccessPolicyAssociation, "p", association)).toThrow(/access entry first/);
    stack.make(Token.AccessEntry, "e", entry);
    expect(stack.aws.accessAllowed(session, "prod")).toBe(false);
    stack.make(Token.AccessPolicyAssociation, "p", association);
    expect(stack.aws.accessAllowed(session, "prod")).toBe(true);
    expect(stack.aws.accessAllowed(session, "other")).toBe(false);
    stack.aws.delete(Token.AccessPolicyAssociation, stack.id("p"));
    expect(stack.aws.accessAllowed(session, "prod")).toBe(false);
  });

  it("lets the creator in only when the cluster says so", () => {
    const creator = "arn:aws:iam::123456789012:role/deployer";
    expect(new Stack().cluster().aws.accessAllowed(creator, "prod")).toBe(false);
    const open = new Stack().cluster({ accessConfig: { authenticationMode: "API" } });
    expect(open.aws.accessAllowed(creator, "prod")).toBe(true);
    expect(() => open.make(Token.AccessEntry, "e", { ...entry, principalArn: creator })).toThrow(
      "ResourceInUseException",
    );
  });

  it.each([
    ["sessions", { principalArn: "arn:aws:sts::123456789012:assumed-role/admin/alice" }, /not of a session/],
    ["system groups", { kubernetesGroups: ["system:masters"] }, /system:masters is invalid/],
    ["unknown types", { type: "standard" }, /type standard must be one of/],
  ])("refuses entries of %s", (_what, rest, message) => {
    expect(() => new Stack().cluster().make(Token.AccessEntry, "e", { ...entry, ...rest })).toThrow(message);
  });

  it("refuses entries where the cluster goes by the config map", () => {
    const stack = new Stack().cluster({ accessConfig: { authenticationMode: "CONFIG_MAP" } });
    expect(() => stack.make(Token.AccessEntry, "e", entry)).toThrow(/authentication mode/);
  });
});
