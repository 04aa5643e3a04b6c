import { type KubeObject, path } from "../kube/client";
import type { Rehearsal } from "../rehearsal";

/** The answer to one question about the rehearsed stack. */
export interface CheckResult {
  id: string;
  pass: boolean;
  /** What was seen. */
  evidence: string;
}

/** A check that gives its answer, or throws what it saw instead. */
export async function check(id: string, work: () => Promise<string>): Promise<CheckResult> {
  try {
    return { id, pass: true, evidence: await work() };
  } catch (error) {
    return { id, pass: false, evidence: error instanceof Error ? error.message : String(error) };
  }
}

/** @throws Error with `evidence` unless `condition` holds */
export function expect(condition: boolean, evidence: string): void {
  if (!condition) throw new Error(evidence);
}

/** The model servers' Deployments: those that an HPA scales in a namespace with a GPU quota, or all of our chart. */
export async function engineDeployments(rehearsal: Rehearsal): Promise<KubeObject[]> {
  const { client } = rehearsal.plane;
  const targets = await client.list(path("autoscaling/v2", "horizontalpodautoscalers"));
  const deployments = await client.list(path("apps/v1", "deployments"));
  return deployments.filter((deployment) =>
    targets.some(
      (hpa) =>
        hpa.spec.scaleTargetRef.kind === "Deployment" &&
        hpa.spec.scaleTargetRef.name === deployment.metadata.name &&
        hpa.metadata.namespace === deployment.metadata.namespace,
    ),
  );
}

/** Pods of a Deployment. */
export function podsOf(deployment: KubeObject, pods: KubeObject[]): KubeObject[] {
  const wanted = Object.entries(deployment.spec.selector.matchLabels as Record<string, string>);
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === deployment.metadata.namespace &&
      wanted.every(([key, value]) => pod.metadata.labels?.[key] === value),
  );
}

export const nameOf = (object: KubeObject) =>
  object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name;
