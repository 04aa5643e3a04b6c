import type { NodeGroupState } from "@inference-platform/planner";
import { admits, instanceType, podRequests, quantity } from "@inference-platform/planner";
import { gpuResource } from "../../../../components/gpu/names";
import { conditionOf, type KubeObject } from "../kube/client";
import { nodeObject } from "./nodes";
import { deploymentOf, isAvailable, type StandIn } from "./standin";

/**
 * Grows a node group for pods that the scheduler could not place, within the group's bounds, while the autoscaler's
 * pod runs. It does not shrink groups: the real one waits ten minutes before it does.
 */
export const autoscalerStandIn: StandIn = {
  name: "autoscaler",
  playing:
    "Cluster Autoscaler: a node more for pods that do not fit, within the group's bounds; never a node less",
  async reconcile(stage, state) {
    const running = ["aws-cluster-autoscaler", "cluster-autoscaler"].some((name) =>
      isAvailable(deploymentOf(stage, name)),
    );
    if (!running) return;
    const waiting = stage.pods.all.filter(isUnschedulable);
    if (waiting.length === 0) return;
    for (const group of state.nodeGroups) {
      const nodes = stage.nodes.all.filter(
        (node) => node.metadata.labels?.["eks.amazonaws.com/nodegroup"] === group.name,
      );
      // Until the nodes that were asked for are there and complete, the scheduler has not had its say.
      if (nodes.length < group.desired || nodes.some((node) => isStarting(node, group))) continue;
      const wanted = nodesToAdd(group, waiting);
      const desired = Math.min(group.max, group.desired + wanted);
      if (desired === group.desired) continue;
      await stage.cloud.setDesiredCapacity(group.autoScalingGroup, desired);
      stage.note(`${group.name}: ${group.desired} -> ${desired} nodes for pods that did not fit`);
    }
  },
};

function isUnschedulable(pod: KubeObject): boolean {
  if (pod.metadata.deletionTimestamp || pod.spec.nodeName) return false;
  const scheduled = conditionOf(pod, "PodScheduled");
  return scheduled?.status === "False" && scheduled.reason === "Unschedulable";
}

/** A GPU node is complete when it offers GPUs, as the label `k8s.amazonaws.com/accelerator` tells the real one. */
function isStarting(node: KubeObject, group: NodeGroupState): boolean {
  if (conditionOf(node, "Ready")?.status !== "True") return true;
  if ((instanceType(group.instanceTypes[0] ?? "")?.gpus ?? 0) === 0) return false;
  return !Object.entries(node.status.allocatable).some(
    ([name, count]) => name.startsWith(gpuResource) && count !== "0",
  );
}

interface Template {
  metadata: { labels: Record<string, string> };
  spec: { taints: { key: string; value: string; effect: string }[] };
  status: { allocatable: Record<string, string> };
}

/** How many new nodes of the group the pods would fill, by the resource that they need most of. */
export function nodesToAdd(group: NodeGroupState, pods: KubeObject[]): number {
  const template = nodeObject(group, 0) as Template;
  const fitting = pods.filter((pod) => mayRunOn(pod, template));
  const gpus = instanceType(group.instanceTypes[0] ?? "")?.gpus ?? 0;
  const offered = gpuOffer(fitting, gpus);
  const available = { ...template.status.allocatable, ...offered };
  const sums: Record<string, number> = { pods: fitting.length };
  for (const pod of fitting) {
    const requests = podRequests(pod.spec);
    for (const [name, amount] of Object.entries(requests)) sums[name] = (sums[name] ?? 0) + amount;
  }
  const perResource = Object.entries(sums).map(([name, amount]) => {
    const perNode = quantity(available[name] ?? 0);
    if (amount === 0) return 0;
    return perNode > 0 ? Math.ceil(amount / perNode) : Number.NaN;
  });
  const needed = Math.max(0, ...perResource);
  return Number.isFinite(needed) ? needed : 0;
}

/** The template's GPUs under the name that the pods ask for; shared GPUs are counted as one each. */
function gpuOffer(pods: KubeObject[], gpus: number): Record<string, string> {
  if (gpus === 0) return {};
  const names = pods.flatMap((pod) =>
    Object.keys(podRequests(pod.spec)).filter((name) => name.startsWith(gpuResource)),
  );
  return Object.fromEntries(names.map((name) => [name, String(gpus)]));
}

/** Node selector, required node affinity and taints; other rules are left to the scheduler. */
function mayRunOn(pod: KubeObject, { metadata, spec }: Template): boolean {
  const taints = spec.taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`);
  return admits({ labels: metadata.labels, taints }, pod.spec);
}
