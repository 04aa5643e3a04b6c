import { refuseArguments } from "../common/refuse";
import { type InstanceType, instanceType } from "./instances";
import {
  acceleratorLabel,
  devicePluginConfig,
  devicePluginConfigLabel,
  gpuPresentLabel,
  gpuResource,
  poolLabel,
  sharedGpuResource,
} from "./names";
import { poolCapacity } from "./packing";
import { CapacityType, type GpuPoolArgs } from "./pool-args";
import { poolProblems } from "./pool-checks";
import { allocatableToPods } from "./reservations";

export * from "./names";
export {
  isShared,
  type PodDemand,
  type PoolDemand,
  podFitsNode,
  poolCapacity,
  poolDemandProblems,
  type RolloutStrategy,
  rolloutStrategy,
} from "./packing";
export { CapacityType, type GpuPoolArgs } from "./pool-args";
export { poolProblems } from "./pool-checks";

/** A Kubernetes taint in the API's spelling. */
export interface NodeTaint {
  /** Key: `nvidia.com/gpu`. */
  key: string;
  /** Value. */
  value: string;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  effect: string;
}

/** A Kubernetes toleration of every value of a taint. */
export interface PoolToleration {
  key: string;
  /** Always `Exists`: sources spell the value of the GPU taint differently (`true`, `present`). */
  operator: string;
  effect: string;
}

/**
 * What everything that must land on a GPU node knows about the nodes: the contract between the node group and
 * its users. Plain data, so that it can also be written by hand for nodes that this project did not create.
 */
export interface GpuPool {
  /** Name of the pool, unique in the cluster; the value of the label `inference-platform/pool`. */
  name: string;
  /** Instance types of the group, all of the same shape. The first one is what prices are taken from. */
  instanceTypes: string[];
  /** True when the nodes are spot instances. */
  spot: boolean;
  /** Labels of every node; together they select the pool. */
  nodeLabels: Record<string, string>;
  /** The taint that keeps other pods away. */
  taint: NodeTaint;
  /** Extended resource that a pod asks for: `nvidia.com/gpu`, or `nvidia.com/gpu.shared` under time-slicing. */
  resourceName: string;
  /** Units of `resourceName` on one node: physical GPUs, times the slices under time-slicing. */
  gpusPerNode: number;
  /** Pods that share one physical GPU under time-slicing. @default whole GPUs */
  sharesPerGpu?: number;
  /** Memory of one physical GPU, MiB. */
  gpuMemoryMiB: number;
  /** CPU that pods can ask for on one node after kubelet reservations and daemon sets, thousandths of a core. */
  allocatableCpuMillis: number;
  /** Memory that pods can ask for on one node after kubelet reservations and daemon sets, MiB. */
  allocatableMemoryMiB: number;
  /** Local NVMe of one node, GB; 0 when it has none. */
  localStorageGB: number;
  /** Lowest number of nodes. */
  minNodes: number;
  /** Highest number of nodes. */
  maxNodes: number;
}

/**
 * The contract of a pool of GPU nodes.
 *
 * @throws RunError that lists every problem of the arguments (see `poolProblems`).
 *
 * @example
 * ```ts
 * gpuPool({ name: "l4", instanceTypes: ["g6.xlarge"], maxNodes: 3 }); // → { gpusPerNode: 1, gpuMemoryMiB: 22888, minNodes: 0 }
 * ```
 */
export function gpuPool(args: GpuPoolArgs): GpuPool {
  refuseArguments("gpuPool", poolProblems(args));
  const types = args.instanceTypes.map(instanceType);
  const first = types[0] as InstanceType & Required<Pick<InstanceType, "gpus">>;
  const allocatable = types.map(allocatableToPods);
  const shares = args.timeSlicingReplicas;
  return {
    name: args.name,
    instanceTypes: [...args.instanceTypes],
    spot: args.capacityType === CapacityType.Spot,
    nodeLabels: {
      [poolLabel]: args.name,
      [gpuPresentLabel]: "true",
      ...(shares ? { [devicePluginConfigLabel]: devicePluginConfig(shares) } : {}),
      // Cluster Autoscaler counts a labelled node as unready for as long as it offers no `nvidia.com/gpu`
      // (kubernetes/autoscaler#8095). Nodes with renamed shares never do, so they go without the label.
      ...(shares ? {} : { [acceleratorLabel]: first.gpus.accelerator }),
    },
    taint: { key: gpuResource, value: "true", effect: "NoSchedule" },
    resourceName: shares ? sharedGpuResource : gpuResource,
    gpusPerNode: first.gpus.count * (shares ?? 1),
    ...(shares ? { sharesPerGpu: shares } : {}),
    gpuMemoryMiB: first.gpus.memoryMiB,
    allocatableCpuMillis: Math.min(...allocatable.map((node) => node.cpuMillis)),
    allocatableMemoryMiB: Math.min(...allocatable.map((node) => node.memoryMiB)),
    localStorageGB: Math.min(...types.map((type) => type.localNvmeGB)),
    minNodes: args.minNodes ?? 0,
    maxNodes: args.maxNodes,
  };
}

/** Node selector of pods that belong on the pool. */
export function poolNodeSelector(pool: GpuPool): Record<string, string> {
  return { ...pool.nodeLabels };
}

/** Toleration of the pool's taint, whatever its value. */
export function poolToleration(pool: GpuPool): PoolToleration {
  return { key: pool.taint.key, operator: "Exists", effect: pool.taint.effect };
}

/**
 * Hard limits of a ResourceQuota that covers the pool at its maximum. Only `requests.` is enforced on extended
 * resources: the API accepts `limits.nvidia.com/gpu` and ignores it.
 *
 * @example
 * ```ts
 * poolQuota(pool); // → { "requests.nvidia.com/gpu": "3" }
 * ```
 */
export function poolQuota(pool: GpuPool): Record<string, string> {
  return { [`requests.${pool.resourceName}`]: String(poolCapacity(pool)) };
}

/**
 * Tags of the auto scaling group from which Cluster Autoscaler learns what a node of the pool will be like while
 * none exists, and after the last one is gone.
 *
 * @param diskGiB Root volume of a node; what pods can ask for as `ephemeral-storage` when there is no local NVMe.
 */
export function poolAsgTags(pool: GpuPool, diskGiB: number): Record<string, string> {
  const template = "k8s.io/cluster-autoscaler/node-template";
  const labels = Object.entries(pool.nodeLabels).map(([key, value]) => [`${template}/label/${key}`, value]);
  return Object.fromEntries([
    ...labels,
    [`${template}/taint/${pool.taint.key}`, `${pool.taint.value}:${pool.taint.effect}`],
    [`${template}/resources/${pool.resourceName}`, String(pool.gpusPerNode)],
    [`${template}/resources/ephemeral-storage`, `${ephemeralStorageGiB(pool, diskGiB)}Gi`],
  ]);
}

/** What pods can ask for as `ephemeral-storage` on one node, GiB: kubelet keeps 10 % and 1 GiB of the disk it lives on. */
export function ephemeralStorageGiB(pool: GpuPool, diskGiB: number): number {
  const nodefsGiB = pool.localStorageGB > 0 ? (pool.localStorageGB * 1e9) / 2 ** 30 : diskGiB;
  return Math.floor(nodefsGiB * 0.9 - 1);
}
