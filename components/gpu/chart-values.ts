import { devicePluginConfig, gpuPresentLabel, gpuResource } from "./names";
import { type GpuPool, poolNodeSelector, poolToleration } from "./pool";
import { type DaemonSetRequest, daemonSetRequests } from "./reservations";

/** Tolerates the GPU taint whatever its value, and nothing else. */
const gpuToleration = { key: gpuResource, operator: "Exists", effect: "NoSchedule" };

/** Values of the device plugin's chart for these pools. */
export function devicePluginValues(pools: GpuPool[]): Record<string, unknown> {
  return {
    // The chart's own affinity takes any node that Node Feature Discovery found a GPU on; ours takes the pools' nodes.
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: pools.map(nodesOf) },
      },
    },
    tolerations: unique(pools.map(poolToleration)),
    resources: resources(daemonSetRequests.devicePlugin, { memory: "256Mi" }),
    // Node labels come from the node group; discovery would need its own privileged daemon set.
    gfd: { enabled: false },
    nfd: { enabled: false },
    ...sharing(pools),
  };
}

/** The nodes of a pool, whoever made them. */
function nodesOf(pool: GpuPool) {
  const labels = Object.entries(poolNodeSelector(pool));
  return { matchExpressions: labels.map(([key, value]) => ({ key, operator: "In", values: [value] })) };
}

function unique<T>(items: T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/**
 * Time-slicing. Each node picks a configuration by the label that its pool gave it. Renamed shares keep a pod that
 * wants a whole GPU from landing on a part of one; more than one share is refused, because it is not more GPU.
 */
function sharing(pools: GpuPool[]): Record<string, unknown> {
  const shares = [...new Set(pools.flatMap((pool) => pool.sharesPerGpu ?? []))].sort((a, b) => a - b);
  if (shares.length === 0) return {};
  const configs = shares.map((replicas) => [devicePluginConfig(replicas), sharedConfig(replicas)]);
  return {
    config: {
      map: { ...Object.fromEntries(configs), [devicePluginConfig()]: config({ version: "v1" }) },
      default: devicePluginConfig(),
    },
    // With a configuration map the chart cannot tell that these hold, and adds SYS_ADMIN to be safe.
    migStrategy: "none",
    deviceListStrategy: "envvar",
  };
}

function sharedConfig(replicas: number): string {
  return config({
    version: "v1",
    sharing: {
      timeSlicing: {
        renameByDefault: true,
        failRequestsGreaterThanOne: true,
        resources: [{ name: gpuResource, replicas }],
      },
    },
  });
}

/** The plugin reads YAML, and JSON is valid YAML. */
function config(content: Record<string, unknown>): string {
  return JSON.stringify(content, null, 2);
}

/** Values of the DCGM exporter's chart. */
export function gpuMetricsValues(
  scrapeIntervalSeconds: number,
  nodeLabels: Record<string, string> = { [gpuPresentLabel]: "true" },
): Record<string, unknown> {
  return {
    nodeSelector: nodeLabels,
    tolerations: [gpuToleration],
    // The chart's limit of 200m makes scrapes of nodes with 8 GPUs time out.
    resources: resources(daemonSetRequests.dcgmExporter, { cpu: "1", memory: "512Mi" }),
    serviceMonitor: {
      enabled: true,
      interval: `${scrapeIntervalSeconds}s`,
      scrapeTimeout: `${Math.min(10, scrapeIntervalSeconds)}s`,
      // The exporter says which pod holds a GPU in `pod`, `namespace` and `container`, which Prometheus sets for the
      // exporter itself. Without its own they are the workload's, and absent where nothing holds the GPU.
      relabelings: [
        { sourceLabels: ["__meta_kubernetes_pod_node_name"], targetLabel: "node" },
        { action: "labeldrop", regex: "pod|namespace|container" },
      ],
    },
  };
}

/** Requests from the table that the pool contract subtracts, and limits. */
function resources({ cpuMillis, memoryMiB }: DaemonSetRequest, limits: Record<string, string>) {
  return { requests: { cpu: `${cpuMillis}m`, memory: `${memoryMiB}Mi` }, limits };
}
