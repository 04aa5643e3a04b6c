import { execFileSync } from "node:child_process";
import { helmPath } from "@inference-platform/planner";
import { path } from "../kube/client";
import type { Rehearsal } from "../rehearsal";

/** A revision of a release, as helm's labels tell it. */
interface ReleaseRecord {
  name: string;
  namespace: string;
  revision: number;
  status: string;
}

/** Every revision that helm has a record of, older ones first. */
export async function helmRecords({ plane }: Rehearsal): Promise<ReleaseRecord[]> {
  const secrets = await plane.client.list(`${path("v1", "secrets")}?labelSelector=owner%3Dhelm`);
  return secrets
    .map(({ metadata }) => ({
      name: metadata.labels?.name ?? "",
      namespace: metadata.namespace ?? "",
      revision: Number(metadata.labels?.version),
      status: metadata.labels?.status ?? "",
    }))
    .sort((a, b) => a.revision - b.revision);
}

/** The releases that helm left half-made, or that the state of the stack does not know. */
export async function halfMade(rehearsal: Rehearsal): Promise<string[]> {
  const { deployment } = await rehearsal.engine.export();
  const known = (deployment.resources ?? []).map((resource) => resource.outputs?.name);
  // Of the revisions of a release the last one counts.
  const newest = new Map((await helmRecords(rehearsal)).map((record) => [record.name, record]));
  return [...newest.values()]
    .filter(({ name, status }) => status !== "deployed" || !known.includes(name))
    .map(({ name, status }) => `${name} ${status}${known.includes(name) ? "" : ", not in the state"}`);
}

/** What the next `up` meets. */
export async function unsettled(rehearsal: Rehearsal): Promise<string> {
  const left = await halfMade(rehearsal);
  return left.length > 0 ? `helm left ${left.join("; ")}` : "helm left nothing half-made";
}

/** Uninstalls every release, so that a fault that was not survived does not spoil the next one. */
export async function uninstallAll(rehearsal: Rehearsal): Promise<void> {
  for (const { name, namespace } of await helmRecords(rehearsal)) {
    const args = ["uninstall", name, "--namespace", namespace, "--no-hooks", "--ignore-not-found"];
    execFileSync(helmPath(), [...args, "--kubeconfig", rehearsal.plane.adminKubeconfig], { stdio: "pipe" });
  }
}
