import { instanceType } from "@inference-platform/planner";
import { parse } from "yaml";
import { gpuResource } from "../../../../components/gpu/names";
import { conditionOf, type KubeObject, path } from "../kube/client";
import type { Stage, StandIn } from "./standin";

/**
 * GPUs are a resource of a node from the moment the device plugin's pod runs there, and not before. Under
 * time-slicing they have the name and the number that the plugin's configuration says.
 */
export const gpuStandIn: StandIn = {
  name: "gpus",
  playing: "the device plugin's work: a node offers GPUs once its pod runs there",
  async reconcile(stage) {
    for (const node of stage.nodes.all) {
      const gpus = instanceType(node.metadata.labels?.["node.kubernetes.io/instance-type"] ?? "")?.gpus ?? 0;
      if (gpus === 0) continue;
      const plugin = stage.pods.all.find((pod) => isPlugin(pod) && pod.spec.nodeName === node.metadata.name);
      const offered = plugin && isReady(plugin) ? await offeredBy(stage, plugin, node, gpus) : undefined;
      const status = statusChange(node, offered);
      if (!status) continue;
      await stage.client.patch(`${path("v1", "nodes")}/${node.metadata.name}/status`, { status });
      if (offered)
        stage.note(
          `${offered.count} ${offered.resource} per ${node.metadata.labels?.["node.kubernetes.io/instance-type"]}`,
        );
    }
  },
};

interface Offer {
  resource: string;
  count: number;
}

/** A pod of NVIDIA's device plugin. */
export const isPlugin = (pod: KubeObject) =>
  pod.metadata.labels?.["app.kubernetes.io/name"] === "nvidia-device-plugin" &&
  pod.metadata.ownerReferences?.[0]?.kind === "DaemonSet";

const isReady = (pod: KubeObject) =>
  !pod.metadata.deletionTimestamp && conditionOf(pod, "Ready")?.status === "True";

/** The kubelet forgets a plugin's devices as allocatable when it goes, and keeps them as capacity. */
function statusChange(node: KubeObject, offered: Offer | undefined): object | undefined {
  const { capacity, allocatable } = node.status;
  if (!offered) {
    const left = Object.keys(allocatable).filter(
      (name) => name.startsWith(gpuResource) && allocatable[name] !== "0",
    );
    return left.length > 0 ? { allocatable: Object.fromEntries(left.map((name) => [name, "0"])) } : undefined;
  }
  const count = String(offered.count);
  if (allocatable[offered.resource] === count && capacity[offered.resource] === count) return undefined;
  return { capacity: { [offered.resource]: count }, allocatable: { [offered.resource]: count } };
}

async function offeredBy(stage: Stage, plugin: KubeObject, node: KubeObject, gpus: number): Promise<Offer> {
  const slicing = await timeSlicing(stage, plugin, node);
  if (!slicing) return { resource: gpuResource, count: gpus };
  return {
    resource: slicing.renameByDefault ? `${gpuResource}.shared` : gpuResource,
    count: gpus * (slicing.resources?.find((entry) => entry.name === gpuResource)?.replicas ?? 1),
  };
}

interface TimeSlicing {
  renameByDefault?: boolean;
  resources?: { name: string; replicas: number }[];
}

/** Reads the configuration that the node's label chooses, as the plugin's config manager does. */
async function timeSlicing(
  stage: Stage,
  plugin: KubeObject,
  node: KubeObject,
): Promise<TimeSlicing | undefined> {
  const volume = (plugin.spec.volumes ?? []).find((entry: { configMap?: object }) => entry.configMap);
  if (!volume) return undefined;
  const map = await stage.client.find(
    path("v1", "configmaps", plugin.metadata.namespace, volume.configMap.name),
  );
  const chosen = node.metadata.labels?.["nvidia.com/device-plugin.config"] ?? "default";
  const text = map?.data?.[chosen];
  return text ? parse(text)?.sharing?.timeSlicing : undefined;
}
