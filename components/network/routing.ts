import {
  Eip,
  InternetGateway,
  NatGateway,
  Route,
  RouteTable,
  RouteTableAssociation,
  Subnet,
  type Vpc,
  VpcEndpoint,
} from "@pulumi/aws/ec2";
import type * as pulumi from "@pulumi/pulumi";
import { after } from "../common/outputs";
import { clusterTags } from "../common/tags";
import type { ZoneSubnets } from "./subnets";

/** The VPC in which subnets are made, and how things in it are named. */
export interface Site {
  /** Prefix of the resources' names. */
  name: string;
  /** Prefix of the `Name` tags. */
  clusterName: string;
  region: string;
  vpc: Vpc;
  parent: pulumi.Resource;
}

const everywhere = "0.0.0.0/0";

/** The public subnets, routed to the internet. Their ids are known once the route is there. */
export function createPublicSubnets(site: Site, plan: ZoneSubnets[]): pulumi.Output<string>[] {
  const { name, vpc, parent } = site;
  const gateway = new InternetGateway(
    `${name}-igw`,
    { vpcId: vpc.id, tags: partTags(site, "igw") },
    { parent },
  );
  const table = new RouteTable(
    `${name}-public`,
    { vpcId: vpc.id, tags: partTags(site, "public") },
    { parent },
  );
  const route = new Route(
    `${name}-public-internet`,
    { routeTableId: table.id, destinationCidrBlock: everywhere, gatewayId: gateway.id },
    { parent },
  );
  return plan.map((planned) => {
    const { subnet, association } = createSubnet(site, "public", planned.zone, planned.publicCidr, table);
    return after(subnet.id, [association.id, route.id]);
  });
}

/** A NAT gateway in each of these zones. `subnetIds` are those of public subnets, in the same order. */
export function createNatGateways(
  site: Site,
  zones: string[],
  subnetIds: pulumi.Output<string>[],
): NatGateway[] {
  return zones.flatMap((zone, index) => {
    // Known once the subnet is routed: a gateway that comes up without its way out fails.
    const subnetId = subnetIds[index];
    if (!subnetId) return [];
    const logicalName = `${site.name}-nat-${zone}`;
    const tags = partTags(site, `nat-${zone}`);
    const address = new Eip(logicalName, { domain: "vpc", tags }, { parent: site.parent });
    return new NatGateway(logicalName, { subnetId, allocationId: address.id, tags }, { parent: site.parent });
  });
}

/** Ids of private subnets, in the order of the zones. */
export interface PrivateSubnets {
  /** Known when the subnets exist. */
  ids: pulumi.Output<string>[];
  /** The same, known once what runs there can reach the internet and S3. */
  routedIds: pulumi.Output<string>[];
}

/**
 * The private subnets, routed to the internet through NAT (the gateway in the same place of the list, or the first)
 * and to S3 past it. Their ids are known once the routes are there.
 */
export function createPrivateSubnets(site: Site, plan: ZoneSubnets[], nats: NatGateway[]): PrivateSubnets {
  const { name, vpc, parent } = site;
  // One table for each zone also with a single gateway: another number of gateways then changes routes only.
  const zones = plan.map((planned) => {
    const tags = partTags(site, `private-${planned.zone}`);
    return {
      planned,
      table: new RouteTable(`${name}-private-${planned.zone}`, { vpcId: vpc.id, tags }, { parent }),
    };
  });
  // Model weights and image layers come from S3: past the NAT gateway, and without its charge per GB.
  const s3 = new VpcEndpoint(
    `${name}-s3`,
    {
      vpcId: vpc.id,
      vpcEndpointType: "Gateway",
      serviceName: `com.amazonaws.${site.region}.s3`,
      routeTableIds: zones.map(({ table }) => table.id),
      tags: partTags(site, "s3"),
    },
    { parent },
  );
  const subnets = zones.map(({ planned, table }, index) => {
    const { subnet, association } = createSubnet(site, "private", planned.zone, planned.privateCidr, table);
    const route = new Route(
      `${name}-private-${planned.zone}-nat`,
      {
        routeTableId: table.id,
        destinationCidrBlock: everywhere,
        natGatewayId: (nats[index] ?? nats[0])?.id,
      },
      { parent },
    );
    return { id: subnet.id, routed: after(subnet.id, [association.id, route.id, s3.id]) };
  });
  return { ids: subnets.map(({ id }) => id), routedIds: subnets.map(({ routed }) => routed) };
}

/**
 * Subnets of internal load balancers, without a way out of the VPC: load balancers need none. What comes from them is a load
 * balancer's, which cannot be said of the subnets that pods are in.
 */
export function createInternalSubnets(site: Site, plan: ZoneSubnets[]): pulumi.Output<string>[] {
  const { name, vpc, parent } = site;
  const tags = partTags(site, "internal");
  const table = new RouteTable(`${name}-internal`, { vpcId: vpc.id, tags }, { parent });
  return plan.map((planned) => {
    const { subnet, association } = createSubnet(site, "internal", planned.zone, planned.internalCidr, table);
    return after(subnet.id, [association.id]);
  });
}

/** The tags of a part of the network. */
export function partTags(site: Pick<Site, "clusterName">, suffix: string): Record<string, string> {
  return clusterTags(site.clusterName, `${site.clusterName}-${suffix}`);
}

/** By these tags the load balancer controller finds the subnets for public and internal load balancers. */
const roleTags = {
  public: { "kubernetes.io/role/elb": "1" },
  internal: { "kubernetes.io/role/internal-elb": "1" },
  private: {},
};

function createSubnet(
  site: Site,
  side: keyof typeof roleTags,
  zone: string,
  cidrBlock: string,
  table: RouteTable,
): { subnet: Subnet; association: RouteTableAssociation } {
  const logicalName = `${site.name}-${side}-${zone}`;
  const subnet = new Subnet(
    logicalName,
    {
      vpcId: site.vpc.id,
      availabilityZone: zone,
      cidrBlock,
      // Nodes are private, and load balancers bring their own addresses.
      mapPublicIpOnLaunch: false,
      tags: { ...partTags(site, `${side}-${zone}`), ...roleTags[side] },
    },
    { parent: site.parent },
  );
  const association = new RouteTableAssociation(
    logicalName,
    { subnetId: subnet.id, routeTableId: table.id },
    { parent: site.parent },
  );
  return { subnet, association };
}
