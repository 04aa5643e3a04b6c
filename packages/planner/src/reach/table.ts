import { type Cidr, parseCidr } from "../../../../components/common/cidr";
import { objectsOf, type PlannedObject } from "../plan/objects";
import type { Plan, PlannedResource } from "../plan/types";
import { blocks, type Endpoint, podEndpoints, policiesOf } from "./endpoint";
import { closing, type Policy, type Port, reaches } from "./policy";

/** Who may connect to whom in a stack: its pods, what is around them, and the policies between. */
export interface Reach {
  policies: Policy[];
  pods: Endpoint[];
  outside: Outside;
}

/** What is around the pods of a stack. */
interface Outside {
  /** A pod of which nothing is known but that it is not one of the stack's. */
  stranger: Endpoint;
  loadBalancer: Endpoint;
  /** The rest of the VPC and what is connected to it; the Kubernetes API and nodes have such addresses, too. */
  privateNetwork: Endpoint;
  internet: Endpoint;
  dns: Endpoint;
  podIdentityAgent: Endpoint;
  instanceMetadata: Endpoint;
}

const subnetRole = (subnet: PlannedResource, role: string) =>
  (subnet.inputs.tags as Record<string, string> | undefined)?.[`kubernetes.io/role/${role}`] !== undefined;

/** Blocks of the subnets for load balancers of the stack's scheme, by the tags that the controller finds them by, and for pods. */
function subnetBlocks(objects: PlannedObject[], resources: PlannedResource[]) {
  const subnets = resources.filter(({ type }) => type === "aws:ec2/subnet:Subnet");
  const cidrs = (of: PlannedResource[]): Cidr[] =>
    of.flatMap(({ inputs }) => parseCidr(String(inputs.cidrBlock)) ?? []);
  const facing = objects.some(
    ({ manifest }) =>
      manifest.kind === "IngressClassParams" &&
      (manifest.spec as { scheme?: string }).scheme === "internet-facing",
  );
  const unmarked = subnets.filter(
    (subnet) => !subnetRole(subnet, "elb") && !subnetRole(subnet, "internal-elb"),
  );
  const forPods =
    unmarked.length > 0 ? unmarked : subnets.filter((subnet) => subnetRole(subnet, "internal-elb"));
  return {
    loadBalancer: cidrs(subnets.filter((subnet) => subnetRole(subnet, facing ? "elb" : "internal-elb"))),
    pods: cidrs(forPods),
  };
}

/** Who may connect to whom in the stack of a plan. */
export function planReach({ resources, releases }: Plan): Reach {
  return reachOf(objectsOf(resources, releases), resources);
}

/** Reads the pods, the policies and the surroundings of a plan. */
export function reachOf(objects: PlannedObject[], resources: PlannedResource[]): Reach {
  const subnets = subnetBlocks(objects, resources);
  const other = (name: string, addresses: Cidr[]): Endpoint => ({ name, addresses, ports: [] });
  const podOf = (name: string, namespace: string, labels: Record<string, string>): Endpoint => ({
    ...other(name, subnets.pods),
    namespace,
    labels,
    namespaceLabels: { "kubernetes.io/metadata.name": namespace },
  });
  return {
    policies: policiesOf(objects),
    pods: podEndpoints(objects, subnets.pods),
    outside: {
      stranger: podOf("any other pod", "elsewhere", {}),
      loadBalancer: other("the load balancer", subnets.loadBalancer),
      privateNetwork: other(
        "private addresses",
        blocks("10.255.255.0/24", "172.31.0.0/16", "192.168.0.0/16"),
      ),
      internet: other("the internet", blocks("1.1.1.0/24")),
      dns: podOf("DNS", "kube-system", { "k8s-app": "kube-dns" }),
      podIdentityAgent: other("the Pod Identity agent", blocks("169.254.170.23/32")),
      instanceMetadata: other("instance metadata", blocks("169.254.169.254/32")),
    },
  };
}

const tcp = (number: number): Port => ({ number, protocol: "TCP" });
/** A port that no policy names. */
const anyPort = tcp(49_151);

/** Who may open a connection to a port of the pod, by name. */
export function callersOf({ policies, pods, outside }: Reach, to: Endpoint, port: Port): string[] {
  const may = (from: Endpoint) => reaches(policies, from, to, port);
  const { stranger, loadBalancer, privateNetwork } = outside;
  if (may(stranger) && may(privateNetwork)) return ["every private address"];
  return [
    ...(may(stranger) ? [stranger.name] : []),
    ...[loadBalancer, privateNetwork].filter(may).map(({ name }) => name),
    ...pods.filter((pod) => pod !== to && may(pod)).map(({ name }) => name),
  ];
}

/** What the pod may open connections to, by name and port. */
export function targetsOf({ policies, pods, outside }: Reach, from: Endpoint): string[] {
  const may = (to: Endpoint, port: Port) => reaches(policies, from, to, port);
  const { stranger, privateNetwork, internet, dns, podIdentityAgent, instanceMetadata } = outside;
  if (may(internet, anyPort) && may(privateNetwork, anyPort)) return ["everything"];
  const places: [Endpoint, number[]][] = [
    [internet, [443]],
    [privateNetwork, [443, 9100, 10250]],
    [podIdentityAgent, [80]],
    [instanceMetadata, [80]],
  ];
  const outer = places.flatMap(([to, ports]) => {
    if (may(to, anyPort)) return [to.name];
    const open = ports.filter((port) => may(to, tcp(port)));
    return open.length > 0 ? [`${to.name} on ${open.join(", ")}`] : [];
  });
  const inner = may(stranger, anyPort)
    ? ["every pod that admits it"]
    : pods
        .filter((pod) => pod !== from)
        .flatMap((to) => {
          const open = portsOf(to).filter((port) => may(to, tcp(port)));
          return open.length > 0 ? [`${to.name} on ${open.join(", ")}`] : [];
        });
  return [...(may(dns, { number: 53, protocol: "UDP" }) ? [dns.name] : []), ...inner, ...outer];
}

function portsOf({ ports }: Endpoint): number[] {
  return [...new Set(ports.map(({ number }) => number))].sort((a, b) => a - b);
}

/** The tables of docs/security.md: who may connect to which pods, and where pods may connect to. */
export function reachTables(reach: Reach): string {
  const { policies, pods } = reach;
  const open = (pod: Endpoint) =>
    closing(policies, pod, "Ingress").length === 0 && closing(policies, pod, "Egress").length === 0;
  const closed = pods.filter((pod) => !open(pod));
  const into = closed.flatMap((pod) =>
    portsOf(pod).map((port) => row([pod.name, port, list(callersOf(reach, pod, tcp(port)))])),
  );
  const out = closed.map((pod) => row([pod.name, list(targetsOf(reach, pod))]));
  const free = pods
    .filter(open)
    .map((pod) => row([pod.name, pod.hostNetwork ? "they have the network of their node" : "no policy"]));
  return [
    table(["to pods", "port", "from"], into),
    table(["from pods", "to"], out),
    "Open in both directions:",
    table(["pods", "why"], free),
  ].join("\n\n");
}

const list = (names: string[]) => (names.length > 0 ? names.join("; ") : "nobody");
const row = (cells: (string | number)[]) => `| ${cells.join(" | ")} |`;

function table(head: string[], rows: string[]): string {
  return [row(head), row(head.map(() => "---")), ...[...new Set(rows)].sort()].join("\n");
}
