import * as pulumi from "@pulumi/pulumi";
import { KubeError, path } from "../kube/client";
import type { Claim, Event, Node, Pod, Secret } from "../kube/objects";
import type { ClusterConnection } from "./connection";
import { asFailed, descriptionOf, recordSelector, recordsOf, settlement } from "./helm-records";
import { unready } from "./unready";
import { growClaims, refuseShrinking } from "./volumes";

export const releaseType = "kubernetes:helm.sh/v3:Release";

/** What the description of a release says while this stack has it: `helm list` and `helm status` show it. */
const owner = () =>
  `Managed by the Pulumi stack ${[pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/")}`;

/** Gives every release of the program the hooks that settle what was interrupted and explain what fails. */
export function releaseGuard(cluster: ClusterConnection): pulumi.ResourceTransform {
  const before = new pulumi.ResourceHook("settle-release", (args) => settle(cluster, args));
  const sizes = new pulumi.ResourceHook("refuse-shrinking", refuseShrinking);
  const grow = new pulumi.ResourceHook("grow-claims", (args) => growClaims(cluster, args));
  const onError = new pulumi.ErrorHook("explain-release", (args) => explain(cluster, args));
  return (args) => ({
    props: { description: owner(), ...args.props },
    opts: pulumi.mergeOptions(args.opts, {
      hooks: {
        beforeCreate: [before],
        beforeUpdate: [sizes, before],
        afterUpdate: [grow],
        onError: [onError],
      },
    }),
  });
}

/** Takes out of helm's way what an interrupted run left; what cannot be looked at stays, and helm reports the conflict. */
export async function settle(cluster: ClusterConnection, args: pulumi.ResourceHookArgs): Promise<void> {
  const { name, namespace } = named(args.newInputs);
  const secrets = path("v1", "secrets", namespace);
  try {
    const client = await cluster.client();
    const found = await client.list<Secret>(
      `${secrets}?labelSelector=${encodeURIComponent(recordSelector(name))}`,
    );
    const records = recordsOf(found);
    const secretOf = (wanted?: string) => found.find((secret) => secret.metadata.name === wanted);
    const newest = secretOf(records.at(-1)?.secret);
    const ours = () => newest !== undefined && descriptionOf(newest) === owner();
    const todo = settlement(records, args.oldInputs === undefined, ours);
    if (!todo) return;
    for (const secret of todo.remove) await client.remove(`${secrets}/${secret}`);
    const pending = secretOf(todo.fail);
    if (pending) await client.patch(`${secrets}/${pending.metadata.name}`, asFailed(pending));
    await pulumi.log.info(
      `${namespace}/${name}: helm's record of an interrupted run (${records.at(-1)?.status}) is settled`,
    );
  } catch (error) {
    await pulumi.log.debug(`${namespace}/${name}: helm's records could not be looked at: ${error}`);
  }
}

/** Says why a release failed: helm's own word is "context deadline exceeded". Never asks for a retry. */
export async function explain(cluster: ClusterConnection, args: pulumi.ErrorHookArgs): Promise<boolean> {
  const { name, namespace } = named(args.newInputs ?? args.oldInputs);
  const why = await reasons(cluster, namespace, name, args.errors[0] ?? "").catch(unreachable);
  if (why.length > 0)
    await pulumi.log.error(`${namespace}/${name}:\n${why.map((line) => `  ${line}`).join("\n")}`);
  return false;
}

async function reasons(
  cluster: ClusterConnection,
  namespace: string,
  name: string,
  error: string,
): Promise<string[]> {
  if (/cannot re-use a name/.test(error)) {
    return [
      "a release of this name is in the cluster and was not made by this stack.",
      `To give it to this stack: pulumi import ${releaseType} <resource name> ${namespace}/${name}`,
      `To remove it: helm -n ${namespace} uninstall ${name}`,
    ];
  }
  const client = await cluster.client();
  const [pods, nodes, events, claims] = await Promise.all([
    client.list<Pod>(path("v1", "pods")),
    client.list<Node>(path("v1", "nodes")),
    client.list<Event>(path("v1", "events", namespace)),
    client.list<Claim>(path("v1", "persistentvolumeclaims", namespace)),
  ]);
  return unready(namespace, name, { pods, nodes, events, claims });
}

function unreachable(error: unknown): string[] {
  if (error instanceof KubeError && [401, 403].includes(error.status)) {
    return [
      `the cluster refuses the credentials of this run: ${error.message}`,
      "When they have expired, renew them and run `pulumi up` again: it goes on where this run stopped.",
    ];
  }
  return [
    `the cluster could not be asked why: ${error instanceof Error ? error.message : error}`,
    "`pulumi up` goes on where this run stopped.",
  ];
}

interface Named {
  name: string;
  namespace: string;
}

const named = (inputs: Record<string, unknown> | undefined): Named => ({
  name: String(inputs?.name),
  namespace: String(inputs?.namespace),
});
