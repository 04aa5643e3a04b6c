import { isDeepStrictEqual } from "node:util";
import { type EngineResult, Operation } from "../engine";
import { type KubeObject, path } from "../kube/client";
import { until } from "../processes";
import { dropProtection } from "../protection";
import type { Rehearsal } from "../rehearsal";
import { getSetting, setSetting } from "../workspace";
import { type CheckResult, check, engineDeployments, expect, nameOf } from "./check";
import { otherVersion } from "./versions";

const firstService = ["inference-platform:model", "services", 0];
const accessCidrs = ["inference-platform:cluster", "publicAccessCidrs"];
const replacing = ["replace", "create-replacement", "delete-replaced"];

/**
 * Changes settings as people do, and looks at what moves. Each change is an `up` of its own.
 *
 * @param runs gets the result of each `up`
 */
export async function updateChecks(rehearsal: Rehearsal, runs: EngineResult[]): Promise<CheckResult[]> {
  const up = async (label: string): Promise<EngineResult> => {
    const result = await rehearsal.run(Operation.Up, label);
    runs.push(result);
    expect(result.ok, result.errors.join("; ") || result.output);
    return result;
  };
  const kept = await check("cluster-kept", () => clusterKept(rehearsal, up));
  // One update answers two questions: what rolls, and whether it takes the replicas back.
  let change: VersionChange | undefined;
  const replicas = await check("hpa-owns-replicas", async () => {
    change = await changeVersion(rehearsal, up);
    return change.replicas;
  });
  const version = await check("engine-version", async () => {
    if (!change) throw new Error("the update failed, see hpa-owns-replicas");
    return onlyOneRolled(change);
  });
  return [kept, replicas, version];
}

type Up = (label: string) => Promise<EngineResult>;

/** A GPU node more, room for three replicas, other access to the cluster: none may replace anything that holds pods. */
async function clusterKept(rehearsal: Rehearsal, up: Up): Promise<string> {
  const { workspace } = rehearsal;
  const raise = (setting: (string | number)[], more: number, least = 0) => {
    const now = Number(getSetting(workspace, setting) ?? 0);
    setSetting(workspace, setting, Math.max(now + more, least));
  };
  raise(["inference-platform:gpu", "maxNodes"], 1, 3);
  raise([...firstService, "replicas", "max"], 0, 3);
  setSetting(workspace, accessCidrs, ["198.51.100.0/24"]);
  setSetting(workspace, ["inference-platform:monthlyBudget"], undefined);
  const nodes = await nodeIds(rehearsal);
  const result = await up("update 1");
  const replaced = result.steps
    .filter((step) => replacing.includes(step.op))
    .map((step) => step.urn.split("::").at(-1));
  expect(replaced.length === 0, `replaced: ${replaced.join(", ")}`);
  const updated = result.steps
    .filter((step) => step.op === "update")
    .map((step) => step.type.split(":").at(-1));
  for (const type of ["Cluster", "NodeGroup"]) {
    expect(
      updated.includes(type),
      `the change of the ${type} was not applied; updated: ${updated.join(", ")}`,
    );
  }
  // A node group's bounds travel with its desired size: a stale one stops nodes and brings them back empty.
  const left = await nodeIds(rehearsal);
  const gone = nodes.filter((id) => !left.includes(id));
  expect(gone.length === 0, `${gone.length} of ${nodes.length} nodes were stopped`);
  return `updated in place: ${[...new Set(updated)].join(", ")}; all ${nodes.length} nodes stayed`;
}

async function nodeIds({ plane }: Rehearsal): Promise<string[]> {
  return (await plane.client.list(path("v1", "nodes"))).map((node: KubeObject) => String(node.metadata.uid));
}

/** What an update of a service's version did. */
interface VersionChange {
  /** What was seen of the replicas. */
  replicas: string;
  /** Engine with old and new version; undefined when the catalog has no other one. */
  versions?: string;
  /** The Deployment of the service. */
  workload: string;
  /** Pod templates by workload. */
  before: Map<string, unknown>;
  after: Map<string, unknown>;
}

/**
 * Scales the first service to three by hand, as an autoscaler would, then gives it another version with an `up`, which
 * also takes off the stack's deletion protection.
 */
async function changeVersion(rehearsal: Rehearsal, up: Up): Promise<VersionChange> {
  const { workspace, plane } = rehearsal;
  const [deployment] = await engineDeployments(rehearsal);
  if (!deployment) throw new Error("no Deployment is scaled by an HPA");
  const url = path("apps/v1", "deployments", deployment.metadata.namespace, deployment.metadata.name);
  await plane.client.patch(url, { spec: { replicas: 3 } });
  await until("three replicas", 30, async () => (await plane.client.get(url)).status.readyReplicas === 3);
  const before = await templates(rehearsal);
  const engine = String(getSetting(workspace, [...firstService, "engine"]));
  const version = String(getSetting(workspace, [...firstService, "version"]));
  const next = otherVersion(engine, version);
  if (next) setSetting(workspace, [...firstService, "version"], next);
  setSetting(workspace, accessCidrs, ["198.51.100.0/24", "203.0.113.0/24"]);
  const unprotected = dropProtection(workspace);
  await up("update 2");
  const { spec, status } = await plane.client.get(url);
  const name = nameOf(deployment);
  const changes = [
    ...(next ? ["another version"] : []),
    "other access blocks",
    ...(unprotected ? ["no deletion protection"] : []),
  ];
  expect(spec.replicas === 3, `${name} went from 3 replicas to ${spec.replicas}`);
  return {
    replicas: `${name} scaled by hand to 3: after an up with ${changes.join(", ")} still ${spec.replicas}, ${status.readyReplicas} ready`,
    ...(next && { versions: `${engine} ${version} -> ${next}` }),
    workload: `Deployment ${name}`,
    before,
    after: await templates(rehearsal),
  };
}

/** Another version of the engine must roll that service's Deployment and no other workload. */
function onlyOneRolled({ versions, workload, before, after }: VersionChange): string {
  if (!versions) return "no other version of the engine is in the catalog";
  const rolled = [...after]
    .filter(([name, spec]) => !isDeepStrictEqual(spec, before.get(name)))
    .map(([name]) => name);
  const gone = [...before.keys()].filter((name) => !after.has(name));
  expect(
    isDeepStrictEqual(rolled, [workload]) && gone.length === 0,
    `rolled: ${rolled.join(", ")}; gone: ${gone.join(", ")}`,
  );
  return `${versions} rolled ${workload} and no other of ${after.size} workloads`;
}

/** Pod templates of every workload. */
async function templates(rehearsal: Rehearsal): Promise<Map<string, unknown>> {
  const { client } = rehearsal.plane;
  const kinds: [string, string][] = [
    ["Deployment", "deployments"],
    ["StatefulSet", "statefulsets"],
    ["DaemonSet", "daemonsets"],
  ];
  const lists = await Promise.all(
    kinds.map(async ([kind, plural]) =>
      (await client.list(path("apps/v1", plural))).map((object: KubeObject): [string, unknown] => [
        `${kind} ${nameOf(object)}`,
        object.spec.template,
      ]),
    ),
  );
  return new Map(lists.flat());
}
