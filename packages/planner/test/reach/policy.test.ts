import { describe, expect, it } from "vitest";
import { blocks, type Endpoint } from "../../src/reach/endpoint";
import { type Policy, reaches, selects } from "../../src/reach/policy";

// The rules are those of the API reference, networking.k8s.io/v1 NetworkPolicy, and of the documentation's recipes
// (kubernetes.io, concepts/services-networking/network-policies, read 2026-09).

const pod = (namespace: string, labels: Record<string, string>, more: Partial<Endpoint> = {}): Endpoint => ({
  name: `${namespace}/${labels.app}`,
  namespace,
  labels,
  namespaceLabels: { "kubernetes.io/metadata.name": namespace },
  addresses: blocks("10.0.0.0/20"),
  ports: [{ name: "http", number: 8000 }],
  ...more,
});
const web = pod("a", { app: "web" });
const other = pod("a", { app: "other" });
const far = pod("b", { app: "web" });
const outside: Endpoint = { name: "outside", addresses: blocks("8.8.8.0/24"), ports: [] };
const tcp = (number: number) => ({ number, protocol: "TCP" as const });
const policy = (namespace: string, spec: Policy["spec"]): Policy => ({ namespace, spec });
const denyAll = policy("a", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });

describe("reaches", () => {
  it("is open where no policy selects a pod, and closed where one does", () => {
    expect(reaches([], far, web, tcp(80))).toBe(true);
    expect(reaches([denyAll], far, web, tcp(80))).toBe(false);
    expect(reaches([denyAll], web, far, tcp(80))).toBe(false);
    expect(reaches([denyAll], far, outside, tcp(80))).toBe(true);
    const host = pod("a", { app: "web" }, { hostNetwork: true });
    expect(reaches([denyAll], far, host, tcp(80))).toBe(true);
  });

  it("asks both sides", () => {
    const out = policy("a", { podSelector: {}, policyTypes: ["Egress"], egress: [{}] });
    const into = policy("b", { podSelector: {}, policyTypes: ["Ingress"] });
    expect(reaches([denyAll, out], web, outside, tcp(80))).toBe(true);
    expect(reaches([denyAll, out, into], web, far, tcp(80))).toBe(false);
  });

  it("takes a policy without types for one of Ingress, and of Egress only where it has such rules", () => {
    const plain = policy("a", { podSelector: {} });
    expect([reaches([plain], far, web, tcp(1)), reaches([plain], web, far, tcp(1))]).toEqual([false, true]);
    const both = policy("a", { podSelector: {}, egress: [] });
    expect(reaches([both], web, far, tcp(1))).toBe(true);
    const closed = policy("a", { podSelector: {}, egress: [{ to: [{ podSelector: {} }] }] });
    expect([reaches([closed], web, far, tcp(1)), reaches([closed], web, outside, tcp(1))]).toEqual([
      false,
      false,
    ]);
  });

  it.each([
    ["a pod selector means the policy's own namespace", { podSelector: {} }, other, true],
    ["and no other", { podSelector: {} }, far, false],
    ["a namespace selector means all of its pods", { namespaceSelector: {} }, far, true],
    [
      "both together mean these pods of these namespaces",
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "b" } },
        podSelector: { matchLabels: { app: "other" } },
      },
      far,
      false,
    ],
    ["a block means addresses, those of pods too", { ipBlock: { cidr: "10.0.0.0/8" } }, far, true],
    ["but not its exceptions", { ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }, far, false],
    ["which leave the rest", { ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }, outside, true],
    ["a part of a pod's addresses is enough", { ipBlock: { cidr: "10.0.0.0/24" } }, far, true],
    ["addresses are no pods", { podSelector: {}, namespaceSelector: {} }, outside, false],
  ])("%s", (_, peer, from, expected) => {
    const rule = policy("a", { podSelector: {}, ingress: [{ from: [peer] }] });
    expect(reaches([rule], from, web, tcp(8000))).toBe(expected);
  });

  it.each([
    ["no ports are all ports", undefined, 1, true],
    ["an empty list, too", [], 1, true],
    ["a number", [{ port: 8000 }], 8000, true],
    ["no other", [{ port: 8000 }], 8001, false],
    ["a range", [{ port: 8000, endPort: 8002 }], 8002, true],
    ["a name is looked up in the pod", [{ port: "http" }], 8000, true],
    ["and is none of another number", [{ port: "http" }], 80, false],
    ["a protocol without a port", [{ protocol: "TCP" }], 5, true],
    ["the other protocol", [{ protocol: "UDP", port: 8000 }], 8000, false],
  ])("%s", (_, ports, number, expected) => {
    const rule = policy("a", { podSelector: {}, ingress: [{ ...(ports && { ports }) }] });
    expect(reaches([rule], far, web, tcp(number))).toBe(expected);
  });
});

describe("selects", () => {
  it.each([
    [{ key: "app", operator: "In", values: ["web"] }, true],
    [{ key: "app", operator: "NotIn", values: ["web"] }, false],
    [{ key: "tier", operator: "NotIn", values: ["web"] }, true],
    [{ key: "app", operator: "Exists" }, true],
    [{ key: "app", operator: "DoesNotExist" }, false],
  ])("%j", (expression, expected) => {
    expect(selects({ matchExpressions: [expression] }, { app: "web" })).toBe(expected);
  });
});
