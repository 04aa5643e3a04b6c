import { retentionProblems } from "../common/log-retention";
import type { Problem } from "../common/problem";
import { choiceProblems } from "../common/text";
import { NatGateways } from "./limits";
import type { NetworkArgs } from "./network";
import { subnetProblems } from "./subnets";
import { controlPlaneZoneProblems } from "./zones";

/** What is wrong with a network's arguments, with paths below them. */
export function networkProblems(
  args: Required<Omit<NetworkArgs, "clusterName" | "permissionsBoundaryArn">>,
): Problem[] {
  return [
    ...subnetProblems(args.cidr, args.zones, args.region),
    ...controlPlaneZoneProblems(args.zones, args.controlPlaneZones),
    ...choiceProblems("natGateways", args.natGateways, NatGateways),
    ...retentionProblems("flowLogRetentionDays", args.flowLogRetentionDays),
  ];
}
