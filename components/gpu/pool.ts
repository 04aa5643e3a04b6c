/** A Kubernetes taint in the API's spelling. */
export interface NodeTaint {
  key: string;
  value: string;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
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
