import type { Problem } from "../common/problem";

/** The zones that an account can use in a region, as `getAvailabilityZones` answers: names and ids side by side. */
export interface AvailableZones {
  /** Names, which AWS maps to places differently for each account: `us-east-1a`. */
  names: string[];
  /** Ids of the places, in the order of `names`: `use1-az4`. */
  zoneIds: string[];
}

/**
 * Places where EKS cannot put a control plane. Source: Amazon EKS user guide, "VPC and subnet requirements".
 */
const withoutControlPlanes = ["use1-az3", "usw1-az2", "cac1-az3"];

/** Why these zones cannot be used by this account, as one text; undefined when they can. */
export function unusableZones(zones: string[], available: AvailableZones): string | undefined {
  const usable = available.names.filter(
    (_, index) => !withoutControlPlanes.includes(available.zoneIds[index] ?? ""),
  );
  const refused = zones.filter((zone) => !usable.includes(zone));
  if (refused.length === 0) return undefined;
  const reasons = refused.map((zone) => {
    const index = available.names.indexOf(zone);
    return index < 0
      ? `${zone} is not a zone that this account can use`
      : `${zone} is ${available.zoneIds[index]}, where EKS cannot run a control plane`;
  });
  return `${reasons.join("; ")}. Choose from ${usable.join(", ")}.`;
}

/** What is wrong with the zones of the control plane, with the path `controlPlaneZones`. */
export function controlPlaneZoneProblems(zones: string[], chosen: string[] = zones.slice(0, 2)): Problem[] {
  const path = "controlPlaneZones";
  const strange = chosen.find((zone) => !zones.includes(zone));
  if (strange !== undefined) {
    return [{ path, value: strange, message: `must be one of zones: ${zones.join(", ")}` }];
  }
  if (new Set(chosen).size < Math.min(2, zones.length) || new Set(chosen).size < chosen.length) {
    return [{ path, value: chosen, message: "must name two different zones or more: EKS needs two" }];
  }
  return [];
}
