import { createHash } from "node:crypto";
import type { NodeGroupState } from "@inference-platform/planner";
import { instanceType } from "@inference-platform/planner";
import { findInstanceType } from "../../../../components/gpu/instances";
import {
  memoryOverheadRatio,
  reservedCpuMillis,
  reservedMemoryMiB,
} from "../../../../components/gpu/reservations";
import { type KubeObject, path } from "../kube/client";
import type { StandIn } from "./standin";

const nodes = path("v1", "nodes");
const groupLabel = "eks.amazonaws.com/nodegroup";

/** Nodes appear and go with the node groups and their desired size, as EC2 and the kubelet would have it. */
export const nodeStandIn: StandIn = {
  name: "nodes",
  playing:
    "EC2 instances and their kubelets: kwok nodes with the instance's capacity, labels, taints and zone",
  async reconcile(stage, state) {
    const wanted = new Map(
      state.nodeGroups.flatMap((group) =>
        Array.from({ length: group.desired }, (_, i) => [nodeName(group, i), { group, index: i }] as const),
      ),
    );
    for (const node of stage.nodes.all) {
      const ours = node.metadata.labels?.[groupLabel] !== undefined;
      if (!ours || wanted.has(node.metadata.name) || node.metadata.deletionTimestamp) continue;
      await stage.client.remove(`${nodes}/${node.metadata.name}`);
    }
    // An instance that ends takes its pods with it; a controller would notice after a minute.
    for (const { spec, metadata } of stage.pods.all) {
      if (!spec.nodeName || wanted.has(spec.nodeName) || stage.nodes.objects.has(`/${spec.nodeName}`))
        continue;
      await stage.client.remove(path("v1", "pods", metadata.namespace, metadata.name), {
        gracePeriodSeconds: 0,
      });
    }
    for (const [name, { group, index }] of wanted) {
      const node = stage.nodes.objects.get(`/${name}`);
      if (!node) {
        await stage.client.ensure(nodes, nodeObject(group, index));
        stage.note(`${group.name}: ${group.instanceTypes[0]}, ${group.min} to ${group.max} nodes`);
      } else {
        const changed = labelChange(node, group);
        if (changed) await stage.client.patch(`${nodes}/${name}`, changed);
      }
    }
  },
};

/** As EC2 names hosts, from an address that depends on the group and the node's place in it. */
export function nodeName(group: NodeGroupState, index: number): string {
  const digest = createHash("sha256").update(`${group.id}/${index}`).digest();
  return `ip-10-0-${digest[0]}-${digest[1]}-${group.name.slice(-20)}-${index}`.toLowerCase();
}

/** The group's labels and taints change in place; nodes keep what else they have. */
function labelChange(node: KubeObject, group: NodeGroupState): object | undefined {
  const missing = Object.entries(group.labels).some(([key, value]) => node.metadata.labels?.[key] !== value);
  const taints = (list: { key: string; value?: string; effect: string }[]) =>
    JSON.stringify(list.map(({ key, value, effect }) => [key, value ?? "", effect]).sort());
  // Taints with a slash below kubernetes.io belong to the node lifecycle controller.
  const own = (node.spec.taints ?? []).filter(
    (taint: { key: string }) => !taint.key.startsWith("node.kubernetes.io/"),
  );
  if (!missing && taints(own) === taints(group.taints)) return undefined;
  return { metadata: { labels: group.labels }, spec: { taints: group.taints } };
}

/** What a node of the group is made of, before the device plugin adds GPUs. */
export function nodeObject(group: NodeGroupState, index: number): object {
  const type = group.instanceTypes[0] ?? "";
  const zone = group.zones[index % Math.max(1, group.zones.length)] ?? "";
  const shape = instanceType(type);
  if (!shape) throw new Error(`no capacity is known for the instance type ${type} of ${group.name}`);
  const maxPods = findInstanceType(type)?.maxPods ?? 58;
  const memoryMiB = Math.floor(shape.memoryGiB * 1024 * (1 - memoryOverheadRatio));
  const common = { pods: String(maxPods), "ephemeral-storage": "80Gi" };
  const name = nodeName(group, index);
  return {
    metadata: {
      name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": shape.arm ? "arm64" : "amd64",
        "kubernetes.io/hostname": name,
        "node.kubernetes.io/instance-type": type,
        "topology.kubernetes.io/zone": zone,
        "topology.kubernetes.io/region": zone.slice(0, -1),
        "topology.ebs.csi.aws.com/zone": zone,
        [groupLabel]: group.name,
        "eks.amazonaws.com/capacityType": group.capacityType,
        ...group.labels,
      },
    },
    spec: {
      providerID: `aws:///${zone}/i-0${createHash("sha256").update(name).digest("hex").slice(0, 16)}`,
      taints: group.taints,
    },
    status: {
      capacity: { cpu: String(shape.vcpus), memory: `${memoryMiB}Mi`, ...common },
      allocatable: {
        cpu: `${Math.floor(shape.vcpus * 1000 - reservedCpuMillis(shape.vcpus))}m`,
        // The kubelet's reservation, and 100 MiB below which it evicts.
        memory: `${memoryMiB - reservedMemoryMiB(maxPods) - 100}Mi`,
        ...common,
      },
      nodeInfo: {
        kubeletVersion: `v${group.version}.0-eks-rehearsal`,
        osImage: group.amiType,
        architecture: shape.arm ? "arm64" : "amd64",
        operatingSystem: "linux",
        containerRuntimeVersion: "containerd://2.0.0",
        kernelVersion: "6.12.0",
        machineID: name,
        systemUUID: name,
        bootID: name,
        kubeProxyVersion: "",
      },
    },
  };
}
