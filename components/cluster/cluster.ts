import { LogGroup } from "@pulumi/aws/cloudwatch";
import * as eks from "@pulumi/aws/eks";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { after } from "../common/outputs";
import { refuse } from "../common/refuse";
import { clusterTags } from "../common/tags";
import { grantAdministration } from "./access";
import { createClusterAddons, createNodeAddons } from "./addons";
import { createAutoscaler } from "./autoscaler";
import type { ClusterCredentialsArgs } from "./credentials";
import { kubeconfigJson } from "./kubeconfig";
import { clusterDefaults } from "./limits";
import { createPrivateAccess } from "./private-access";
import { clusterProblems } from "./problems";
import { createClusterRole, createNodeRole, createSecretsKey } from "./roles";
import { createDefaultStorageClass } from "./storage-class";
import type { SupportType } from "./support-type";
import { createSystemNodes, type SystemNodesArgs, systemNodes } from "./system-nodes";
import { kubernetesVersions } from "./versions";

/** Arguments of `Cluster`. */
export interface ClusterArgs {
  /** Name of the EKS cluster, unique in account and region; 1 to 100 letters, digits, `-`, `_`. Changing it replaces all. */
  clusterName: string;
  /** Region of the cluster: `eu-west-1`. Must be the AWS provider's. */
  region: string;
  /** Kubernetes version: one that `kubernetesVersions` has a row for. @default 1.35 */
  version?: string;
  /** Ids of private subnets in two zones or more, for the control plane's interfaces. */
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Ids of the private subnets of the nodes, given separately when they are known later: a control plane takes 9 minutes
   * and needs no route to the internet, nodes do. @default subnetIds
   */
  nodeSubnetIds?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Blocks of public addresses that may reach the Kubernetes API from the internet: up to 40. Empty: the API answers
   * only nodes and `privateAccessCidrs`, and Pulumi must run there. @default []
   */
  publicAccessCidrs?: string[];
  /**
   * Blocks of addresses that may reach the Kubernetes API inside the VPC and from networks that are connected to it: those
   * of a VPN, of a build machine. Up to 50; nodes and pods reach it anyway. @default []
   */
  privateAccessCidrs?: string[];
  /**
   * ARNs of IAM roles and users that administer the cluster, besides the identity that runs Pulumi. List every role
   * that runs Pulumi, so that each of them sees the same cluster. Sessions and duplicates are refused. @default []
   */
  administrators?: string[];
  /**
   * ARNs of IAM roles and users that read what is in the cluster's namespaces, but for Secrets, and change nothing: the role
   * of previews. Each principal is in one of the three lists only. @default []
   */
  viewers?: string[];
  /**
   * ARNs of IAM roles and users that read everything, Secrets too, and change nothing: the role that looks for drift, since
   * helm keeps its releases in Secrets. @default []
   */
  auditors?: string[];
  /**
   * Refuse to delete the cluster, by Pulumi and by AWS. To delete it: set false, update the stack, then destroy it.
   * @default false
   */
  deletionProtection?: boolean;
  /** What happens at the end of standard support. @default STANDARD */
  supportType?: SupportType;
  /** Days for which the control plane's logs are kept; a number that CloudWatch knows. @default 90 */
  logRetentionDays?: number;
  /**
   * Longest `terminationGracePeriodSeconds` of a pod in the cluster: so long the autoscaler waits for pods before it takes a node
   * away. @default 600, as the autoscaler's own
   */
  longestGraceSeconds?: number;
  /** The nodes for everything that needs no GPU. @default two to four m7i.large */
  systemNodes?: SystemNodesArgs;
  /**
   * Whose token opens the cluster: what the AWS provider was told of profile and role, which `aws eks get-token` does not see.
   * Part of the kubeconfig. @default the environment's credentials
   */
  credentials?: ClusterCredentialsArgs;
  /** Where charts are loaded from; see `chartSource`. @default the publishers' repositories */
  chartMirror?: string;
  /** ARN of the policy that bounds what the roles of the cluster may be given. @default none */
  permissionsBoundaryArn?: string;
}

