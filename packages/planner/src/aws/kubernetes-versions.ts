/** Kubernetes versions that EKS offers, newest last. Source: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (November 2026) */
export const clusterVersions = ["1.31", "1.32", "1.33", "1.34", "1.35", "1.36"];

/** The number behind the dot: 35. */
export const minorOf = (version: string): number => Number(version.split(".")[1]);
