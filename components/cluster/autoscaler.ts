import { Release } from "@pulumi/kubernetes/helm/v3";
import type { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import { chartSource, charts } from "../common/charts";
import { partitionOf } from "../common/partition";
import { PodIdentity } from "./pod-identity";

/** The cluster whose node groups are scaled. */
export interface AutoscalerTarget {
  /** Prefix of the resources' names. */
  name: string;
  clusterName: string;
  /** The cluster's name, known once it exists. */
  cluster: pulumi.Output<string>;
  region: string;
  /** Image tag of the minor version of the cluster. */
  imageTag: string;
  /** How long a pod may take to leave, seconds. */
  longestGraceSeconds: number;
  /** See `chartSource`. @default the publisher's repository */
  chartMirror?: string;
  /** ARN of the permissions boundary of its role. @default none */
  permissionsBoundaryArn?: string;
  provider: Provider;
  parent: pulumi.Resource;
}

const namespace = "kube-system";
const serviceAccount = "cluster-autoscaler";

/** Adds nodes for pods that do not fit, and removes nodes that are not needed. */
export function createAutoscaler(target: AutoscalerTarget): Release {
  const { name, clusterName, region, parent, provider } = target;
  const identity = new PodIdentity(
    `${name}-autoscaler`,
    {
      clusterName: target.cluster,
      namespace,
      serviceAccount,
      policy: autoscalerPolicy(clusterName, region),
      permissionsBoundaryArn: target.permissionsBoundaryArn,
    },
    { parent },
  );
  return new Release(
    `${name}-autoscaler`,
    {
      ...chartSource(charts.clusterAutoscaler, target.chartMirror),
      name: "cluster-autoscaler",
      namespace,
      timeout: 600,
      values: autoscalerValues(target),
    },
    {
      parent,
      provider,
      dependsOn: identity.association, // Its pods get credentials only when the association is there first.
    },
  );
}

/** Values of the chart `cluster-autoscaler`. Node groups are found by the tags that EKS gives them. */
export function autoscalerValues({
  clusterName,
  region,
  imageTag,
  longestGraceSeconds,
}: Pick<AutoscalerTarget, "clusterName" | "region" | "imageTag" | "longestGraceSeconds">): Record<
  string,
  unknown
> {
  return {
    fullnameOverride: "cluster-autoscaler",
    autoDiscovery: { clusterName },
    awsRegion: region,
    image: { tag: imageTag },
    rbac: { serviceAccount: { name: serviceAccount } },
    extraArgs: {
      // Of the groups that fit, the one that leaves least idle; the default picks at random.
      expander: "least-waste",
      // A GPU node seen before its device plugin counts as a node without GPUs, and is remembered so for ten years:
      // the group then scales from zero once and never again (kubernetes/autoscaler#8799).
      "node-info-cache-expire-time": "5m",
      // Every inference pod has an emptyDir, for shared memory; the default would keep its node for ever.
      "skip-nodes-with-local-storage": false,
      // It shortens longer graces to this, and requests with them (kubernetes/autoscaler#147).
      "max-graceful-termination-sec": longestGraceSeconds,
      // System pods without a disruption budget would keep a node too; theirs may move.
      "skip-nodes-with-system-pods": false,
    },
    resources: { requests: { cpu: "100m", memory: "600Mi" }, limits: { memory: "600Mi" } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      runAsGroup: 65534,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

/**
 * What the autoscaler may do: see everything that describes capacity, and change the size of this cluster's groups.
 * Source: kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md.
 */
export function autoscalerPolicy(clusterName: string, region: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: [
          "autoscaling:DescribeAutoScalingGroups",
          "autoscaling:DescribeAutoScalingInstances",
          "autoscaling:DescribeLaunchConfigurations",
          "autoscaling:DescribeScalingActivities",
          "ec2:DescribeImages",
          "ec2:DescribeInstanceTypes",
          "ec2:DescribeLaunchTemplateVersions",
          "ec2:GetInstanceTypesFromInstanceRequirements",
        ],
        Resource: "*",
      },
      {
        Effect: "Allow",
        Action: "eks:DescribeNodegroup",
        Resource: `arn:${partitionOf(region)}:eks:${region}:*:nodegroup/${clusterName}/*/*`,
      },
      {
        Effect: "Allow",
        Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
        Resource: "*",
        Condition: {
          StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${clusterName}`]: "owned" },
        },
      },
    ],
  });
}