/** What a cluster keeps for its getters. Not properties: component schemas have no providers and resources. */
interface ClusterParts {
  provider: Provider;
  ready: pulumi.Resource[];
  version: string;
}
const parts = new WeakMap<Cluster, ClusterParts>();

/**
 * An EKS cluster that is ready for workloads: control plane, access, add-ons, system nodes, default storage class and
 * node autoscaler. GPU nodes are added by `GpuNodeGroup`.
 *
 * @example
 * ```ts
 * const cluster = new Cluster("cluster", {
 *   clusterName: "llm",
 *   region: "us-east-1",
 *   subnetIds: network.controlPlaneSubnetIds,
 *   nodeSubnetIds: network.privateSubnetIds,
 *   publicAccessCidrs: ["203.0.113.0/24"],
 * });
 * const inCluster = { provider: cluster.provider };
 * ```
 */
export class Cluster extends pulumi.ComponentResource {
  /** Name of the cluster, known once it exists: for AWS resources that belong to it. */
  readonly name: pulumi.Output<string>;
  /** `https://` address of the Kubernetes API. */
  readonly endpoint: pulumi.Output<string>;
  /** Certificate of the authority that signed the API's certificate, PEM in base64. */
  readonly certificateAuthority: pulumi.Output<string>;
  /** A kubeconfig for `aws eks get-token`, as JSON. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Id of the security group that control plane and nodes share. */
  readonly securityGroupId: pulumi.Output<string>;
  /** ARN of the role for nodes, known once nodes can become ready: node groups that use it come after the add-ons. */
  readonly nodeRoleArn: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:Cluster", name, {}, opts);
    refuse(this, name, clusterProblems(args));
    const { clusterName, region, subnetIds } = args;
    const version = args.version ?? clusterDefaults.version;
    const versions = kubernetesVersions[version];
    if (!versions) throw new Error(`clusterProblems let version ${version} pass`);

    const { permissionsBoundaryArn } = args;
    const roles = { name, clusterName, region, permissionsBoundaryArn, parent: this };
    const controlPlane = createControlPlane(name, { ...args, version }, this);
    const { clusterSecurityGroupId } = controlPlane.vpcConfig;
    const privateAccess = createPrivateAccess(
      name,
      args.privateAccessCidrs ?? [],
      clusterSecurityGroupId,
      this,
    );
    const access = grantAdministration({
      name,
      clusterName: controlPlane.name,
      region,
      administrators: args.administrators ?? [],
      viewers: args.viewers ?? [],
      auditors: args.auditors ?? [],
      parent: this,
    });

    const addons = { ...roles, clusterName: controlPlane.name, versions: versions.addons };
    const nodeAddons = createNodeAddons(addons);
    this.nodeRoleArn = after(
      createNodeRole(roles),
      nodeAddons.map((addon) => addon.arn),
    );
    const nodes = createSystemNodes(
      {
        name,
        clusterName,
        version,
        cluster: controlPlane.name,
        nodeRoleArn: this.nodeRoleArn,
        subnetIds: args.nodeSubnetIds ?? subnetIds,
        parent: this,
      },
      systemNodes(args.systemNodes),
    );
    const ready = [nodes, ...createClusterAddons(addons, nodes)];

