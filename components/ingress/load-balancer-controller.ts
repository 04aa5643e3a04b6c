import { Release } from "@pulumi/kubernetes/helm/v3";
import * as pulumi from "@pulumi/pulumi";
import { PodIdentity } from "../cluster/pod-identity";
import { chartSource, charts } from "../common/charts";
import { after } from "../common/outputs";
import { controllerPolicy } from "./controller-policy";

/** Arguments of `LoadBalancerController`. */
export interface LoadBalancerControllerArgs {
  /** Name of the EKS cluster; the controller tags all it makes with it. */
  clusterName: pulumi.Input<string>;
  /** Region of the cluster, such as `eu-west-1`. */
  region: string;
  /** VPC of the cluster. Needed: pods cannot ask the instance's metadata for it when the hop limit is 1. */
  vpcId: pulumi.Input<string>;
  /** Folder or repository of charts to use in place of the publisher's. @default the publisher's repository */
  chartMirror?: string;
  /** ARN of the policy that bounds what the controller's role may be given. @default none */
  permissionsBoundaryArn?: string;
}

const namespace = "kube-system";
const serviceAccount = "aws-load-balancer-controller";

/**
 * The AWS Load Balancer Controller: makes load balancers from Ingresses. One per cluster.
 *
 * Whatever makes an Ingress must depend on this component. On the way up the controller's webhook must answer before the
 * first Ingress; on the way down the controller, with its IAM role, must outlive the last one: it deletes the load
 * balancer and its security groups, which otherwise stay and block the deletion of the VPC.
 *
 * @example
 * ```ts
 * new LoadBalancerController(
 *   "load-balancer-controller",
 *   { clusterName: cluster.name, region: "us-east-1", vpcId: network.vpcId },
 *   { provider },
 * );
 * ```
 */
export class LoadBalancerController extends pulumi.ComponentResource {
  /** Name of the Helm release, known once the controller answers. */
  readonly releaseName: pulumi.Output<string>;

  constructor(name: string, args: LoadBalancerControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:LoadBalancerController", name, {}, opts);

    const policy = pulumi
      .all([args.clusterName, args.vpcId])
      .apply(([clusterName, vpcId]) =>
        JSON.stringify(controllerPolicy({ clusterName, region: args.region, vpcId })),
      );
    const identity = new PodIdentity(
      `${name}-identity`,
      {
        clusterName: args.clusterName,
        namespace,
        serviceAccount,
        policy,
        permissionsBoundaryArn: args.permissionsBoundaryArn,
      },
      { parent: this },
    );

    const release = new Release(
      `${name}-release`,
      {
        ...chartSource(charts.awsLoadBalancerController, args.chartMirror),
        name: "aws-load-balancer-controller",
        namespace,
        values: controllerValues(args),
        // A node for it may have to start first.
        timeout: 900,
      },
      // Pods get credentials only when they start; and the role must outlive the controller, which cleans up with it.
      { parent: this, dependsOn: [identity] },
    );
    this.releaseName = after("aws-load-balancer-controller", [release.status]);
    this.registerOutputs({ releaseName: this.releaseName });
  }
}

function controllerValues({ clusterName, region, vpcId }: LoadBalancerControllerArgs) {
  return {
    clusterName,
    region,
    vpcId,
    serviceAccount: { create: true, name: serviceAccount },
    replicaCount: 2,
    podDisruptionBudget: { maxUnavailable: 1 },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "app.kubernetes.io/name": "aws-load-balancer-controller" } },
      },
    ],
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    // Pods are targets themselves: no second hop through a node, and the load balancer knows each one's health.
    defaultTargetType: "ip",
    // It would be asked about every Service of the cluster, and refuse all of them while no controller runs.
    enableServiceMutatorWebhook: false,
    // Without it every upgrade makes a new certificate, and the webhook fails until all pods have restarted.
    keepTLSSecret: true,
    // The class is InferenceIngress's, with our policy in its parameters.
    createIngressClassResource: false,
    // An Ingress in any namespace could otherwise add rules to our load balancer by naming its group.
    disableIngressClassAnnotation: true,
    disableIngressGroupNameAnnotation: true,
    // Not used, and not allowed to the controller's role.
    enableShield: false,
    enableWaf: false,
    enableWafv2: false,
  };
}
