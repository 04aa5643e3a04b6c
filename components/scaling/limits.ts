import type { Bounds } from "../common/bounds";

/** Replicas of what an autoscaler scales. */
export const replicaCount: Bounds = {
  least: 1,
  most: 1000,
  why: "from 0 replicas nothing would measure a need",
};
