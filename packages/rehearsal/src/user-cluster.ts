import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { UserError } from "@inference-platform/kit";
import { kubectlPath } from "@inference-platform/planner";
import { accessOf } from "../../../components/kube/access";
import { type ControlPlane, kwokArgs } from "./control-plane";
import type { Tools } from "./found-tools";
import { type Access, KubeClient, path } from "./kube/client";
import type { Supervisor } from "./processes";
import { rehearsalNamespace } from "./standins/api-services";

const account = "pulumi";

/**
 * Uses a disposable cluster of the user's, such as kind, as the control plane; kwok plays the nodes there. The
 * identity that runs Pulumi is a service account, which may do nothing until access is granted.
 *
 * @throws UserError when the kubeconfig has no token or client certificate for its current context, or one that ends soon
 */
export async function useCluster(
  supervisor: Supervisor,
  tools: Tools,
  kubeconfig: string,
): Promise<ControlPlane> {
  const file = resolve(kubeconfig);
  const access = await readKubeconfig(file);
  const client = new KubeClient(access);
  await refuseInUse(client, file);
  const version = JSON.parse(await client.text("/version")).gitVersion as string;
  await client.ensure(path("v1", "namespaces"), { metadata: { name: rehearsalNamespace } });
  const accounts = path("v1", "serviceaccounts", rehearsalNamespace);
  await client.ensure(accounts, { metadata: { name: account } });
  const issued = await client.create(`${accounts}/${account}/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 6 * 3600 },
  });
  await removeNodes(client);
  supervisor.start("kwok", tools.kwok, kwokArgs(supervisor.dir, file));
  return {
    server: access.server,
    ca: access.ca ?? "",
    adminKubeconfig: file,
    principalToken: issued.status.token,
    principal: `system:serviceaccount:${rehearsalNamespace}:${account}`,
    client,
    version,
  };
}

/** Namespaces whose pods a cluster has by itself. */
const systemNamespaces = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/** @throws UserError naming what runs there, when the cluster is not one that can be thrown away */
async function refuseInUse(client: KubeClient, file: string): Promise<void> {
  const pods = await client.list(path("v1", "pods"));
  const used = new Set(pods.map((pod) => pod.metadata.namespace ?? ""));
  for (const namespace of systemNamespaces) used.delete(namespace);
  if (used.size === 0) return;
  throw new UserError(
    `the cluster of ${file} is in use: there are pods in ${[...used].sort().join(", ")}. A rehearsal takes its nodes away and deletes what is in it: name an empty one, as kind makes`,
  );
}

/**
 * Takes the cluster's own nodes away: kwok's are to be the only ones, or their kubelets would begin to pull images of
 * daemon sets that only stand for others. The control plane of a kind cluster goes on without its node.
 */
async function removeNodes(client: KubeClient): Promise<void> {
  const nodes = path("v1", "nodes");
  for (const { metadata } of await client.list(nodes)) await client.remove(`${nodes}/${metadata.name}`);
}

/** Takes the rehearsal's own objects out of the user's cluster. */
export async function leaveCluster(plane: ControlPlane): Promise<void> {
  await plane.client.remove(path("v1", "namespaces", undefined, rehearsalNamespace));
}

/** kubectl resolves the current context and puts files in line. */
async function readKubeconfig(file: string): Promise<Access> {
  const args = ["config", "view", "--kubeconfig", file, "--raw", "--minify", "--flatten", "--output", "json"];
  const { access, expires } = await accessOf(execFileSync(kubectlPath(), args, { encoding: "utf8" }));
  if (expires !== undefined) {
    throw new UserError(
      `${file}: its credential ends during a rehearsal; use a token or a client certificate, as kind's kubeconfig has`,
    );
  }
  return access;
}
