/** The extended resource of whole GPUs. */
export const gpuResource = "nvidia.com/gpu";
/** What the device plugin calls shares of GPUs when time-slicing renames the resource. */
export const sharedGpuResource = "nvidia.com/gpu.shared";
/** Node label that says which pool a node is of. */
export const poolLabel = "inference-platform/pool";
/** Node label that makes the device plugin and the DCGM exporter run on a node. */
export const gpuPresentLabel = "nvidia.com/gpu.present";
/** Node label by which Cluster Autoscaler knows that a node must have GPUs. */
export const acceleratorLabel = "k8s.amazonaws.com/accelerator";
/** Node label that chooses one of the device plugin's configurations. */
export const devicePluginConfigLabel = "nvidia.com/device-plugin.config";

/** Port of the DCGM exporter. */
export const exporterPort = 9400;

/** Name of the device plugin's configuration that splits each GPU into this many shares; without a number, whole GPUs. */
export function devicePluginConfig(sharesPerGpu?: number): string {
  return sharesPerGpu ? `shared-${sharesPerGpu}` : "whole";
}
