import * as pulumi from "@pulumi/pulumi";
import {
  adapterRules,
  Cluster,
  clusterTags,
  DeletionProtection,
  GpuMetrics,
  GpuNodeGroup,
  InferenceIngress,
  InferenceMonitoring,
  InferenceSecrets,
  InferenceService,
  LoadBalancerController,
  Network,
  NvidiaDevicePlugin,
  type PlatformOutputs,
  PodSecurityLevel,
  Prometheus,
  PrometheusAdapter,
  platformSchemaVersion,
  poolQuota,
  Redis,
  registerSafeguards,
  type ServiceAddressOutputs,
  WorkloadNamespace,
} from "./components";
import { derive, inferenceNamespace, loadSettings, monitoringNamespace } from "./settings";

const { settings, region, clusterName, credentials, huggingFaceToken } = loadSettings();
const { pool, services, timing, loadBalancerCidrs, longestGraceSeconds, routes } = derive(settings);
const { chartMirror, observability, ingress, permissionsBoundaryArn } = settings;

registerSafeguards({ kubeconfig: () => cluster.kubeconfig });

const network = new Network("network", {
  clusterName,
  region,
  permissionsBoundaryArn,
  ...settings.network,
});
const cluster = new Cluster("cluster", {
  clusterName,
  region,
  subnetIds: network.controlPlaneSubnetIds,
  nodeSubnetIds: network.privateSubnetIds,
  credentials,
  longestGraceSeconds,
  chartMirror,
  permissionsBoundaryArn,
  ...settings.cluster,
});
const inCluster = { provider: cluster.provider };
const adapterName = "prometheus-adapter";

const gpuNodes = new GpuNodeGroup("gpu", {
  clusterName: cluster.name,
  clusterVersion: cluster.version,
  pool,
  nodeRoleArn: cluster.nodeRoleArn,
  subnetIds: network.privateSubnetIds,
  diskGiB: settings.gpu.diskGiB,
});
const devicePlugin = new NvidiaDevicePlugin("device-plugin", { pools: [pool], chartMirror }, inCluster);

const prometheus = new Prometheus(
  "prometheus",
  { ...observability, scrapeIntervalSeconds: timing.scrapeIntervalSeconds, chartMirror },
  inCluster,
);
const gpuMetrics = observability.gpuMetrics
  ? new GpuMetrics(
      "gpu-metrics",
      {
        namespace: prometheus.namespace,
        scrapeIntervalSeconds: timing.scrapeIntervalSeconds,
        chartMirror,
      },
      inCluster,
    )
  : undefined;
const adapter = new PrometheusAdapter(
  adapterName,
  {
    namespace: prometheus.namespace,
    prometheusUrl: prometheus.url,
    rules: adapterRules(services, timing.rateWindowSeconds),
    scrapeIntervalSeconds: timing.scrapeIntervalSeconds,
    relistIntervalSeconds: timing.relistIntervalSeconds,
    chartMirror,
  },
  inCluster,
);

const inference = new WorkloadNamespace(
  "inference",
  {
    name: inferenceNamespace,
    podSecurity: PodSecurityLevel.Restricted,
    gpuQuota: poolQuota(pool),
    readinessGates: ingress.enabled,
  },
  inCluster,
);
const secrets = new InferenceSecrets(
  "inference",
  { namespace: inference.namespaceName, huggingFaceToken },
  inCluster,
);

let redis: Redis | undefined;
if (settings.redis.enabled) {
  const namespace = new WorkloadNamespace(
    "redis",
    { name: "redis", podSecurity: PodSecurityLevel.Restricted },
    inCluster,
  );
  redis = new Redis(
    "redis",
    {
      ...settings.redis,
      namespace: namespace.namespaceName,
      admittedNamespaces: [{ name: inferenceNamespace, ready: inference.namespaceName }],
      metrics: true,
      chartMirror,
    },
    // Its chart makes a ServiceMonitor, whose definition Prometheus brings.
    { ...inCluster, dependsOn: prometheus },
  );
}

const serving: InferenceService[] = [];
const addresses: Record<string, pulumi.Output<ServiceAddressOutputs>> = {};
for (const { name, definition, profile, egress, callers, podIdentity, usesRedis } of services) {
  const service = new InferenceService(
    name,
    {
      ...definition,
      namespace: inference.namespaceName,
      pool,
      loadBalancerCidrs,
      allowServices: callers,
      egress,
      podIdentity,
      apiKeySecret: profile.apiKeyVariable ? secrets.apiKeySecret : undefined,
      huggingFaceTokenSecret: secrets.huggingFaceTokenSecret,
      redisSecretName: usesRedis ? redis?.secretName : undefined,
      metrics: { scrapeIntervalSeconds: timing.scrapeIntervalSeconds },
      prometheusNamespace: monitoringNamespace,
    },
    // Its pods need nodes that offer GPUs, and its chart makes a ServiceMonitor.
    { ...inCluster, dependsOn: [gpuNodes, devicePlugin, prometheus] },
  );
  serving.push(service);
  addresses[name] = service.address;
}

const monitoring = new InferenceMonitoring(
  "inference-monitoring",
  {
    namespace: prometheus.namespace,
    services,
    adapterName,
    dashboard: observability.grafana,
  },
  inCluster,
);

let entrance: InferenceIngress | undefined;
if (ingress.enabled) {
  const controller = new LoadBalancerController(
    "load-balancer-controller",
    { clusterName: cluster.name, region, vpcId: network.vpcId, chartMirror, permissionsBoundaryArn },
    inCluster,
  );
  entrance = new InferenceIngress(
    "ingress",
    {
      ...ingress,
      namespace: inference.namespaceName,
      routes,
      subnetIds: ingress.scheme === "internal" ? network.internalSubnetIds : network.publicSubnetIds,
      deletionProtection: settings.cluster.deletionProtection,
      tags: clusterTags(clusterName),
    },
    // On the way up its webhook must answer first; on the way down it takes the load balancer away.
    { ...inCluster, dependsOn: controller },
  );
}

const parts = [network, cluster, gpuNodes, devicePlugin, prometheus, gpuMetrics, adapter, inference, secrets];
new DeletionProtection(
  "deletion-protection",
  { enabled: settings.cluster.deletionProtection },
  { dependsOn: [...parts, redis, ...serving, monitoring, entrance].filter((part) => part !== undefined) },
);

/** For other stacks, through `readPlatform`; nothing of it is secret. */
export const platform: pulumi.Output<PlatformOutputs> = pulumi.output({
  schemaVersion: platformSchemaVersion,
  clusterName,
  region,
  gpuPool: pool,
  services: pulumi.all(addresses),
  endpoints: entrance?.endpoints ?? pulumi.output<Record<string, string>>({}),
  prometheusUrl: prometheus.url,
  prometheusNamespace: prometheus.namespace,
  ...(redis && { redisSecretName: redis.secretName }),
});
export const kubeconfig = cluster.kubeconfig;
export const apiKey = secrets.apiKey;
