import type { AccountView } from "./definition";
import { hex } from "./ids";
import { clusterSecurityGroups, ownedInterfaces } from "./interfaces";
import type { OutsideWorld } from "./outside";
import type { AccountOptions, SimulatedResource } from "./types";
import { partitionOf, type Zone } from "./zones";

/** Under what a resource is kept. */
export const key = (type: string, id: string): string => `${type} ${id}`;

/** What the rules of the types see of an account: always its present state. */
export function accountView(
  options: AccountOptions,
  zones: Zone[],
  known: ReadonlyMap<string, SimulatedResource>,
  outside: OutsideWorld,
): AccountView {
  const { region, accountId = "123456789012", clusterEndpoint } = options;
  const partition = partitionOf(region);
  const view: AccountView = {
    region,
    accountId,
    partition,
    zones,
    get callerArn() {
      return options.callerArn ?? `arn:${partition}:sts::${accountId}:assumed-role/deployer/session`;
    },
    clusterEndpoint: (cluster) =>
      clusterEndpoint ?? {
        endpoint: `https://${hex(32, "endpoint", cluster).toUpperCase()}.gr7.${region}.eks.amazonaws.com`,
        certificateAuthority: Buffer.from(`simulated CA of ${cluster}`).toString("base64"),
      },
    find: (type, id) => known.get(key(type, String(id))),
    all: (type) => [...known.values()].filter((resource) => resource.type === type),
    interfaces: () => [...ownedInterfaces(view), ...outside.interfaces()],
    outsideSecurityGroups: (vpcId) => [
      ...clusterSecurityGroups(view, vpcId),
      ...outside.securityGroups(vpcId),
    ],
    arn: (service, resource) => `arn:${partition}:${service}:${region}:${accountId}:${resource}`,
    globalArn: (service, resource) => `arn:${partition}:${service}::${accountId}:${resource}`,
  };
  return view;
}
