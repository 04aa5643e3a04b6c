import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { planned, shippedStacks } from "../../../../test/support/stacks";
import { planStack } from "../../src/plan/run";
import type { Manifest, Plan } from "../../src/plan/types";
import { blocks, type Endpoint } from "../../src/reach/endpoint";
import { closing, type Policy, reaches } from "../../src/reach/policy";
import { callersOf, planReach, type Reach } from "../../src/reach/table";

const root = resolve(__dirname, "../../../..");
const tcp = (number: number) => ({ number, protocol: "TCP" as const });
const at = (name: string, block: string): Endpoint => ({ name, addresses: blocks(block), ports: [] });

function podOf(reach: Reach, name: string): Endpoint {
  const found = reach.pods.find((pod) => pod.name === name);
  if (!found) throw new Error(`no pod ${name}; there are ${reach.pods.map((pod) => pod.name).join(", ")}`);
  return found;
}

/** A pod that is in a namespace without being anything that policies name. */
const stranger = (reach: Reach, namespace: string): Endpoint => ({
  ...reach.outside.stranger,
  namespace,
  namespaceLabels: { "kubernetes.io/metadata.name": namespace },
});

describe.each(shippedStacks)("the network of the stack %s", (stack) => {
  let plan: Plan;
  let reach: Reach;
  let seen = false;
  beforeAll(async () => {
    plan = await planned(stack);
    reach = planReach(plan);
    seen = plan.releases.every(({ manifests }) => manifests !== undefined);
  });
  const may = (from: Endpoint, to: Endpoint, port: number) => reaches(reach.policies, from, to, tcp(port));

  it("lets the load balancer and Prometheus to the engine, and no other pod", () => {
    const chat = podOf(reach, "inference/chat");
    const others = callersOf({ ...reach, pods: [] }, chat, tcp(8000));
    expect(others).toEqual(["the load balancer"]);
    for (const namespace of ["monitoring", "kube-system", "inference", "redis", "default"])
      expect([namespace, may(stranger(reach, namespace), chat, 8000)]).toEqual([namespace, false]);
    const prometheus = {
      ...stranger(reach, "monitoring"),
      labels: { "app.kubernetes.io/name": "prometheus" },
    };
    expect(may(prometheus, chat, 8000)).toBe(true);
    expect(may({ ...prometheus, ...stranger(reach, "elsewhere") }, chat, 8000)).toBe(false);
  });

  it("has no pod among the addresses of the load balancer", () => {
    const { loadBalancer } = reach.outside;
    expect(loadBalancer.addresses.length).toBeGreaterThan(1);
    const overlapping = { ...loadBalancer, addresses: podOf(reach, "inference/chat").addresses };
    expect(may(loadBalancer, podOf(reach, "inference/chat"), 8000)).toBe(true);
    expect(may(overlapping, podOf(reach, "inference/chat"), 8000)).toBe(false);
  });

  it("lets the engine to the internet on 443, and to nothing of the VPC", () => {
    const chat = podOf(reach, "inference/chat");
    expect(may(chat, at("a model hub", "18.0.0.0/24"), 443)).toBe(true);
    expect(may(chat, at("a model hub", "18.0.0.0/24"), 80)).toBe(false);
    for (const block of [
      ...["10.0.0.0/24", "10.1.3.0/24", "172.20.0.1/32", "10.100.0.1/32", "192.168.7.0/24", "100.64.0.0/24"],
      ...["169.254.169.254/32", "169.254.170.23/32"],
    ])
      for (const port of [80, 443])
        expect([block, port, may(chat, at(block, block), port)]).toEqual([block, port, false]);
  });

  it("lets only Prometheus to Redis' metrics, only clients to Redis", ({ skip }) => {
    if (!seen) skip("the chart of Redis is not here");
    const redis = podOf(reach, "redis/redis");
    expect(callersOf(reach, redis, tcp(9121))).toEqual(["monitoring/kube-prometheus-stack-prometheus"]);
    const client = { ...stranger(reach, "inference"), labels: { "inference-platform/redis-client": "true" } };
    expect(reaches(reach.policies, client, redis, tcp(6379))).toBe(true);
    expect(reaches(reach.policies, stranger(reach, "inference"), redis, tcp(6379))).toBe(false);
    // The engine has no use for it.
    expect(callersOf(reach, redis, tcp(6379))).toEqual([]);
  });

  it("closes every pod but those of the cluster itself and of the node's network", ({ skip }) => {
    if (!seen) skip("not every published chart is here");
    const open = reach.pods.filter(
      (pod) =>
        closing(reach.policies, pod, "Ingress").length === 0 ||
        closing(reach.policies, pod, "Egress").length === 0,
    );
    const named = open.filter(({ namespace, hostNetwork }) => namespace !== "kube-system" && !hostNetwork);
    expect(named.map(({ name }) => name)).toEqual([]);
  });

  // The VPC CNI looks at packets before a Service's address becomes a pod's: it lets the address through only where the
  // rule's pod selector fits the selector of the Service itself, and the port is the Service's
  // (amazon-network-policy-controller-k8s, pkg/resolvers/endpoints.go, getMatchingServiceClusterIPs, May 2026).
  it.each([
    ["monitoring/kube-prometheus-stack-grafana", "kube-prometheus-stack-prometheus", 9090],
    ["monitoring/kube-prometheus-stack-grafana", "kube-prometheus-stack-alertmanager", 9093],
    ["monitoring/prometheus-adapter", "kube-prometheus-stack-prometheus", 9090],
    ["inference/chat-test", "chat", 8000],
  ])("%s reaches the Service %s", (name, service, port) => {
    const found = plan.releases
      .flatMap(({ manifests }) => manifests ?? [])
      .find(({ kind, metadata }) => kind === "Service" && metadata.name === service);
    const from = reach.pods.find((pod) => pod.name === name);
    if (!found || !from) return expect(seen).toBe(false);
    expect(reachesService(reach.policies, from, found, port)).toBe(true);
  });
});

