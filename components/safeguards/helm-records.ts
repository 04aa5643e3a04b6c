import { gunzipSync, gzipSync } from "node:zlib";
import type { Secret } from "../kube/objects";

/** One revision of a release, as helm keeps it in a Secret. */
export interface HelmRecord {
  /** Name of the Secret. */
  secret: string;
  revision: number;
  /** `deployed`, `failed`, `superseded`, `pending-install`, `pending-upgrade`, … */
  status: string;
}

/** Labels by which helm finds the revisions of a release. */
export const recordSelector = (release: string) => `owner=helm,name=${release}`;

/** The revisions that the Secrets hold, the newest last. */
export function recordsOf(secrets: Secret[]): HelmRecord[] {
  return secrets
    .map(({ metadata }) => ({
      secret: metadata.name,
      revision: Number(metadata.labels?.version),
      status: metadata.labels?.status ?? "",
    }))
    .sort((a, b) => a.revision - b.revision);
}

/** What must happen to the records before helm can do its work. */
export interface Settlement {
  /** Secrets to delete: helm then installs anew, over the objects that are there. */
  remove: string[];
  /** Secret whose revision helm left as pending: what it would have recorded had it not been interrupted. */
  fail?: string;
}

/**
 * What an interrupted run left that would stop this one. Helm refuses to install a release that it has a record of, and
 * to upgrade one that it believes to be in the middle of something: nobody is, since the engine's lock lets in one run
 * of the stack, and runs of other stacks have other releases.
 *
 * @param records revisions of the release, the newest last
 * @param creating true when the engine has no such release in its state
 * @param ours whether this stack made the newest revision; asked only when that counts
 * @returns undefined when nothing is in the way, or when it is a release of somebody else
 */
export function settlement(
  records: HelmRecord[],
  creating: boolean,
  ours: () => boolean,
): Settlement | undefined {
  const newest = records.at(-1);
  if (!newest) return undefined;
  if (!creating)
    return newest.status.startsWith("pending-") ? { remove: [], fail: newest.secret } : undefined;
  // A release that works and that this stack did not make belongs to somebody.
  if (records.some(({ status }) => status === "deployed") && !ours()) return undefined;
  return { remove: records.map(({ secret }) => secret) };
}

/** As much of helm's own record as is read and written. */
interface StoredRelease {
  info?: { status?: string; description?: string };
}

/** The description of a stored revision: what its last writer said of it. */
export function descriptionOf(secret: Secret): string | undefined {
  return stored(secret).info?.description;
}

/** A merge patch that makes a pending revision a failed one, in the record and in the labels that helm looks at. */
export function asFailed(secret: Secret): object {
  const release = stored(secret);
  release.info = { ...release.info, status: "failed", description: "interrupted" };
  const packed = gzipSync(JSON.stringify(release)).toString("base64");
  return {
    metadata: { labels: { status: "failed" } },
    data: { release: Buffer.from(packed).toString("base64") },
  };
}

/** Helm packs a revision as JSON, gzip and base64; Kubernetes adds its own base64. */
function stored(secret: Secret): StoredRelease {
  const packed = Buffer.from(secret.data?.release ?? "", "base64").toString();
  return JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as StoredRelease;
}
