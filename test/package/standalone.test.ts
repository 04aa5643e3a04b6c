import { evaluate, PlanBackend, SimulatedAws } from "@inference-platform/planner";
import { Provider } from "@pulumi/kubernetes/provider";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type AdapterRule,
  adapterRules,
  Cluster,
  Engine,
  GpuMetrics,
  GpuNodeGroup,
  type GpuPool,
  gpuPool,
  InferenceIngress,
  InferenceMonitoring,
  InferenceSecrets,
  InferenceService,
  LoadBalancerController,
  Network,
  NvidiaDevicePlugin,
  PodIdentity,
  Prometheus,
  PrometheusAdapter,
  Redis,
  requiredAdapterRules,
  type ServiceDefinition,
  serviceContract,
  WorkloadNamespace,
} from "../../components";
import { type Properties, type RecordedResource, Recording, record } from "../support/components";

/** Nodes that somebody else made: labels and taint of their own, plain data. */
const ownPool: GpuPool = {
  ...gpuPool({ name: "l4", instanceTypes: ["g6.xlarge"], capacityType: "SPOT", minNodes: 0, maxNodes: 4 }),
  nodeLabels: { "karpenter.sh/nodepool": "gpu" },
  taint: { key: "example.com/gpu", value: "yes", effect: "NoExecute" },
};

const definition: ServiceDefinition = {
  engine: { name: Engine.Vllm, version: "0.30.0" },
  model: { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB: 6.2 },
  replicas: { min: 1, max: 2 },
  longestRequestSeconds: 60,
};

function chat(name: string, namespace: string) {
  return serviceContract({ ...definition, name, namespace }, ownPool);
}

/** Everything that a cluster may have several of, in one cluster: named `a` and `b`. */
function several(id: string, region: string, provider: Provider): Cluster {
  const inCluster = { provider };
  const { privateSubnetIds } = new Network(`net-${id}`, {
    clusterName: id,
    region,
    zones: [`${region}a`, `${region}b`],
  });
  const cluster = new Cluster(`cluster-${id}`, { clusterName: id, region, subnetIds: privateSubnetIds });
  new PodIdentity(`identity-${id}`, {
    clusterName: cluster.name,
    namespace: "apps",
    serviceAccount: id,
    managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
  });
  new GpuNodeGroup(`gpu-${id}`, {
    clusterName: cluster.name,
    clusterVersion: cluster.version,
    pool: gpuPool({
      name: id,
      instanceTypes: ["g6.xlarge"],
      capacityType: "ON_DEMAND",
      minNodes: 0,
      maxNodes: 1,
    }),
    nodeRoleArn: cluster.nodeRoleArn,
    subnetIds: privateSubnetIds,
  });
  const { namespaceName } = new WorkloadNamespace(
    `ns-${id}`,
    { name: `ns-${id}`, podSecurity: "restricted" },
    inCluster,
  );
  new InferenceSecrets(`secrets-${id}`, { namespace: "shared" }, inCluster);
  new Redis(
    `redis-${id}`,
    {
      namespace: "shared",
      admittedNamespaces: [{ name: "apps" }],
      memoryMiB: 256,
      persistence: false,
      storageGiB: 10,
      metrics: false,
    },
    inCluster,
  );
  const contract = chat(`chat-${id}`, "shared");
  new InferenceService(
    `chat-${id}`,
    { ...definition, namespace: "shared", pool: ownPool, prometheusNamespace: "observability" },
    inCluster,
  );
  new InferenceMonitoring(
    `monitoring-${id}`,
    { namespace: "shared", services: [contract], adapterName: "adapter", dashboard: true },
    inCluster,
  );
  const { profile, drain } = contract;
  new InferenceIngress(
    `entrance-${id}`,
    {
      namespace: namespaceName.apply(() => "shared"),
      scheme: "internal",
      inboundCidrs: [],
      tls: false,
      deletionProtection: false,
      // The same service, on both load balancers.
      routes: [{ service: "chat-a", port: profile.port, apiPaths: ["/v1"], healthPath: "/health", drain }],
    },
    inCluster,
  );
  return cluster;
}