function reachesService(policies: Policy[], from: Endpoint, service: Manifest, port: number): boolean {
  const spec = service.spec as { selector: Record<string, string>; ports: { port: number }[] };
  if (!spec.ports.some((one) => one.port === port)) return false;
  const target: Endpoint = {
    ...from,
    name: service.metadata.name,
    namespace: service.metadata.namespace,
    namespaceLabels: { "kubernetes.io/metadata.name": service.metadata.namespace ?? "" },
    labels: spec.selector,
    addresses: [],
    ports: [],
  };
  return closing(policies, from, "Egress").some((policy) => reaches([policy], from, target, tcp(port)));
}

describe("a stack with a gateway before its engine, a database, a proxy and a role", () => {
  let folder: string;
  let reach: Reach;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "egress-"));
    const file = parse(readFileSync(join(root, "Pulumi.staging.yaml"), "utf8"));
    file.config["inference-platform:model"].services[0].exposed = false;
    file.config["inference-platform:model"].services.push({
      name: "gateway",
      engine: "custom",
      custom: {
        image: "ghcr.io/example/gateway:1.4.2",
        port: 8080,
        healthPath: "/health",
        apiPaths: ["/v1"],
      },
      model: { id: "none", weightsGiB: 0.1, cache: { mode: "none" } },
      gpus: 0,
      resources: { cpuMillis: 500, memoryMiB: 512 },
      replicas: { min: 1, max: 2 },
      signals: [{ signal: "cpu_utilization", target: 60 }],
      egress: [
        { service: "chat" },
        { cidr: "10.9.0.0/24", port: 5432 },
        { cidr: "10.8.0.5/32", port: 3128 },
        { namespace: "team", port: 7000 },
      ],
      podIdentity: true,
    });
    const stackFile = join(folder, "Pulumi.gateway.yaml");
    writeFileSync(stackFile, stringify(file));
    reach = planReach(await planStack({ stack: "gateway", directory: root, stackFile }));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const may = (from: Endpoint, to: Endpoint, port: number) => reaches(reach.policies, from, to, tcp(port));

  it("lets the gateway to the engine, which admits it", () => {
    const [gateway, chat] = [podOf(reach, "inference/gateway"), podOf(reach, "inference/chat")];
    expect(may(gateway, chat, 8000)).toBe(true);
    expect(may(gateway, chat, 9000)).toBe(false);
    expect(may(chat, gateway, 8080)).toBe(false);
  });

  it("lets it to the addresses, the namespace and the agent that its settings name, and to no more", () => {
    const gateway = podOf(reach, "inference/gateway");
    expect(may(gateway, at("database", "10.9.0.7/32"), 5432)).toBe(true);
    expect(may(gateway, at("database", "10.9.0.7/32"), 443)).toBe(false);
    expect(may(gateway, at("proxy", "10.8.0.5/32"), 3128)).toBe(true);
    expect(may(gateway, at("beside the proxy", "10.8.0.6/32"), 3128)).toBe(false);
    expect(may(gateway, stranger(reach, "team"), 7000)).toBe(true);
    expect(may(gateway, stranger(reach, "other"), 7000)).toBe(false);
    expect(may(gateway, at("the agent", "169.254.170.23/32"), 80)).toBe(true);
    expect(may(gateway, at("instance metadata", "169.254.169.254/32"), 80)).toBe(false);
    expect(may(podOf(reach, "inference/chat"), at("the agent", "169.254.170.23/32"), 80)).toBe(false);
  });
});
