import { type KubeClient, KubeError, type KubeObject } from "../kube/client";
import type { Rehearsal } from "../rehearsal";
import { rehearsalNamespace } from "../standins/api-services";
import { type CheckResult, check, expect } from "./check";

/** Objects that Kubernetes makes and removes by itself, and what it keeps of definitions that helm leaves. */
const kubernetesOwn = new Set([
  "events",
  "leases",
  "endpoints",
  "endpointslices",
  "customresourcedefinitions",
  "controllerrevisions",
  "replicasets",
  "ipaddresses",
  "csinodes",
]);

/** Every object of the cluster, by address. */
export async function inventory(client: KubeClient): Promise<Map<string, KubeObject>> {
  const objects = new Map<string, KubeObject>();
  for (const url of await kinds(client)) {
    const items = await client.list(url).catch((error: unknown) => {
      if (error instanceof KubeError) return [];
      throw error;
    });
    for (const item of items) {
      objects.set(`${url} ${item.metadata.namespace ?? ""}/${item.metadata.name}`, item);
    }
  }
  return objects;
}

/** Addresses of every kind that can be listed and deleted. */
async function kinds(client: KubeClient): Promise<string[]> {
  const groups = (await client.get("/apis")).groups as { preferredVersion: { groupVersion: string } }[];
  const roots = ["/api/v1", ...groups.map((group) => `/apis/${group.preferredVersion.groupVersion}`)];
  const lists = await Promise.all(
    roots.map(async (root) => {
      const found = await client.find(root).catch(() => undefined);
      const resources = (found?.resources ?? []) as { name: string; verbs: string[] }[];
      return resources
        .filter(
          ({ name, verbs }) => !name.includes("/") && verbs.includes("list") && verbs.includes("delete"),
        )
        .filter(({ name }) => !kubernetesOwn.has(name))
        .map(({ name }) => `${root}/${name}`);
    }),
  );
  return lists.flat();
}

/** What must hold once the stack is destroyed. */
export async function leftoverChecks(
  rehearsal: Rehearsal,
  before: Map<string, KubeObject>,
): Promise<CheckResult[]> {
  const { client } = rehearsal.plane;
  return [
    await check("nothing-left-in-aws", async () => {
      const state = await rehearsal.cloud.state();
      const left = state.resources.map((resource) => `${resource.type} ${resource.name}`);
      const balancers = state.loadBalancers.map((balancer) => `load balancer ${balancer.name}`);
      expect(left.length + balancers.length === 0, [...left, ...balancers].join(", "));
      return "0 resources, 0 load balancers";
    }),
    await check("nothing-left-in-cluster", async () => {
      const left = await settled(client, before);
      expect(left.length === 0, `${left.length} left: ${left.slice(0, 20).join(", ")}`);
      return `0 objects beyond the ${before.size} that were there before`;
    }),
    await check("no-finalizer-stuck", async () => {
      const stuck = [...(await inventory(client))].filter(([, object]) => object.metadata.deletionTimestamp);
      expect(
        stuck.length === 0,
        stuck.map(([key, object]) => `${key} (${object.metadata.finalizers})`).join(", "),
      );
      return "no object waits for a finalizer";
    }),
  ];
}

/** What is left, after the garbage collector had time to follow. */
async function settled(client: KubeClient, before: Map<string, KubeObject>): Promise<string[]> {
  let left: string[] = [];
  for (let attempt = 0; attempt < 15; attempt++) {
    left = [...(await inventory(client))]
      .filter(([key, object]) => !before.has(key) && counts(object))
      .map(([key]) => key);
    if (left.length === 0) return left;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  return left;
}

/** The rehearsal's own objects and what Kubernetes puts into every namespace do not count. */
function counts(object: KubeObject): boolean {
  if (object.metadata.namespace === rehearsalNamespace) return false;
  if (object.metadata.labels?.["kube-aggregator.kubernetes.io/automanaged"]) return false;
  // What a controller made goes with its owner, which counts: a cluster of the user's has pods of its own.
  if (object.metadata.ownerReferences?.some((owner) => owner.controller)) return false;
  return !["kube-root-ca.crt"].includes(object.metadata.name);
}
