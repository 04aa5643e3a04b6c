import * as pulumi from "@pulumi/pulumi";
import { promiseOf } from "../common/outputs";
import { apiPath, type KubeClient, path } from "../kube/client";
import type { ClusterConnection } from "./connection";

/** On an object: the resource of the stack that made it, as the URN of its parent and its name. */
export const ownerAnnotation = "inference-platform/owner";

/** Kinds with something in them that cannot be made again. Those stay, and the API server refuses a second one. */
const holding = [
  "Namespace",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StatefulSet",
  "CustomResourceDefinition",
];

/** How long a finalizer, such as that of a load balancer, may take. */
const goneSeconds = 300;

/** The inputs of a Kubernetes object, as much of them as is read. */
interface ObjectInputs {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string; namespace?: string; annotations?: Record<string, string> };
}

/** True for objects that are marked, and taken away when an interrupted run left them. */
export function isGuardedObject({ custom, type, props }: pulumi.ResourceTransformArgs): boolean {
  return (
    custom &&
    type.startsWith("kubernetes:") &&
    // Patches change what others made.
    !type.endsWith("Patch") &&
    typeof props.apiVersion === "string" &&
    typeof props.kind === "string" &&
    !holding.includes(props.kind) &&
    !pulumi.Output.isInstance(props.metadata)
  );
}

/**
 * Marks the objects of the program with the resource that makes them, and gives them the hook that knows them by it: Pulumi
 * has an object in its state only once it is ready, and an Ingress waits minutes for its load balancer. A run that is
 * killed leaves such an object behind, in the way of the next run and unknown to every destroy.
 */
export function objectGuard(
  cluster: ClusterConnection,
): (args: pulumi.ResourceTransformArgs) => Promise<pulumi.ResourceTransformResult> {
  const before = new pulumi.ResourceHook("take-away-orphan", (args) => takeAway(cluster, args));
  return async ({ name, props, opts }) => {
    const owner = `${await promiseOf(opts.parent?.urn ?? "")} ${name}`;
    const mark = (annotations?: Record<string, string>) => ({ ...annotations, [ownerAnnotation]: owner });
    const { annotations } = props.metadata ?? {};
    const marked = pulumi.Output.isInstance<Record<string, string>>(annotations)
      ? annotations.apply(mark)
      : mark(annotations);
    return {
      props: { ...props, metadata: { ...props.metadata, annotations: marked } },
      opts: pulumi.mergeOptions(opts, { hooks: { beforeCreate: [before] } }),
    };
  };
}

/**
 * Deletes the object that this resource is about to make, where an interrupted run of the same resource left one. What
 * cannot be looked at stays, and the API server reports the conflict.
 */
export async function takeAway(cluster: ClusterConnection, args: pulumi.ResourceHookArgs): Promise<void> {
  const { apiVersion, kind, metadata = {} } = args.newInputs as ObjectInputs;
  const owner = metadata.annotations?.[ownerAnnotation];
  // What has no name gets one that nothing has.
  if (metadata.name === undefined || owner === undefined) return;
  const object = `${kind} ${[metadata.namespace, metadata.name].filter(Boolean).join("/")}`;
  try {
    const client = await cluster.client();
    const url = await addressOf(client, apiVersion, kind, metadata.name, metadata.namespace);
    if (url === undefined) return;
    const found = await client.find(url);
    if (found?.metadata.annotations?.[ownerAnnotation] !== owner) return;
    await pulumi.log.info(`${object}: left by an interrupted run; it is deleted, and made again`);
    await client.remove(url);
    for (let second = 0; second < goneSeconds && (await client.find(url)) !== undefined; second++)
      await new Promise((resolve) => setTimeout(resolve, 1_000));
  } catch (error) {
    await pulumi.log.debug(`${object}: could not be looked at: ${error}`);
  }
}

/** The address of an object of that kind; undefined when the API server has no such kind. */
async function addressOf(
  client: KubeClient,
  apiVersion: string,
  kind: string,
  name: string,
  namespace = "default",
): Promise<string | undefined> {
  const { resources = [] } = JSON.parse(await client.text(apiPath(apiVersion))) as {
    resources?: { name: string; kind: string; namespaced: boolean }[];
  };
  const found = resources.find((resource) => resource.kind === kind && !resource.name.includes("/"));
  return found && path(apiVersion, found.name, found.namespaced ? namespace : undefined, name);
}
