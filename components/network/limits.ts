import type { Bounds } from "../common/bounds";
import type { TextRule } from "../common/text";

/** How many NAT gateways a network has. */
export const NatGateways = {
  /** One for all zones: cheapest, and the loss of its zone takes every node's way out. */
  Single: "single",
  /** One in each zone: nodes survive the loss of another zone, and traffic does not pay for crossing zones. */
  PerZone: "perZone",
} as const;
/** A value of `NatGateways`. */
export type NatGateways = (typeof NatGateways)[keyof typeof NatGateways];

/** What a network has unless its arguments say otherwise. */
export const networkDefaults = {
  cidr: "10.0.0.0/16",
  natGateways: NatGateways.Single,
  flowLogRetentionDays: 30,
} as const;

/** Zones that a network can span: EKS and load balancers need two, a fourth adds cost and no safety. */
export const zoneCount: Bounds = { least: 2, most: 4 };

/** Sizes of the VPC: AWS allows no larger one, and subnets for two or three zones need the smallest. */
export const vpcPrefix: Bounds = { least: 16, most: 18 };

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

/** Block of the VPC. That it starts at its first address, and is private, is checked beside it. */
export const vpcBlock: TextRule = {
  pattern: new RegExp(`^(${octet}\\.){3}${octet}/1[6-8]$`),
  must: `must be an IPv4 block from /${vpcPrefix.least} to /${vpcPrefix.most} that starts at its first address, such as ${networkDefaults.cidr}`,
};

/** Name of an availability zone. Local and Wavelength Zones have longer names; EKS control planes cannot stand there. */
export const zoneName: TextRule = {
  pattern: /^[a-z]{2,4}(-[a-z]+)+-\d[a-z]$/,
  must: "must be the name of an availability zone such as us-east-1a",
};
