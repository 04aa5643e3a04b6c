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
