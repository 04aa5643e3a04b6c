import { podRequests } from "@inference-platform/planner";
import { gpuResource } from "../../../../components/gpu/names";
import { type KubeObject, path } from "../kube/client";
import { sleep, until } from "../processes";
import type { Rehearsal } from "../rehearsal";
import { type CheckResult, check, engineDeployments, expect, nameOf, podsOf } from "./check";

/** What must hold once the stack is up. */
export async function placementChecks(rehearsal: Rehearsal): Promise<CheckResult[]> {
  return [
    await check("pods-run", () => everyPodRuns(rehearsal)),
    await check("placement", () => placement(rehearsal)),
    await check("restricted", () => restricted(rehearsal)),
    await check("gpu-capacity", () => capacity(rehearsal)),
  ];
}

async function everyPodRuns(rehearsal: Rehearsal): Promise<string> {
  const { client } = rehearsal.plane;
  const count = await until("every pod to run", 30, async () => {
    const pods = await client.list(path("v1", "pods"));
    const waiting = pods.filter((pod) => !["Running", "Succeeded"].includes(pod.status.phase));
    expect(waiting.length === 0, `not running: ${waiting.map(nameOf).join(", ")}`);
    return pods.length;
  });
  return `${count} pods run`;
}

const hasGpu = (node: KubeObject) =>
  Object.keys(node.status.capacity).some((name) => name.startsWith(gpuResource));

async function placement(rehearsal: Rehearsal): Promise<string> {
  const { client } = rehearsal.plane;
  const nodes = await client.list(path("v1", "nodes"));
  const pods = (await client.list(path("v1", "pods"))).filter((pod) => pod.status.phase === "Running");
  const gpuNodes = new Set(nodes.filter(hasGpu).map((node) => node.metadata.name));
  const engines = (await engineDeployments(rehearsal)).flatMap((deployment) => podsOf(deployment, pods));
  expect(engines.length > 0, "no model server runs");
  const wantGpu = engines.filter((pod) =>
    Object.keys(podRequests(pod.spec)).some((name) => name.startsWith(gpuResource)),
  );
  const astray = wantGpu.filter((pod) => !gpuNodes.has(pod.spec.nodeName));
  expect(astray.length === 0, `model servers without a GPU node: ${astray.map(nameOf).join(", ")}`);
  const others = pods.filter(
    (pod) =>
      gpuNodes.has(pod.spec.nodeName) &&
      !engines.includes(pod) &&
      pod.metadata.ownerReferences?.[0]?.kind !== "DaemonSet",
  );
  expect(others.length === 0, `on GPU nodes without being a node agent: ${others.map(nameOf).join(", ")}`);
  const agents = pods.filter((pod) => gpuNodes.has(pod.spec.nodeName)).length - wantGpu.length;
  return `${wantGpu.length} model servers on ${gpuNodes.size} GPU nodes, with ${agents} node agents and nothing else`;
}

async function restricted(rehearsal: Rehearsal): Promise<string> {
  const { client } = rehearsal.plane;
  const namespaces = (await client.list(path("v1", "namespaces"))).filter(
    (entry) => entry.metadata.labels?.["pod-security.kubernetes.io/enforce"] === "restricted",
  );
  expect(namespaces.length > 0, "no namespace enforces the Pod Security level restricted");
  const counts: string[] = [];
  for (const { metadata } of namespaces) {
    const pods = await client.list(path("v1", "pods", metadata.name));
    expect(pods.length > 0, `${metadata.name}: no pod was admitted`);
    const events = await client.list(path("v1", "events", metadata.name));
    const refused = events.find((event) => /violates PodSecurity/.test(event.message ?? ""));
    expect(!refused, `${metadata.name}: ${refused?.message}`);
    counts.push(`${metadata.name}: ${pods.length}`);
  }
  return `pods admitted under restricted: ${counts.join(", ")}`;
}

/** Fills the pool, then asks for one GPU more: the quota refuses it, and outside of the quota it stays Pending. */
async function capacity(rehearsal: Rehearsal): Promise<string> {
  const { client } = rehearsal.plane;
  const deployment = (await engineDeployments(rehearsal)).find((candidate) =>
    Object.keys(podRequests(candidate.spec.template.spec)).some((name) => name.startsWith(gpuResource)),
  );
  if (!deployment) return "no service asks for a GPU";
  const namespace = deployment.metadata.namespace ?? "";
  const requests = podRequests(deployment.spec.template.spec);
  const resource = Object.keys(requests).find((name) => name.startsWith(gpuResource)) ?? gpuResource;
  const quota = (await client.list(path("v1", "resourcequotas", namespace))).find(
    (entry) => entry.spec.hard[`requests.${resource}`] !== undefined,
  );
  expect(quota !== undefined, `${namespace} has no quota on requests.${resource}`);
  const limit = Number(quota?.spec.hard[`requests.${resource}`]);
  const pod = (name: string) => probe(name, deployment, resource);
  const pods = path("v1", "pods", namespace);
  const outside = path("v1", "pods", "default");
  const made: string[] = [];
  try {
    let refusal = "";
    for (let i = 0; i <= limit && !refusal; i++) {
      const name = `rehearsal-gpu-${i}`;
      refusal = await client.create(pods, pod(name)).then(
        () => {
          made.push(`${pods}/${name}`);
          return "";
        },
        (error: Error) => error.message,
      );
    }
    expect(
      /exceeded quota/.test(refusal),
      `the quota of ${limit} ${resource} did not refuse: ${refusal || "accepted"}`,
    );
    await until("the pool to be full", 30, async () => {
      const now = await Promise.all(made.map((url) => client.get(url)));
      return now.every((each) => each.status.phase === "Running");
    });
    await client.create(outside, pod("rehearsal-gpu-over"));
    made.push(`${outside}/rehearsal-gpu-over`);
    // Long enough for the autoscaler's stand-in to add a node if its bounds let it.
    await sleep(2_500);
    const over = await client.get(`${outside}/rehearsal-gpu-over`);
    const reason = over.status.conditions?.[0]?.message ?? "";
    expect(
      over.status.phase === "Pending" && /Insufficient/.test(reason),
      `one GPU pod too many is ${over.status.phase}: ${reason}`,
    );
    return `quota of ${limit} refused the next one; outside of it the pod stays Pending: ${reason.slice(0, 120)}`;
  } finally {
    for (const url of made) await client.remove(url, { gracePeriodSeconds: 0 });
  }
}

/** A pod with the place and the restrictions of a model server, and next to no CPU and memory. */
function probe(name: string, deployment: KubeObject, resource: string): object {
  const { nodeSelector, tolerations, affinity, securityContext } = deployment.spec.template.spec;
  return {
    metadata: { name, labels: { "app.kubernetes.io/name": "rehearsal-probe" } },
    spec: {
      nodeSelector,
      tolerations,
      ...(affinity?.nodeAffinity && { affinity: { nodeAffinity: affinity.nodeAffinity } }),
      securityContext: { ...securityContext, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "probe",
          image: "rehearsal",
          resources: {
            requests: { cpu: "1m", memory: "1Mi", [resource]: "1" },
            limits: { cpu: "1m", memory: "1Mi", [resource]: "1" },
          },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}
