import { execFileSync } from "node:child_process";
import { helmPath } from "../../tools/helm";
import { path } from "../kube/client";
import type { Rehearsal } from "../rehearsal";

/**
 * What a person does after an interrupted run: the state is brought up to date with what is there, and releases that
 * helm knows and the state does not are uninstalled.
 *
 * @returns the names of those releases
 */
export async function afterKill(rehearsal: Rehearsal): Promise<string[]> {
  rehearsal.supervisor.killStrays();
  await rehearsal.engine.command("refresh", "--yes", "--skip-preview", "--clear-pending-creates");
  const { deployment } = await rehearsal.engine.export();
  const known = (deployment.resources ?? []).map((resource) => resource.outputs?.name);
  return uninstall(rehearsal, (name) => !known.includes(name));
}

/** Uninstalls the releases that `chosen` names, as `helm uninstall` does. */
export async function uninstall(rehearsal: Rehearsal, chosen: (name: string) => boolean): Promise<string[]> {
  const stored = await rehearsal.plane.client.list(`${path("v1", "secrets")}?labelSelector=owner%3Dhelm`);
  const releases = new Map(
    stored.map(({ metadata }) => [metadata.labels?.name ?? "", metadata.namespace ?? ""]),
  );
  const names = [...releases.keys()].filter(chosen);
  for (const name of names) {
    const args = [
      "uninstall",
      name,
      "--namespace",
      releases.get(name) ?? "",
      "--no-hooks",
      "--ignore-not-found",
    ];
    execFileSync(helmPath(), [...args, "--kubeconfig", rehearsal.plane.adminKubeconfig], { stdio: "pipe" });
  }
  return names;
}
