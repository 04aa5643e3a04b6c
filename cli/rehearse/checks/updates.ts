import { isDeepStrictEqual } from "node:util";
import { type EngineResult, Operation } from "../engine";
import { type KubeObject, path } from "../kube/client";
import { until } from "../processes";
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
  return [
    await check("cluster-kept", () => clusterKept(rehearsal, up)),
    await check("hpa-owns-replicas", () => replicasKept(rehearsal, up)),
    await check("engine-version", () => engineVersion(rehearsal, up)),
  ];
}

type Up = (label: string) => Promise<EngineResult>;

/** Room for three replicas, and another setting of the cluster: neither may replace anything that holds pods. */
async function clusterKept(rehearsal: Rehearsal, up: Up): Promise<string> {
  const { workspace } = rehearsal;
  const raise = (setting: (string | number)[], least: number) => {
    if (Number(getSetting(workspace, setting) ?? 0) < least) setSetting(workspace, setting, least);
  };
  raise(["inference-platform:gpu", "maxNodes"], 3);
  raise([...firstService, "replicas", "max"], 3);
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
  expect(updated.includes("Cluster"), `the cluster's change was not applied; updated: ${updated.join(", ")}`);
  // A node group's bounds travel with its desired size: a stale one stops nodes and brings them back empty.
  const left = await nodeIds(rehearsal);
  const gone = nodes.filter((id) => !left.includes(id));
  expect(gone.length === 0, `${gone.length} of ${nodes.length} nodes were stopped`);
  return `updated in place: ${[...new Set(updated)].join(", ")}; all ${nodes.length} nodes stayed`;
}

async function nodeIds({ plane }: Rehearsal): Promise<string[]> {
  return (await plane.client.list(path("v1", "nodes"))).map((node: KubeObject) => String(node.metadata.uid));
}

async function replicasKept(rehearsal: Rehearsal, up: Up): Promise<string> {
  const { client } = rehearsal.plane;
  const [deployment] = await engineDeployments(rehearsal);
  if (!deployment) throw new Error("no Deployment is scaled by an HPA");
  const url = path("apps/v1", "deployments", deployment.metadata.namespace, deployment.metadata.name);
  await client.patch(url, { spec: { replicas: 3 } });
  await until("three replicas", 30, async () => (await client.get(url)).status.readyReplicas === 3);
  setSetting(rehearsal.workspace, accessCidrs, ["198.51.100.0/24", "203.0.113.0/24"]);
  await up("update 2");
  const { spec, status } = await client.get(url);
  expect(spec.replicas === 3, `${nameOf(deployment)} went from 3 replicas to ${spec.replicas}`);
  return `${nameOf(deployment)} scaled by hand to 3: after an up that changed who may reach the cluster still ${spec.replicas}, ${status.readyReplicas} ready`;
}

/** Another version of the engine must roll that service's Deployment and no other workload. */
async function engineVersion(rehearsal: Rehearsal, up: Up): Promise<string> {
  const { workspace } = rehearsal;
  const engine = String(getSetting(workspace, [...firstService, "engine"]));
  const version = String(getSetting(workspace, [...firstService, "version"]));
  const next = otherVersion(engine, version);
  if (!next) return `no other version of ${engine} is in the catalog`;
  const before = await templates(rehearsal);
  setSetting(workspace, [...firstService, "version"], next);
  await up("update 3");
  const after = await templates(rehearsal);
  const rolled = [...after]
    .filter(([name, spec]) => !isDeepStrictEqual(spec, before.get(name)))
    .map(([name]) => name);
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const expected = (await engineDeployments(rehearsal))[0];
  const wanted = expected ? `Deployment ${nameOf(expected)}` : "";
  expect(
    isDeepStrictEqual(rolled, [wanted]) && gone.length === 0,
    `rolled: ${rolled.join(", ")}; gone: ${gone.join(", ")}`,
  );
  return `${engine} ${version} -> ${next} rolled ${wanted} and no other of ${after.size} workloads; replicas: ${expected?.spec.replicas}`;
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
