import { DefaultSecurityGroup, Vpc } from "@pulumi/aws/ec2";
import { getAvailabilityZonesOutput } from "@pulumi/aws/getAvailabilityZones";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../common/refuse";
import { clusterTags } from "../common/tags";
import { createFlowLogs } from "./flow-logs";
import { NatGateways, networkDefaults } from "./limits";
import { networkProblems } from "./problems";
import {
  createInternalSubnets,
  createNatGateways,
  createPrivateSubnets,
  createPublicSubnets,
  partTags,
} from "./routing";
import { planSubnets } from "./subnets";
import { unusableZones } from "./zones";

export { NatGateways };

/** Arguments of `Network`. */
export interface NetworkArgs {
  /** Name of the EKS cluster that will live here; the prefix of every `Name` tag. */
  clusterName: string;
  /** Region of the VPC: `eu-west-1`. Must be the AWS provider's. */
  region: string;
  /**
   * Address block of the VPC, inside the private ranges. /16 has room for everything; the smallest allowed is /18 for
   * two or three zones and /17 for four. Changing it replaces the network.
   * @default 10.0.0.0/16
   */
  cidr?: string;
  /**
   * Names of two to four zones, such as `eu-west-1a`. Add new ones at the end: a zone's addresses follow from its place
   * in the list. Zones where EKS cannot run a control plane are refused.
   */
  zones: string[];
  /**
   * The zones of the control plane's interfaces, two or more of `zones`. EKS fixes them when it makes the cluster: nodes
   * can use zones that are added later, the control plane cannot. @default the first two zones
   */
  controlPlaneZones?: string[];
  /** One NAT gateway, or one in each zone. @default single */
  natGateways?: NatGateways;
  /** Days for which flow logs are kept; a number that CloudWatch knows. @default 30 */
  flowLogRetentionDays?: number;
  /** ARN of the policy that bounds what the role of the flow logs may be given. @default none */
  permissionsBoundaryArn?: string;
}

/**
 * The network of a cluster: a VPC with a public, an internal and a private subnet in each zone. Nodes and pods are in the
 * private ones and reach the internet through NAT, and S3 without it; in the others are load balancers only, public or internal.
 *
 * @example
 * ```ts
 * const network = new Network("network", {
 *   clusterName: "llm",
 *   region: "us-east-1",
 *   zones: ["us-east-1a", "us-east-1b"],
 * });
 * ```
 */
export class Network extends pulumi.ComponentResource {
  /** Id of the VPC. */
  readonly vpcId: pulumi.Output<string>;
  /** Ids of the public subnets, in the order of `zones`; known once they are routed. */
  readonly publicSubnetIds: pulumi.Output<string[]>;
  /** Ids of the private subnets, in the order of `zones`; known once nodes there can reach the internet and S3. */
  readonly privateSubnetIds: pulumi.Output<string[]>;
  /** Ids of the subnets for internal load balancers, in the order of `zones`. */
  readonly internalSubnetIds: pulumi.Output<string[]>;
  /**
   * Ids of the private subnets in `controlPlaneZones`, known as soon as they exist: a control plane need not wait for
   * NAT gateways.
   */
  readonly controlPlaneSubnetIds: pulumi.Output<string[]>;
  /** Address blocks of the public subnets: where a load balancer's traffic to pods comes from. */
  readonly publicSubnetCidrs: pulumi.Output<string[]>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:Network", name, {}, opts);
    const { clusterName, region, zones } = args;
    const cidr = args.cidr ?? networkDefaults.cidr;
    const natGateways = args.natGateways ?? networkDefaults.natGateways;
    const flowLogRetentionDays = args.flowLogRetentionDays ?? networkDefaults.flowLogRetentionDays;
    const controlPlaneZones = args.controlPlaneZones ?? zones.slice(0, 2);
    refuse(
      this,
      name,
      networkProblems({ cidr, natGateways, flowLogRetentionDays, region, zones, controlPlaneZones }),
    );

    refuseUnusableZones(zones, this);
    const vpc = new Vpc(
      `${name}-vpc`,
      // Both are needed for the cluster's private endpoint to be found by its name.
      { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: clusterTags(clusterName) },
      { parent: this },
    );
    // Takes every rule out of the group that AWS creates: a resource that names no group gets no traffic.
    new DefaultSecurityGroup(
      `${name}-default`,
      { vpcId: vpc.id, ingress: [], egress: [], tags: partTags({ clusterName }, "default-unused") },
      { parent: this },
    );
    const { permissionsBoundaryArn } = args;
    createFlowLogs(
      name,
      { vpcId: vpc.id, clusterName, retentionDays: flowLogRetentionDays, permissionsBoundaryArn },
      this,
    );

    const site = { name, clusterName, region, vpc, parent: this };
    const plan = planSubnets(cidr, zones);
    const publicIds = createPublicSubnets(site, plan);
    const natZones = natGateways === NatGateways.PerZone ? zones : zones.slice(0, 1);
    const privateSubnets = createPrivateSubnets(site, plan, createNatGateways(site, natZones, publicIds));

    this.vpcId = vpc.id;
    this.internalSubnetIds = pulumi.all(createInternalSubnets(site, plan));
    this.publicSubnetIds = pulumi.all(publicIds);
    this.privateSubnetIds = pulumi.all(privateSubnets.routedIds);
    this.controlPlaneSubnetIds = pulumi.all(
      privateSubnets.ids.filter((_, index) => controlPlaneZones.includes(zones[index] ?? "")),
    );
    this.publicSubnetCidrs = pulumi.output(plan.map((subnets) => subnets.publicCidr));
    this.registerOutputs({
      vpcId: this.vpcId,
      publicSubnetIds: this.publicSubnetIds,
      internalSubnetIds: this.internalSubnetIds,
      privateSubnetIds: this.privateSubnetIds,
      controlPlaneSubnetIds: this.controlPlaneSubnetIds,
      publicSubnetCidrs: this.publicSubnetCidrs,
    });
  }
}

/** Fails the program, also in a preview, when AWS says that the account or EKS cannot use one of the zones. */
function refuseUnusableZones(zones: string[], network: Network): void {
  const available = getAvailabilityZonesOutput(
    // Leaves out Local and Wavelength Zones.
    { filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }] },
    { parent: network },
  );
  available.apply((answer) => {
    const refused = unusableZones(zones, answer);
    if (refused) throw new pulumi.ResourceError(`zones: ${refused}`, network, true);
  });
}
