import type { Problem } from "../common/problem";
import { findInstanceType, type InstanceType, instanceType, unknownInstanceType } from "./instances";
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

/** How EC2 sells the nodes. The values are those of the EKS API. */
export const CapacityType = {
  /** At a fixed price, until they are stopped. */
  OnDemand: "ON_DEMAND",
  /** Cheaper, taken back with two minutes of notice. */
  Spot: "SPOT",
} as const;
export type CapacityType = (typeof CapacityType)[keyof typeof CapacityType];

/** What a pool is made from. */
export interface GpuPoolArgs {
  /** Name of the pool, unique in the cluster: a Kubernetes label value, 1 to 40 lower-case letters, digits and dashes. */
  name: string;
  /**
   * Instance types of the catalog, all with the same number of GPUs, GPU memory, vCPUs and memory. Several help spot
   * to find capacity; the first one gives the accelerator label and the price.
   */
  instanceTypes: string[];
  /** On-demand or spot. @default on-demand */
  capacityType?: CapacityType;
  /** Lowest number of nodes, 0 or more; 0 lets the pool scale to zero. @default 0 */
  minNodes?: number;
  /** Highest number of nodes, at least 1 and at least `minNodes`. */
  maxNodes: number;
  /** Pods that share one GPU, 2 to 8, without memory isolation. @default no sharing */
  timeSlicingReplicas?: number;
}

/** Everything wrong with the arguments of a pool. */
export function poolProblems(args: GpuPoolArgs): Problem[] {
  return [
    ...nameProblems(args.name),
    ...instanceProblems(args.instanceTypes),
    ...(args.capacityType === undefined ? [] : capacityTypeProblems(args.capacityType)),
    ...nodeCountProblems(args),
    ...sharingProblems(args.timeSlicingReplicas),
  ];
}

/**
 * The contract of a pool of GPU nodes.
 *
 * @throws Error that lists every problem of the arguments (see `poolProblems`).
 *
 * @example
 * ```ts
 * gpuPool({ name: "l4", instanceTypes: ["g6.xlarge"], maxNodes: 3 }); // → { gpusPerNode: 1, gpuMemoryMiB: 22888, minNodes: 0 }
 * ```
 */
export function gpuPool(args: GpuPoolArgs): GpuPool {
  const problems = poolProblems(args);
  if (problems.length > 0)
    throw new Error(
      problems.map(({ path, message, fix }) => `${path} ${message}.${fix ? ` ${fix}` : ""}`).join("\n"),
    );
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

function nameProblems(name: string): Problem[] {
  if (/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) return [];
  const message = "must be 1 to 40 lower-case letters, digits and dashes, starting with a letter";
  return [{ path: "name", value: name, message }];
}

function instanceProblems(names: string[]): Problem[] {
  if (names.length === 0)
    return [{ path: "instanceTypes", value: names, message: "must name at least one GPU instance type" }];
  const problems = names.flatMap((name, index): Problem[] => {
    const found = findInstanceType(name);
    const path = `instanceTypes[${index}]`;
    if (!found) return [{ path, value: name, message: unknownInstanceType(name) }];
    if (!found.gpus) return [{ path, value: name, message: "must have a GPU", fix: "Take a g or p type." }];
    return [];
  });
  if (problems.length > 0) return problems;
  const shapes = names.map((name) => shapeOf(instanceType(name)));
  if (new Set(shapes).size === 1) return [];
  const listed = names.map((name, index) => `${name} (${shapes[index]})`).join(", ");
  const message = `must all have the same number of GPUs, GPU memory, vCPUs and memory, but are ${listed}`;
  return [{ path: "instanceTypes", value: names, message, fix: "Make a pool per shape." }];
}

// The model may differ (an A10G and an L4 have the same memory): what pods ask for is the same on either.
function shapeOf({ gpus, vcpus, memoryGiB }: InstanceType): string {
  return `${gpus?.count} × ${gpus?.memoryMiB} MiB, ${vcpus} vCPU, ${memoryGiB} GiB`;
}

function capacityTypeProblems(value: string): Problem[] {
  const known: string[] = Object.values(CapacityType);
  if (known.includes(value)) return [];
  return [{ path: "capacityType", value, message: `must be one of ${known.join(", ")}` }];
}

function nodeCountProblems({ minNodes = 0, maxNodes }: GpuPoolArgs): Problem[] {
  const problems: Problem[] = [];
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (!whole(minNodes, 0))
    problems.push({ path: "minNodes", value: minNodes, message: "must be a whole number ≥ 0" });
  if (!whole(maxNodes, 1))
    problems.push({ path: "maxNodes", value: maxNodes, message: "must be a whole number ≥ 1" });
  if (problems.length === 0 && minNodes > maxNodes)
    problems.push({ path: "minNodes", value: minNodes, message: `must be at most maxNodes (${maxNodes})` });
  return problems;
}

function sharingProblems(replicas: number | undefined): Problem[] {
  if (replicas === undefined || (Number.isInteger(replicas) && replicas >= 2 && replicas <= 8)) return [];
  const message = "must be a whole number from 2 to 8 (AWS' range for time-slicing)";
  return [{ path: "timeSlicingReplicas", value: replicas, message, fix: "Leave it out for whole GPUs." }];
}
