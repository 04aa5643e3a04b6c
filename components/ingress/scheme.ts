/** From where a load balancer can be reached. */
export const LoadBalancerScheme = {
  /** From the VPC and networks connected to it. */
  Internal: "internal",
  /** From the internet. */
  InternetFacing: "internet-facing",
} as const;
export type LoadBalancerScheme = (typeof LoadBalancerScheme)[keyof typeof LoadBalancerScheme];
