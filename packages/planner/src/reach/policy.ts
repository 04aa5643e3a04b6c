import { type Cidr, cidrContains, parseCidr } from "../../../../components/common/cidr";
import type { Endpoint } from "./endpoint";

/** Selects by labels: everything when it is empty. */
export interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}

interface PortRange {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

/** What a NetworkPolicy allows in one direction. */
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: PortRange[];
}

/** A NetworkPolicy as far as it decides. */
export interface Policy {
  namespace: string;
  spec: {
    podSelector?: Selector;
    policyTypes?: string[];
    ingress?: Rule[];
    egress?: Rule[];
  };
}

/** A port that is connected to. */
export interface Port {
  number: number;
  protocol: "TCP" | "UDP";
}

/** True when the labels are those that the selector asks for. Source: apimachinery, LabelSelectorAsSelector. */
export function selects(selector: Selector | undefined, labels: Record<string, string>): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          throw new Error(`a label selector has the unknown operator ${operator}`);
      }
    })
  );
}

/** The policies that close a pod in a direction: none leaves it open. Pods with their node's network are out of reach. */
export function closing(policies: Policy[], pod: Endpoint, direction: "Ingress" | "Egress"): Policy[] {
  const { namespace, labels } = pod;
  if (namespace === undefined || labels === undefined || pod.hostNetwork) return [];
  return policies.filter(({ namespace: own, spec }) => {
    // Without types a policy is one for Ingress, and for Egress when it has such rules.
    const types = spec.policyTypes ?? ["Ingress", ...(spec.egress?.length ? ["Egress"] : [])];
    return own === namespace && types.includes(direction) && selects(spec.podSelector, labels);
  });
}

/**
 * True when the connection may come about: the policies of both sides let it, where they close them. An address block counts
 * as soon as an address of the other side may lie in it.
 */
export function reaches(policies: Policy[], from: Endpoint, to: Endpoint, port: Port): boolean {
  const out = closing(policies, from, "Egress");
  const into = closing(policies, to, "Ingress");
  return (
    (out.length === 0 || out.some((policy) => allows(policy, policy.spec.egress, "to", to, to, port))) &&
    (into.length === 0 || into.some((policy) => allows(policy, policy.spec.ingress, "from", from, to, port)))
  );
}

function allows(
  { namespace }: Policy,
  rules: Rule[] = [],
  side: "from" | "to",
  peer: Endpoint,
  target: Endpoint,
  port: Port,
): boolean {
  return rules.some(
    (rule) =>
      (rule[side] === undefined ||
        rule[side].length === 0 ||
        rule[side].some((one) => isPeer(one, namespace, peer))) &&
      (rule.ports === undefined ||
        rule.ports.length === 0 ||
        rule.ports.some((one) => covers(one, port, target))),
  );
}

function isPeer(peer: Peer, policyNamespace: string, endpoint: Endpoint): boolean {
  if (peer.ipBlock) return inBlock(peer.ipBlock, endpoint);
  const { namespace, labels, namespaceLabels } = endpoint;
  if (namespace === undefined || labels === undefined) return false;
  const there = peer.namespaceSelector
    ? selects(peer.namespaceSelector, namespaceLabels ?? {})
    : namespace === policyNamespace;
  return there && selects(peer.podSelector, labels);
}

/** True when an address of the endpoint may lie in the block and outside of its exceptions. */
function inBlock({ cidr, except = [] }: NonNullable<Peer["ipBlock"]>, endpoint: Endpoint): boolean {
  const block = required(cidr);
  const exceptions = except.map(required);
  return endpoint.addresses.some((addresses) => {
    // Blocks contain each other or have nothing in common.
    const common = cidrContains(block, addresses)
      ? addresses
      : cidrContains(addresses, block)
        ? block
        : undefined;
    return common !== undefined && !exceptions.some((exception) => cidrContains(exception, common));
  });
}

function required(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`a network policy has the block ${text}, which is none of IPv4`);
  return cidr;
}

function covers({ protocol = "TCP", port, endPort }: PortRange, wanted: Port, target: Endpoint): boolean {
  if (protocol !== wanted.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === "string")
    return target.ports.some(({ name, number }) => name === port && number === wanted.number);
  return wanted.number >= port && wanted.number <= (endPort ?? port);
}
