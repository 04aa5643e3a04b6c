import { budgetWarnings } from "../../../../../components/budgets/budgets";
import { namespaceOf, type PlannedObject, podOf } from "../objects";
import { type Check, CheckStatus, type NodePool, type PlacedWorkload } from "../types";
import { drainOf } from "./budgets";
import { counted, type Facts } from "./facts";

/** Pods whose node goes sooner than they may take to leave: what they still answer then is lost. */
export function interruptions({ placement, objects }: Facts): Check {
  const id = "interruptions";
  const spot = new Set(placement.pools.filter((pool) => pool.spot).map(({ name }) => name));
  const warnings = placement.workloads
    .filter(({ kind, pools }) => kind !== "DaemonSet" && pools.some((pool) => spot.has(pool)))
    .flatMap((workload) => {
      const object = objectOf(workload, objects);
      const pod = object && podOf(object.manifest);
      if (!pod) return [];
      const { grace } = drainOf(pod);
      return budgetWarnings(grace, true).map(
        ({ message, fix }) =>
          `${workload.kind} ${workload.namespace}/${workload.name}: its grace of ${grace} s ${message}. ${fix}`,
      );
    });
  if (warnings.length > 0) return { id, status: CheckStatus.Warn, detail: warnings.join(" ") };
  const detail = spot.size > 0 ? "every pod on spot nodes leaves within the notice" : "no spot nodes";
  return { id, status: CheckStatus.Pass, detail };
}

/**
 * A volume stays in its zone, and its pod with it. A node group over several zones cannot be asked for a node in one of
 * them: with fewer nodes than zones, the zone of a volume may have none, and its pod stays Pending. Source:
 * kubernetes/autoscaler#1431, #4739 and #6000, open questions of 2018 to 2023.
 */
export function volumesReachable({ placement, objects }: Facts): Check {
  const id = "volumes-reachable";
  const holding = placement.workloads.filter((workload) => hasZonalVolume(workload, objects));
  const thin = placement.pools.filter(
    (pool) =>
      nodesOf(pool, placement.needed) < pool.zones && holding.some(({ pools }) => pools[0] === pool.name),
  );
  if (thin.length > 0) {
    const pools = thin.map((pool) => {
      const names = holding.filter(({ pools: [first] }) => first === pool.name).map(({ name }) => name);
      return `pool ${pool.name} has ${counted(nodesOf(pool, placement.needed), "node")} in ${pool.zones} zones, and volumes of ${names.join(", ")}`;
    });
    return {
      id,
      status: CheckStatus.Warn,
      detail: `${pools.join("; ")}: a pod stays Pending when the zone of its volume has no node. Raise minNodes to the number of zones.`,
    };
  }
  return {
    id,
    status: CheckStatus.Pass,
    detail: `${counted(holding.length, "workload")} with volumes, a node in every zone`,
  };
}

const nodesOf = (pool: NodePool, needed: Facts["placement"]["needed"]) =>
  needed[pool.name]?.floor ?? pool.nodes.floor;

function objectOf(workload: PlacedWorkload, objects: PlannedObject[]): PlannedObject | undefined {
  return objects.find(
    ({ manifest }) =>
      manifest.kind === workload.kind &&
      manifest.metadata.name === workload.name &&
      namespaceOf(manifest) === workload.namespace,
  );
}

/** The parts of claims, and of what makes them, that are read here. */
interface ClaimSpec {
  spec?: { accessModes?: string[] };
}

/** A volume of one node at a time is a disk, which is in one zone. */
const isZonal = (claim: ClaimSpec | undefined) =>
  claim !== undefined && !(claim.spec?.accessModes ?? []).includes("ReadWriteMany");

function hasZonalVolume(workload: PlacedWorkload, objects: PlannedObject[]): boolean {
  const object = objectOf(workload, objects);
  if (!object || workload.kind === "DaemonSet") return false;
  const spec = (object.manifest.spec ?? {}) as {
    volumeClaimTemplates?: ClaimSpec[];
    storage?: { volumeClaimTemplate?: ClaimSpec };
  };
  const named = (podOf(object.manifest)?.volumes ?? []).flatMap((volume) => {
    const { claimName } = (volume.persistentVolumeClaim ?? {}) as { claimName?: string };
    return objects.filter(
      ({ manifest }) =>
        manifest.kind === "PersistentVolumeClaim" &&
        manifest.metadata.name === claimName &&
        namespaceOf(manifest) === workload.namespace,
    );
  });
  return [
    ...(spec.volumeClaimTemplates ?? []),
    spec.storage?.volumeClaimTemplate,
    ...named.map(({ manifest }) => manifest as ClaimSpec),
  ].some(isZonal);
}
