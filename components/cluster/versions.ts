/** What runs on a cluster of one Kubernetes minor version, each at the version it is tested with. */
export interface ClusterVersions {
  /** EKS add-on versions by add-on name. */
  addons: Record<string, string>;
  /** Image tag of the Cluster Autoscaler: its minor version must be the cluster's. */
  clusterAutoscaler: string;
}

/**
 * Every Kubernetes version that can be chosen. Pinned: looking up the newest add-on would change clusters every few
 * days without a change of the program. To see what AWS offers now:
 * `aws eks describe-addon-versions --kubernetes-version 1.35`.
 *
 * Sources for 1.35, none of them AWS's own answer for your account (check before the first `up`):
 * - vpc-cni, coredns, kube-proxy, eks-pod-identity-agent: the default versions that `describe-addon-versions` gave for
 *   1.35 on 2026-10-02, as written down in the decision record 0001 of a public EKS GitOps repository;
 * - aws-ebs-csi-driver: pinned with kube-proxy 1.35.3 in several public repositories, August and September 2026;
 * - metrics-server: pinned with Kubernetes 1.35 in public stack files, August 2026;
 * - eks-node-monitoring-agent: reported as working on a 1.35 cluster in a public repository, summer 2026;
 * - cluster-autoscaler: kubernetes/autoscaler, release 1.35.2.
 */
export const kubernetesVersions: Record<string, ClusterVersions> = {
  "1.35": {
    addons: {
      "aws-ebs-csi-driver": "v1.64.0-eksbuild.1",
      coredns: "v1.13.2-eksbuild.31",
      "eks-node-monitoring-agent": "v1.6.6-eksbuild.1",
      "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
      "kube-proxy": "v1.35.3-eksbuild.29",
      "metrics-server": "v0.9.0-eksbuild.6",
      "vpc-cni": "v1.22.4-eksbuild.3",
    },
    clusterAutoscaler: "v1.35.2",
  },
};
