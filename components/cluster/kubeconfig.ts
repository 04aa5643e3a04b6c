import type { ClusterCredentialsArgs } from "./credentials";

/** How a cluster is reached. */
export interface ClusterAddress {
  /** Name of the EKS cluster. */
  clusterName: string;
  region: string;
  /** `https://` address of the Kubernetes API. */
  endpoint: string;
  /** Certificate of the authority that signed the API's certificate, PEM in base64. */
  certificateAuthority: string;
  /** Whose token opens it. @default the environment's */
  credentials?: ClusterCredentialsArgs;
}

/**
 * A kubeconfig as JSON, which is YAML too. It has no credentials: `aws eks get-token` makes a short-lived token for
 * whoever uses it. Keys are always in the same order, so that the same cluster gives the same text.
 */
export function kubeconfigJson(cluster: ClusterAddress): string {
  const { clusterName: name, region, endpoint, certificateAuthority, credentials = {} } = cluster;
  const { profile, roleArn } = credentials;
  // A profile that is named here counts more than keys in the environment, as in the AWS provider.
  const identity = [...(profile ? ["--profile", profile] : []), ...(roleArn ? ["--role-arn", roleArn] : [])];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: endpoint, "certificate-authority-data": certificateAuthority } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: [
              "eks",
              "get-token",
              "--cluster-name",
              name,
              "--region",
              region,
              "--output",
              "json",
              ...identity,
            ],
            interactiveMode: "Never",
          },
        },
      },
    ],
  });
}
