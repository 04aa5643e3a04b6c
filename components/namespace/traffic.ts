import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type * as pulumi from "@pulumi/pulumi";
import { namespaceNameLabel } from "./labels";

/** A rule of a NetworkPolicy for traffic of either direction. */
export interface TrafficRule {
  from?: TrafficPeer[];
  to?: TrafficPeer[];
  ports: { protocol: string; port?: number }[];
}

/** One side of a connection. */
export interface TrafficPeer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: { cidr: string; except?: string[] };
}

/** Selects by labels, as Kubernetes does: everything when it is empty. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
}

/** The part of a NetworkPolicy that says what it is about. */
export interface TrafficPolicy {
  podSelector: LabelSelector;
  policyTypes: string[];
  ingress?: TrafficRule[];
  egress?: TrafficRule[];
}

/**
 * Blocks that are no address of the internet: networks of their own (RFC 1918), of carriers and of further blocks of a VPC
 * (RFC 6598), and of a node itself (RFC 3927: instance metadata, Pod Identity). Pods, nodes, the Kubernetes API and its Service
 * address are in the first three.
 */
export const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
/** See {@link privateBlocks}. */
const linkLocalBlock = "169.254.0.0/16";

/** Ports of a rule. */
export function tcp(...ports: number[]): TrafficRule["ports"] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}

/** The pods with these labels, in one namespace or, without one, in the policy's own. */
export function podsWith(matchLabels: Record<string, string>, namespace?: string): TrafficPeer {
  const podSelector = { matchLabels };
  return namespace === undefined
    ? { podSelector }
    : { namespaceSelector: { matchLabels: { [namespaceNameLabel]: namespace } }, podSelector };
}

/** To the cluster's DNS servers, whose pods and Service carry this label in every EKS cluster. */
export const dnsEgress: TrafficRule = {
  to: [podsWith({ "k8s-app": "kube-dns" }, "kube-system")],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

/** The pods may ask the Kubernetes API. */
export function kubernetesApi(podSelector: LabelSelector): TrafficPolicy {
  return { podSelector, policyTypes: ["Egress"], egress: [{ to: privateAddresses, ports: tcp(443) }] };
}

/** Addresses of the VPC and what is connected to it. The Kubernetes API has no narrower one that is known beforehand. */
export const privateAddresses: TrafficPeer[] = privateBlocks.map((cidr) => ({ ipBlock: { cidr } }));

/** To port 443 of the internet, and not of the VPC. With its port: without one the VPC CNI's agent opens others, too (issue 180). */
export const internetEgress: TrafficRule = {
  to: [{ ipBlock: { cidr: "0.0.0.0/0", except: [...privateBlocks, linkLocalBlock] } }],
  ports: tcp(443),
};

/** What a namespace needs to be closed for traffic in both directions. */
export interface ClosedNamespaceArgs {
  /** The namespace. */
  namespace: pulumi.Input<string>;
  /** Labels of the policies. */
  labels: Record<string, string>;
  /** What is allowed in spite of that, by the name of its policy. */
  allowed?: Record<string, TrafficPolicy>;
}

/** Closes a namespace, but for DNS look-ups and what is named. The first pod of the namespace must wait for the result. */
export function closeNamespace(
  name: string,
  { namespace, labels, allowed = {} }: ClosedNamespaceArgs,
  parent: pulumi.Resource,
): NetworkPolicy[] {
  const policies: Record<string, TrafficPolicy> = {
    "default-deny": { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    "allow-dns": { podSelector: {}, policyTypes: ["Egress"], egress: [dnsEgress] },
    ...allowed,
  };
  return Object.entries(policies).map(
    ([policy, spec]) =>
      new NetworkPolicy(
        `${name}-${policy}`,
        { metadata: { name: policy, namespace, labels }, spec },
        { parent },
      ),
  );
}
