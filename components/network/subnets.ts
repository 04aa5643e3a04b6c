import { type Cidr, cidrContains, cidrSize, formatCidr, parseCidr, privateRanges } from "../common/cidr";
import type { Problem } from "../common/problem";
import { isAllowed } from "../common/text";
import { vpcBlock, zoneCount } from "./limits";

/** The address blocks of one zone. */
export interface ZoneSubnets {
  /** Name of the zone: `eu-west-1a`. */
  zone: string;
  /** Block of the public subnet (public load balancers, NAT), a /24. */
  publicCidr: string;
  /** Block of the subnet for internal load balancers, a /24: pods have no address of it. */
  internalCidr: string;
  /** Block of the private subnet (nodes and pods), a /20. */
  privateCidr: string;
}

/** 4,091 usable addresses: with the VPC CNI every pod takes one. */
const privatePrefix = 20;
/** 251 usable addresses: a load balancer takes at least 8 per zone. */
const loadBalancerPrefix = 24;

/**
 * The subnets of a VPC, in the order of the zones. Private blocks are taken from the start of the VPC, those of load balancers
 * from its end, so a zone's blocks depend only on its place in the list: a zone added at the end moves no other.
 *
 * The arguments must be free of `subnetProblems`.
 */
export function planSubnets(cidr: string, zones: string[]): ZoneSubnets[] {
  const vpc = parseCidr(cidr);
  if (!vpc) throw new RangeError(`${cidr} is not a CIDR block`);
  return zones.map((zone, index) => ({
    zone,
    publicCidr: formatCidr(blockFromEnd(vpc, loadBalancerPrefix, index)),
    // After the room for the public blocks of as many zones as there can be.
    internalCidr: formatCidr(blockFromEnd(vpc, loadBalancerPrefix, zoneCount.most + index)),
    privateCidr: formatCidr(blockFromStart(vpc, privatePrefix, index)),
  }));
}

function blockFromStart(vpc: Cidr, prefix: number, index: number): Cidr {
  return { base: vpc.base + index * cidrSize({ base: 0, prefix }), prefix };
}

function blockFromEnd(vpc: Cidr, prefix: number, index: number): Cidr {
  return { base: vpc.base + cidrSize(vpc) - (index + 1) * cidrSize({ base: 0, prefix }), prefix };
}

/** What is wrong with a VPC's block and zones, with the paths `cidr` and `zones`. */
export function subnetProblems(cidr: string, zones: string[], region: string): Problem[] {
  return [...zoneProblems(zones, region), ...cidrProblems(cidr, zones.length)];
}

function zoneProblems(zones: string[], region: string): Problem[] {
  const problems: Problem[] = [];
  if (zones.length < zoneCount.least || zones.length > zoneCount.most) {
    problems.push({
      path: "zones",
      value: zones,
      message: `must name ${zoneCount.least} to ${zoneCount.most} zones: EKS and load balancers need subnets in two`,
    });
  }
  zones.forEach((zone, index) => {
    const path = `zones[${index}]`;
    if (zones.indexOf(zone) !== index) {
      problems.push({ path, value: zone, message: "must not be named twice" });
    } else if (zone.slice(0, -1) !== region || !/[a-z]$/.test(zone)) {
      const example = `such as ${region}a`;
      // Local and Wavelength Zones have longer names; EKS control planes cannot be placed there.
      problems.push({ path, value: zone, message: `must be an availability zone of ${region}, ${example}` });
    }
  });
  return problems;
}

function cidrProblems(cidr: string, zones: number): Problem[] {
  const problem = (message: string, fix?: string): Problem[] => [{ path: "cidr", value: cidr, message, fix }];
  const vpc = parseCidr(cidr);
  if (!vpc || !isAllowed(cidr, vpcBlock)) return problem(vpcBlock.must);
  if (!privateRanges.some((range) => cidrContains(range, vpc))) {
    return problem(
      "must lie in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, the ranges for private networks",
    );
  }
  const needed = smallestVpc(zones);
  if (vpc.prefix > needed) {
    return problem(
      `must be /${needed} or larger: ${zones} zones need a /${privatePrefix} and two /${loadBalancerPrefix} each`,
      "Choose a larger block, or fewer zones.",
    );
  }
  return [];
}

/** Prefix of the smallest VPC that has room for this many zones. */
function smallestVpc(zones: number): number {
  const ofLoadBalancers = (zoneCount.most + zones) * 2 ** (32 - loadBalancerPrefix);
  const addresses = zones * 2 ** (32 - privatePrefix) + ofLoadBalancers;
  return 32 - Math.ceil(Math.log2(addresses));
}
