import { findInstanceType } from "../../../../components/gpu/instances";
import type { GpuPool } from "../../../../components/gpu/pool";
import { allocatableToPods } from "../../../../components/gpu/reservations";
import type { NodePool, PlannedResource } from "./types";

/** Kubernetes' spelling of EKS' taint effects. */
const effects: Record<string, string> = {
  NO_SCHEDULE: "NoSchedule",
  NO_EXECUTE: "NoExecute",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
};

/** The node group's arguments that a plan reads. */
export interface NodeGroupInputs {
  instanceTypes?: string[];
  capacityType?: string;
  scalingConfig?: { minSize?: number; maxSize?: number };
  labels?: Record<string, string>;
  taints?: { key: string; value?: string; effect: string }[];
  diskSize?: number;
  subnetIds?: string[];
}

/** The node groups among the resources. */
export function nodeGroupsOf(resources: PlannedResource[]): PlannedResource[] {
  return resources.filter((resource) => resource.type === "aws:eks/nodeGroup:NodeGroup");
}

/** The pool contracts that the stack exports, at any place of its outputs. */
export function gpuPoolsOf(outputs: unknown): GpuPool[] {
  if (isGpuPool(outputs)) return [outputs];
  return typeof outputs === "object" && outputs !== null ? Object.values(outputs).flatMap(gpuPoolsOf) : [];
}

function isGpuPool(value: unknown): value is GpuPool {
  const pool = value as Partial<GpuPool> | null | undefined;
  return (
    typeof pool === "object" &&
    pool !== null &&
    typeof pool.resourceName === "string" &&
    typeof pool.gpusPerNode === "number" &&
    typeof pool.nodeLabels === "object" &&
    typeof pool.taint === "object"
  );
}

/** Nodes as pods see them: one pool per node group, with the capacity of the contract where there is one. */
export function nodePools(resources: PlannedResource[], gpuPools: GpuPool[]): NodePool[] {
  return nodeGroupsOf(resources).map((group) => {
    const inputs = group.inputs as NodeGroupInputs;
    const types = inputs.instanceTypes ?? [];
    const contract = gpuPools.find((pool) => isSubset(pool.nodeLabels, inputs.labels ?? {}));
    const pool: NodePool = {
      name: contract?.name ?? group.name,
      instanceTypes: types,
      nodes: { floor: inputs.scalingConfig?.minSize ?? 1, ceiling: inputs.scalingConfig?.maxSize ?? 1 },
      labels: { "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", ...inputs.labels },
      taints: (inputs.taints ?? []).map(
        (taint) => `${taint.key}=${taint.value ?? ""}:${effects[taint.effect] ?? taint.effect}`,
      ),
      spot: inputs.capacityType === "SPOT",
      zones: new Set(inputs.subnetIds).size,
    };
    const instance = findInstanceType(types[0] ?? "");
    if (contract) {
      pool.allocatable = {
        cpuMillis: contract.allocatableCpuMillis,
        memoryMiB: contract.allocatableMemoryMiB,
        extended: { [contract.resourceName]: contract.gpusPerNode },
      };
    } else if (instance) {
      const gpus: Record<string, number> = instance.gpus ? { "nvidia.com/gpu": instance.gpus.count } : {};
      pool.allocatable = { ...allocatableToPods(instance), extended: gpus };
    }
    return pool;
  });
}

function isSubset(part: Record<string, string>, whole: Record<string, string>): boolean {
  const entries = Object.entries(part);
  return entries.length > 0 && entries.every(([key, value]) => whole[key] === value);
}