/** What a cluster has one of. */
function singletons(id: string, region: string, provider: Provider, cluster: Cluster): void {
  const inCluster = { provider };
  new NvidiaDevicePlugin(`plugin-${id}`, { pools: [ownPool] }, inCluster);
  new Prometheus(
    `prometheus-${id}`,
    { retentionDays: 7, storageGiB: 20, scrapeIntervalSeconds: 15, grafana: true },
    inCluster,
  );
  new GpuMetrics(`dcgm-${id}`, { namespace: "monitoring", scrapeIntervalSeconds: 15 }, inCluster);
  new PrometheusAdapter(
    `adapter-${id}`,
    { namespace: "monitoring", prometheusUrl: "http://prometheus.monitoring.svc:9090", rules: [] },
    inCluster,
  );
  new LoadBalancerController(
    `controller-${id}`,
    { clusterName: cluster.name, region, vpcId: "vpc-1" },
    inCluster,
  );
}

/** Runs a program without a Pulumi project's configuration, on a simulated account. */
async function ran(program: () => void): Promise<Recording> {
  const backend = new PlanBackend(new SimulatedAws({ region: "us-east-1" }));
  const context = { project: "somebody-elses", stack: "test", config: {} };
  const { monitor } = await evaluate(backend, context, program);
  return new Recording(monitor);
}

/** What an object is called in its cluster: two of the same name would fight over one object. */
function objectsOf(resources: RecordedResource[]): string[] {
  return resources
    .filter((resource) => resource.type.startsWith("kubernetes:"))
    .map(({ type, provider, inputs }) => {
      const { name, namespace } = (inputs.metadata ?? inputs) as Properties;
      return [provider, type, namespace, name].join(" ");
    });
}

describe("two instances of each component in one program", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await ran(() => {
      const one = new Provider("one", { context: "one" });
      const two = new Provider("two", { context: "two" });
      singletons("a", "us-east-1", one, several("a", "us-east-1", one));
      singletons("b", "us-east-1", two, several("b", "us-east-1", one));
    });
  });

  it("have resources of their own", () => {
    expect(recording.duplicates).toEqual([]);
  });

  it("have objects of their own in the cluster", () => {
    const objects = objectsOf(recording.resources);
    expect(objects.filter((object, index) => objects.indexOf(object) !== index)).toEqual([]);
    expect(objects.length).toBeGreaterThan(40);
  });

  it("ask for nothing that a Pulumi project would have to configure, and use the provider that they were given", () => {
    const unprovided = recording.resources.filter(
      (resource) => resource.type.startsWith("kubernetes:") && resource.custom && !resource.provider,
    );
    expect(unprovided.map((resource) => resource.urn)).toEqual([]);
  });
});

describe("nodes that somebody else made", () => {
  it("get the device plugin by their own labels and taint", async () => {
    const recording = await record(() => {
      new NvidiaDevicePlugin("plugin", { pools: [ownPool] });
    });
    const { values } = recording.one("kubernetes:helm.sh/v3:Release").inputs as Properties & {
      values: Properties;
    };
    expect(JSON.stringify(values.affinity)).toContain(
      '{"key":"karpenter.sh/nodepool","operator":"In","values":["gpu"]}',
    );
    expect(values.tolerations).toEqual([{ key: "example.com/gpu", operator: "Exists", effect: "NoExecute" }]);
  });
});

describe("an adapter that is already there", () => {
  const services = [chat("chat", "llm")];
  const rules = adapterRules(services, 60);

  it("needs nothing when it has the rules", () => {
    expect(requiredAdapterRules(services, rules)).toEqual({
      add: [],
      replace: [],
      yaml: "# The adapter has every rule that is needed.\n",
    });
  });

  it("is told which rules to add, and which of its own compute another number", () => {
    const other: AdapterRule = { ...(rules[0] as AdapterRule), metricsQuery: "sum(up)" };
    const { add, replace, yaml } = requiredAdapterRules(services, [other]);
    expect(replace).toEqual([rules[0]]);
    expect(add).toEqual(rules.slice(1));
    expect(yaml).toContain("In place of the rule that offers inference_queue_depth now.");
  });
});
