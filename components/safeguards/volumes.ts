import * as pulumi from "@pulumi/pulumi";
import { KubeError, type KubeObject, path } from "../kube/client";
import type { Claim } from "../kube/objects";
import type { ClusterConnection } from "./connection";

/** A volume's size that changes in the values of a release. */
export interface SizeChange {
  /** `prometheus.prometheusSpec.storageSpec.….storage`. */
  path: string;
  /** As written: `30Gi`. */
  from: string;
  to: string;
}

/** Keys under which charts take the size of a volume: that of a claim's request, and that of Valkey's chart. */
const sizeKey =
  /(^|\.)(requests\.storage|requestedSize|(persistence|persistentVolume|storage|dataStorage)\.size)$/;

/** The sizes that both values have, and that are not the same. */
export function sizeChanges(before: unknown, after: unknown, at = ""): SizeChange[] {
  if (isObject(before) && isObject(after)) {
    return Object.keys(after).flatMap((key) =>
      sizeChanges(before[key], after[key], at === "" ? key : `${at}.${key}`),
    );
  }
  if (!sizeKey.test(at) || typeof before !== "string" || typeof after !== "string") return [];
  return bytes(before) === bytes(after) ? [] : [{ path: at, from: before, to: after }];
}

/** True for a volume that is to be smaller: no storage can do that. */
export function shrinks({ from, to }: Pick<SizeChange, "from" | "to">): boolean {
  return bytes(to) < bytes(from);
}

const units = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];
const decimals = ["", "k", "M", "G", "T", "P"];

/** Bytes of a quantity of Kubernetes; not a number for what is none. */
function bytes(quantity: string): number {
  const [, figure = "", unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  const binary = units.indexOf(unit);
  const factor = binary >= 0 ? 1024 ** binary : 1000 ** decimals.indexOf(unit);
  return figure === "" || (binary < 0 && !decimals.includes(unit)) ? Number.NaN : Number(figure) * factor;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A hook before a release is changed. @throws Error for a volume that would become smaller, with the way */
export function refuseShrinking({ oldInputs, newInputs }: pulumi.ResourceHookArgs): void {
  const [smaller] = sizeChanges(oldInputs?.values, newInputs?.values).filter(shrinks);
  if (!smaller) return;
  throw new Error(
    `${newInputs?.name}: a volume cannot shrink from ${smaller.from} to ${smaller.to} (${smaller.path}). Keep the size; or, ` +
      "to lose the data, delete the claim and its pod first, with the old size in place.",
  );
}

/** What the Prometheus operator makes stateful sets from, and how these are called: `prometheus-<name>`. */
const operated = [
  { plural: "prometheuses", kind: "prometheus" },
  { plural: "alertmanagers", kind: "alertmanager" },
];

/** As much of such an object as is read. */
interface Stored extends KubeObject {
  spec?: {
    storage?: { volumeClaimTemplate?: { spec?: { resources?: { requests?: { storage?: string } } } } };
  };
}

/**
 * A hook after a release was changed: gives claims of the Prometheus operator the size that is asked for now. The operator
 * makes its stateful set anew and leaves the claims as they are, so the disk would stay small while Prometheus
 * keeps data for a larger one. Source: prometheus-operator.dev/docs/platform/storage, "Resizing volumes"; helm-charts#3746.
 *
 * @throws KubeError when the API server refuses, as for a storage class whose volumes cannot grow
 */
export async function growClaims(cluster: ClusterConnection, args: pulumi.ResourceHookArgs): Promise<void> {
  const { values, name, namespace } = args.newInputs ?? {};
  if (sizeChanges(args.oldInputs?.values, values).length === 0) return;
  const client = await cluster.client();
  const claims = path("v1", "persistentvolumeclaims", String(namespace));
  for (const { plural, kind } of operated) {
    const objects = await client
      .list<Stored>(path("monitoring.coreos.com/v1", plural, String(namespace)))
      .catch(absent);
    for (const { metadata, spec } of objects) {
      if (metadata.annotations?.["meta.helm.sh/release-name"] !== name) continue;
      const wanted = spec?.storage?.volumeClaimTemplate?.spec?.resources?.requests?.storage;
      // As stateful sets call them: template, set (one for each shard), number.
      const own = new RegExp(`-${kind}-${metadata.name}(-shard-\\d+)?-\\d+$`);
      for (const claim of (await client.list<Claim>(claims)).filter(({ metadata: { name: claimed } }) =>
        own.test(claimed),
      )) {
        const size = claim.spec?.resources?.requests?.storage;
        if (wanted === undefined || size === undefined || !(bytes(size) < bytes(wanted))) continue;
        await client.patch(`${claims}/${claim.metadata.name}`, {
          spec: { resources: { requests: { storage: wanted } } },
        });
        await pulumi.log.info(`claim ${claim.metadata.name} grows from ${size} to ${wanted}`);
      }
    }
  }
}

/** A cluster without the operator's types. */
function absent(error: unknown): Stored[] {
  if (error instanceof KubeError && error.status === 404) return [];
  throw error;
}
