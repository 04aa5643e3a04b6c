import type { Properties } from "../../program/monitor";
import { namespaceOf, type PlannedObject } from "../objects";
import { storageGiB } from "../quantity";
import type { Placement, PlannedRelease, PlannedResource, Range } from "../types";

/** Persistent storage that a stack asks for, GiB at the floor and the ceiling of replicas. */
export interface Volumes {
  gibibytes: Range;
}

interface Claim {
  spec?: { resources?: { requests?: { storage?: unknown } } };
}

/** Claims and claim templates of all objects; of releases that were not rendered, what their values ask for. */
export function volumesOf(
  objects: PlannedObject[],
  placement: Placement,
  resources: PlannedResource[],
  releases: PlannedRelease[],
): Volumes {
  const rendered = objects.map((object) => objectStorage(object, placement));
  const skipped = releases
    .filter((release) => release.skipped !== undefined)
    .map((release) => {
      const inputs = resources.find((resource) => resource.urn === release.urn)?.inputs;
      const size = valuesStorage(inputs?.values);
      return { floor: size, ceiling: size };
    });
  const gibibytes = { floor: 0, ceiling: 0 };
  for (const { floor, ceiling } of [...rendered, ...skipped]) {
    gibibytes.floor += floor;
    gibibytes.ceiling += ceiling;
  }
  return { gibibytes };
}

function claimGiB(claim: Claim | undefined): number {
  const storage = claim?.spec?.resources?.requests?.storage;
  return storage === undefined ? 0 : storageGiB(storage);
}

function objectStorage({ manifest }: PlannedObject, placement: Placement): Range {
  if (manifest.kind === "PersistentVolumeClaim") {
    const size = claimGiB(manifest as Claim);
    return { floor: size, ceiling: size };
  }
  const spec = (manifest.spec ?? {}) as {
    volumeClaimTemplates?: Claim[];
    storage?: { volumeClaimTemplate?: Claim };
  };
  // The Prometheus operator makes a claim per replica from `storage`.
  const templates = [...(spec.volumeClaimTemplates ?? []), spec.storage?.volumeClaimTemplate];
  const each = templates.reduce((sum, claim) => sum + claimGiB(claim), 0);
  if (each === 0) return { floor: 0, ceiling: 0 };
  const replicas = placement.workloads.find(
    (workload) =>
      workload.kind === manifest.kind &&
      workload.name === manifest.metadata.name &&
      workload.namespace === namespaceOf(manifest),
  )?.replicas ?? { floor: 1, ceiling: 1 };
  return { floor: each * replicas.floor, ceiling: each * replicas.ceiling };
}

/**
 * Storage that a chart's values name: claim specifications, and sizes under the keys that the charts of this project
 * use for them. Parts that are switched off do not count.
 */
function valuesStorage(values: unknown): number {
  if (typeof values !== "object" || values === null) return 0;
  const { enabled, requestedSize, ...rest } = values as Properties;
  if (enabled === false) return 0;
  const own = requestedSize === undefined ? 0 : storageGiB(requestedSize);
  const claim = claimGiB({ spec: values as Claim["spec"] });
  return own + claim + Object.values(rest).reduce<number>((sum, part) => sum + valuesStorage(part), 0);
}
