import type { Bounds } from "../common/bounds";
import type { TextRule } from "../common/text";
import { largestVolumeGiB, mostNodes } from "../nodes/limits";

/** Lowest number of nodes of a pool; 0 lets it scale to zero. */
export const leastPoolNodes: Bounds = { least: 0, most: mostNodes };

/** Highest number of nodes of a pool. */
export const mostPoolNodes: Bounds = { least: 1, most: mostNodes };

/** Root volume of a GPU node, GiB. */
export const gpuDiskGiB: Bounds = {
  least: 100,
  most: largestVolumeGiB,
  why: "two versions of an engine's image must fit",
};

/** Root volume of a GPU node unless its arguments say otherwise, GiB. */
export const defaultGpuDiskGiB = 200;

/** Pods that share a GPU. Source: EKS User Guide, time-slicing of NVIDIA GPUs. */
export const timeSlices: Bounds = { least: 2, most: 8, why: "leave it out for whole GPUs" };

/** Name of a pool: a Kubernetes label value, part of names in AWS. */
export const poolNameRule: TextRule = {
  pattern: /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
  must: "must be 1 to 40 lower-case letters, digits and dashes, starting with a letter",
};
