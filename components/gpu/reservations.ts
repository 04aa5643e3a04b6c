import type { InstanceType } from "./instances";

/** What pods can ask for on one node. */
export interface NodeAllocatable {
  /** Thousandths of a core. */
  cpuMillis: number;
  /** MiB. */
  memoryMiB: number;
}

/** What one daemon set takes of every node. */
export interface DaemonSetRequest {
  /** Name of the daemon set. */
  name: string;
  /** CPU request, thousandths of a core. */
  cpuMillis: number;
  /** Memory request, MiB; 0 where the daemon set asks for none. */
  memoryMiB: number;
  /** True when it runs on GPU nodes only. */
  gpuOnly: boolean;
}

/**
 * Share of an instance's stated memory that the guest never sees: hypervisor, firmware and kernel. Karpenter plans
 * with the same 7.5 % (`vmMemoryOverheadPercent`); measured figures are lower, so the result is a safe floor.
 */
export const memoryOverheadRatio = 0.075;

/** Kubelet's `evictionHard.memory.available` on AL2023 (nodeadm `internal/kubelet/config.go`), MiB. */
const evictionMiB = 100;

/**
 * Daemon sets of a cluster of this project, with their requests. The last three get theirs
 * from these rows; the others are the defaults of the EKS add-ons (their published charts).
 */
export const daemonSetRequests = {
  awsNode: {
    name: "aws-node (VPC CNI, with the network policy agent)",
    cpuMillis: 50,
    memoryMiB: 0,
    gpuOnly: false,
  },
  kubeProxy: { name: "kube-proxy", cpuMillis: 100, memoryMiB: 0, gpuOnly: false },
  podIdentityAgent: { name: "eks-pod-identity-agent", cpuMillis: 0, memoryMiB: 0, gpuOnly: false },
  ebsCsiNode: { name: "ebs-csi-node", cpuMillis: 30, memoryMiB: 120, gpuOnly: false },
  nodeMonitoringAgent: { name: "eks-node-monitoring-agent", cpuMillis: 10, memoryMiB: 30, gpuOnly: false },
  // The GPU half of the monitoring agent. It tolerates no taint unless the add-on is told to; without it the agent
  // reports the GPU as broken and node repair replaces the node (aws/containers-roadmap#2567).
  dcgmServer: { name: "dcgm-server", cpuMillis: 0, memoryMiB: 0, gpuOnly: true },
  nodeExporter: { name: "node-exporter", cpuMillis: 20, memoryMiB: 32, gpuOnly: false },
  devicePlugin: { name: "nvidia-device-plugin", cpuMillis: 10, memoryMiB: 64, gpuOnly: true },
  dcgmExporter: { name: "dcgm-exporter", cpuMillis: 100, memoryMiB: 256, gpuOnly: true },
} satisfies Record<string, DaemonSetRequest>;

/** CPU that nodeadm reserves for the kubelet: 6 % of the first core, 1 % of the second, 0.5 % of two more, 0.25 % of the rest. */
export function reservedCpuMillis(vcpus: number): number {
  const bracket = (from: number, to: number) => Math.max(0, Math.min(vcpus, to) - from);
  return (
    bracket(0, 1) * 60 + bracket(1, 2) * 10 + bracket(2, 4) * 5 + bracket(4, Number.POSITIVE_INFINITY) * 2.5
  );
}

/** Memory that nodeadm reserves for the kubelet, MiB: 255 and 11 for every pod that the node can have addresses for. */
export function reservedMemoryMiB(maxPods: number): number {
  return 255 + 11 * maxPods;
}

/** The node's `status.allocatable`, before any pod runs. */
export function nodeAllocatable(instance: InstanceType): NodeAllocatable {
  const visibleMiB = Math.floor(instance.memoryGiB * 1024 * (1 - memoryOverheadRatio));
  return {
    cpuMillis: Math.floor(instance.vcpus * 1000 - reservedCpuMillis(instance.vcpus)),
    memoryMiB: visibleMiB - reservedMemoryMiB(instance.maxPods) - evictionMiB,
  };
}

/** What is left for other pods once every daemon set of the project runs on the node. */
export function allocatableToPods(instance: InstanceType): NodeAllocatable {
  const node = nodeAllocatable(instance);
  const running: DaemonSetRequest[] = Object.values(daemonSetRequests).filter(
    (daemonSet) => instance.gpus !== undefined || !daemonSet.gpuOnly,
  );
  const sum = (pick: (daemonSet: DaemonSetRequest) => number) =>
    running.reduce((total, daemonSet) => total + pick(daemonSet), 0);
  return {
    cpuMillis: node.cpuMillis - sum((daemonSet) => daemonSet.cpuMillis),
    memoryMiB: node.memoryMiB - sum((daemonSet) => daemonSet.memoryMiB),
  };
}
