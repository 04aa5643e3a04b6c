import type { LaunchTemplateArgs } from "@pulumi/aws/ec2";
import { nodeLaunchTemplateArgs } from "../nodes/launch-template";
import type { GpuPool } from "./pool";

/**
 * Launch template of the pool's nodes: that of every node of the cluster, and where engine images land. On instances
 * with local NVMe that is an array over all of its disks, with kubelet's and containerd's data on it: it is tens of
 * times faster than EBS, and costs nothing. Elsewhere it is the root volume, with more throughput than gp3's default
 * of 125 MiB/s (a 10 GiB image would take minutes to unpack).
 */
export function gpuLaunchTemplateArgs(
  pool: GpuPool,
  clusterName: string,
  diskGiB: number,
): LaunchTemplateArgs {
  const node = nodeLaunchTemplateArgs({ clusterName, nodeGroupName: pool.name, diskGiB });
  if (pool.localStorageGB > 0) return { ...node, userData: localStorageUserData() };
  return { ...node, blockDeviceMappings: [fastRootVolume(diskGiB)] };
}

/** EBS allows 0.25 MiB/s per provisioned IOPS: gp3's 3000 carry 600 MiB/s, which is what parallel pulls can use. */
function fastRootVolume(diskGiB: number) {
  return {
    deviceName: "/dev/xvda",
    ebs: {
      volumeType: "gp3",
      volumeSize: diskGiB,
      iops: 3000,
      throughput: 600,
      encrypted: "true",
      deleteOnTermination: "true",
    },
  };
}

/** User data, Base64: EKS adds its own part, with the cluster's address, to this multipart message. */
export function localStorageUserData(): string {
  const message = [
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="//"',
    "",
    "--//",
    "Content-Type: application/node.eks.aws",
    "",
    "---",
    "apiVersion: node.eks.aws/v1alpha1",
    "kind: NodeConfig",
    "spec:",
    "  instance:",
    "    localStorage:",
    "      strategy: RAID0",
    "",
    "--//--",
    "",
  ].join("\n");
  return Buffer.from(message).toString("base64");
}

/** A taint effect in the EKS API's spelling: `NoSchedule` is `NO_SCHEDULE`. */
export function eksTaintEffect(effect: string): string {
  return effect.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

/** The part of a from-zero tag's key that says what it is about, fit for a resource name. */
export function asgTagName(key: string): string {
  return key.replace("k8s.io/cluster-autoscaler/node-template/", "").replace(/[^A-Za-z0-9]+/g, "-");
}
