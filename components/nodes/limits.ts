import type { Bounds } from "../common/bounds";

/** Highest number of nodes of a managed node group. Source: Amazon EKS endpoints and quotas, default (November 2026). */
export const mostNodes = 450;

/** Largest gp3 volume that this project plans with, GiB. Source: Amazon EBS User Guide, gp3 before September 2025. */
export const largestVolumeGiB = 16_384;

/** Root volume of a system node, GiB. */
export const systemDiskGiB: Bounds = { least: 20, most: largestVolumeGiB, why: "the image alone takes 20" };