    this.name = controlPlane.name;
    this.endpoint = controlPlane.endpoint;
    this.certificateAuthority = controlPlane.certificateAuthority.data;
    this.securityGroupId = clusterSecurityGroupId;
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([controlPlane.endpoint, controlPlane.certificateAuthority.data])
        .apply(([endpoint, certificateAuthority]) =>
          kubeconfigJson({
            clusterName,
            region,
            endpoint,
            certificateAuthority,
            credentials: args.credentials,
          }),
        ),
    );
    const provider = new Provider(
      `${name}-kubernetes`,
      // A plain identifier: whatever changes in the cluster or the kubeconfig, what is in the cluster is not replaced.
      { kubeconfig: this.kubeconfig, clusterIdentifier: clusterName },
      {
        parent: this,
        // What is in the cluster needs a way in, rights, names, volumes and nodes, and on destroy goes before all of them.
        dependsOn: [...privateAccess, ...access, ...ready],
      },
    );
    createDefaultStorageClass(name, { parent: this, provider });
    createAutoscaler({
      name,
      clusterName,
      cluster: controlPlane.name,
      region,
      imageTag: versions.clusterAutoscaler,
      longestGraceSeconds: args.longestGraceSeconds ?? 600,
      chartMirror: args.chartMirror,
      permissionsBoundaryArn,
      provider,
      parent: this,
    });

    parts.set(this, { provider, ready, version });
    this.registerOutputs({
      name: this.name,
      endpoint: this.endpoint,
      certificateAuthority: this.certificateAuthority,
      kubeconfig: this.kubeconfig,
      securityGroupId: this.securityGroupId,
      nodeRoleArn: this.nodeRoleArn,
    });
  }

  /** The provider for everything in the cluster. What uses it comes after access, add-ons and system nodes. */
  get provider(): Provider {
    return internalsOf(this).provider;
  }

  /** System nodes and the add-ons on them, for `dependsOn` of what needs them and does not use `provider`. */
  get ready(): pulumi.Resource[] {
    return internalsOf(this).ready;
  }

  /** Kubernetes version, `<major>.<minor>`. */
  get version(): string {
    return internalsOf(this).version;
  }
}

function internalsOf(cluster: Cluster): ClusterParts {
  const found = parts.get(cluster);
  if (!found) throw new Error("Cluster was not constructed");
  return found;
}

/** The EKS cluster itself, with its role, key and log group. */
function createControlPlane(
  name: string,
  args: ClusterArgs & { version: string },
  parent: Cluster,
): eks.Cluster {
  const { clusterName, region } = args;
  const publicAccessCidrs = args.publicAccessCidrs ?? [];
  const deletionProtection = args.deletionProtection ?? false;
  const { permissionsBoundaryArn } = args;
  const target = { name, clusterName, region, permissionsBoundaryArn, parent };
  const key = createSecretsKey(target);
  const logs = new LogGroup(
    `${name}-logs`,
    {
      name: `/aws/eks/${clusterName}/cluster`,
      retentionInDays: args.logRetentionDays ?? clusterDefaults.logRetentionDays,
    },
    { parent },
  );
  return new eks.Cluster(
    `${name}-cluster`,
    {
      name: clusterName,
      version: args.version,
      roleArn: createClusterRole(target, key.arn),
      vpcConfig: {
        subnetIds: args.subnetIds,
        // Always on: nodes in private subnets would otherwise have to be among the public addresses let in.
        endpointPrivateAccess: true,
        endpointPublicAccess: publicAccessCidrs.length > 0,
        ...(publicAccessCidrs.length > 0 ? { publicAccessCidrs } : {}),
      },
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      bootstrapSelfManagedAddons: false,
      encryptionConfig: { resources: ["secrets"], provider: { keyArn: key.arn } },
      enabledClusterLogTypes: ["api", "audit", "authenticator"],
      upgradePolicy: { supportType: args.supportType ?? clusterDefaults.supportType },
      deletionProtection,
      tags: clusterTags(clusterName),
    },
    {
      parent,
      protect: deletionProtection, // The whole platform lives in it: a destroy by mistake must stop before it starts.
      ignoreChanges: [
        // Read by AWS at creation only; a difference later, as after an import, would replace the cluster.
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
        "bootstrapSelfManagedAddons",
      ],
      dependsOn: logs, // EKS would otherwise make the group itself, without a retention.
    },
  );
}
