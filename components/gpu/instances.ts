import { nearest } from "../common/nearest";

/** The GPUs of an instance. */
export interface InstanceGpus {
  /** Marketing name of one GPU: `L4`. */
  model: string;
  /** Physical GPUs. */
  count: number;
  /** Memory of one GPU, MiB. */
  memoryMiB: number;
  /** Value of the node label `k8s.amazonaws.com/accelerator`. */
  accelerator: string;
}

/** One EC2 instance type as far as capacity and price go. */
export interface InstanceType {
  /** EC2 name: `g6.xlarge`. */
  name: string;
  /** Absent on CPU instances. */
  gpus?: InstanceGpus;
  /** Virtual CPUs. */
  vcpus: number;
  /** Memory as EC2 states it, GiB; the guest sees less (see `reservations.ts`). */
  memoryGiB: number;
  /** Local NVMe, GB over all disks; 0 when there is none. */
  localNvmeGB: number;
  /** Network, Gbit/s: the sustained rate where EC2 states a baseline and a burst. */
  networkGbps: number;
  /** Pods per node that the VPC CNI has addresses for, without prefix delegation. */
  maxPods: number;
  /** On-demand price, Linux, `instancePrices.region`, USD per hour. */
  onDemandUsdPerHour: number;
}

/** Where the figures of the catalog are from, and when. Prices of other regions and spot differ. */
export const instancePrices = {
  region: "us-east-1",
  currency: "USD",
  asOf: "2026-07-20",
  source:
    "aws/karpenter-provider-aws 1d92708: pkg/providers/pricing/zz_generated.pricing_aws.go and " +
    "website/content/en/preview/reference/instance-types.md; pods: awslabs/amazon-eks-ami eni-max-pods.txt",
};

const T4 = { model: "T4", memoryMiB: 16384, accelerator: "nvidia-tesla-t4" };
const A10G = { model: "A10G", memoryMiB: 22888, accelerator: "nvidia-a10g" };
const L4 = { model: "L4", memoryMiB: 22888, accelerator: "nvidia-l4" };
const L40S = { model: "L40S", memoryMiB: 45776, accelerator: "nvidia-l40s" };
const RTX6000 = { model: "RTX PRO 6000", memoryMiB: 98304, accelerator: "nvidia-rtx-pro-6000" };
const A100 = { model: "A100", memoryMiB: 40960, accelerator: "nvidia-tesla-a100" };
const A100_80 = { model: "A100 80GB", memoryMiB: 81920, accelerator: "nvidia-tesla-a100" };
const H100 = { model: "H100", memoryMiB: 81920, accelerator: "nvidia-h100" };
const H200 = { model: "H200", memoryMiB: 144384, accelerator: "nvidia-h200" };
const B200 = { model: "B200", memoryMiB: 183359, accelerator: "nvidia-b200" };

type GpuRow = [string, number, Omit<InstanceGpus, "count">, number, number, number, number, number, number];

// G7 (RTX PRO 4500) is left out on purpose: it needs driver 595, the AL2023 NVIDIA AMI has 580 (July 2026).
// G6f has a fraction of one GPU, which the device plugin does not report as a whole one.
const gpuRows: GpuRow[] = [
  // name, GPUs, model, vCPU, GiB, NVMe GB, Gbit/s, pods, USD/h
  ["g4dn.xlarge", 1, T4, 4, 16, 125, 5, 29, 0.526],
  ["g4dn.2xlarge", 1, T4, 8, 32, 225, 10, 29, 0.752],
  ["g4dn.4xlarge", 1, T4, 16, 64, 225, 20, 29, 1.204],
  ["g4dn.8xlarge", 1, T4, 32, 128, 900, 50, 58, 2.176],
  ["g4dn.12xlarge", 4, T4, 48, 192, 900, 50, 234, 3.912],
  ["g4dn.16xlarge", 1, T4, 64, 256, 900, 50, 58, 4.352],
  ["g5.xlarge", 1, A10G, 4, 16, 250, 2.5, 58, 1.006],
  ["g5.2xlarge", 1, A10G, 8, 32, 450, 5, 58, 1.212],
  ["g5.4xlarge", 1, A10G, 16, 64, 600, 10, 234, 1.624],
  ["g5.8xlarge", 1, A10G, 32, 128, 900, 25, 234, 2.448],
  ["g5.12xlarge", 4, A10G, 48, 192, 3800, 40, 737, 5.672],
  ["g5.16xlarge", 1, A10G, 64, 256, 1900, 25, 234, 4.096],
  ["g5.24xlarge", 4, A10G, 96, 384, 3800, 50, 737, 8.144],
  ["g5.48xlarge", 8, A10G, 192, 768, 7600, 100, 345, 16.288],
  ["g6.xlarge", 1, L4, 4, 16, 250, 2.5, 58, 0.8048],
  ["g6.2xlarge", 1, L4, 8, 32, 450, 5, 58, 0.9776],
  ["g6.4xlarge", 1, L4, 16, 64, 600, 10, 234, 1.3232],
  ["g6.8xlarge", 1, L4, 32, 128, 900, 25, 234, 2.0144],
  ["g6.12xlarge", 4, L4, 48, 192, 3760, 40, 234, 4.6016],
  ["g6.16xlarge", 1, L4, 64, 256, 1880, 25, 737, 3.3968],
  ["g6.24xlarge", 4, L4, 96, 384, 3760, 50, 737, 6.6752],
  ["g6.48xlarge", 8, L4, 192, 768, 7520, 100, 737, 13.3504],
  ["g6e.xlarge", 1, L40S, 4, 32, 250, 2.5, 58, 1.861],
  ["g6e.2xlarge", 1, L40S, 8, 64, 450, 5, 58, 2.24208],
  ["g6e.4xlarge", 1, L40S, 16, 128, 600, 20, 234, 3.00424],
  ["g6e.8xlarge", 1, L40S, 32, 256, 900, 25, 234, 4.52856],
  ["g6e.12xlarge", 4, L40S, 48, 384, 3800, 100, 292, 10.49264],
  ["g6e.16xlarge", 1, L40S, 64, 512, 1900, 35, 737, 7.57719],
  ["g6e.24xlarge", 4, L40S, 96, 768, 3800, 200, 492, 15.06559],
  ["g6e.48xlarge", 8, L40S, 192, 1536, 7600, 400, 492, 30.13118],
  ["g7e.2xlarge", 1, RTX6000, 8, 64, 1900, 50, 254, 3.36312],
  ["g7e.4xlarge", 1, RTX6000, 16, 128, 1900, 50, 506, 3.99816],
  ["g7e.8xlarge", 1, RTX6000, 32, 256, 1900, 100, 506, 5.26824],
  ["g7e.12xlarge", 2, RTX6000, 48, 512, 3800, 400, 632, 8.28608],
  ["g7e.24xlarge", 4, RTX6000, 96, 1024, 7600, 800, 632, 16.57216],
  ["g7e.48xlarge", 8, RTX6000, 192, 2048, 15200, 1600, 632, 33.14432],
  ["p4d.24xlarge", 8, A100, 96, 1152, 8000, 400, 737, 21.957642],
  ["p4de.24xlarge", 8, A100_80, 96, 1152, 8000, 400, 737, 27.44705],
  ["p5.4xlarge", 1, H100, 16, 256, 3800, 100, 118, 6.88],
  ["p5.48xlarge", 8, H100, 192, 2048, 30400, 3200, 100, 55.04],
  ["p5en.48xlarge", 8, H200, 192, 2048, 30400, 3200, 198, 63.296],
  ["p6-b200.48xlarge", 8, B200, 192, 2048, 30400, 3200, 198, 113.9328],
];

type CpuRow = [string, number, number, number, number, number];

const cpuRows: CpuRow[] = [
  // name, vCPU, GiB, Gbit/s, pods, USD/h
  ["m6i.large", 2, 8, 0.781, 29, 0.096],
  ["m7i.large", 2, 8, 0.781, 29, 0.1008],
  ["m7i.xlarge", 4, 16, 1.562, 58, 0.2016],
  ["m7i.2xlarge", 8, 32, 3.125, 58, 0.4032],
  ["t3.medium", 2, 4, 0.256, 17, 0.0416],
];

/** Every instance type that the project knows: GPU types first. */
export const instanceTypes: InstanceType[] = [
  ...gpuRows.map(([name, count, gpu, vcpus, memoryGiB, localNvmeGB, networkGbps, maxPods, usd]) => ({
    name,
    gpus: { ...gpu, count },
    vcpus,
    memoryGiB,
    localNvmeGB,
    networkGbps,
    maxPods,
    onDemandUsdPerHour: usd,
  })),
  ...cpuRows.map(([name, vcpus, memoryGiB, networkGbps, maxPods, usd]) => ({
    name,
    vcpus,
    memoryGiB,
    localNvmeGB: 0,
    networkGbps,
    maxPods,
    onDemandUsdPerHour: usd,
  })),
];

const byName = new Map(instanceTypes.map((type) => [type.name, type]));

/** The instance type of this name, or undefined when the catalog has none. */
export function findInstanceType(name: string): InstanceType | undefined {
  return byName.get(name);
}

/**
 * The instance type of this name.
 *
 * @throws Error that names the nearest known type and all of its family.
 *
 * @example
 * ```ts
 * instanceType("g6.xlarge"); // → { vcpus: 4, memoryGiB: 16, gpus: { model: "L4", count: 1 } }
 * ```
 */
export function instanceType(name: string): InstanceType {
  const found = byName.get(name);
  if (!found) throw new Error(`instance type ${JSON.stringify(name)} ${unknownInstanceType(name)}`);
  return found;
}

/** What is allowed instead of a name that the catalog does not have, as the end of a sentence. */
export function unknownInstanceType(name: string): string {
  const family = familyOf(name);
  if (family === "g7")
    return "is not supported: the AL2023 NVIDIA AMI has driver 580, G7 needs 595 (G7e is supported)";
  const names = instanceTypes.map((type) => type.name);
  const siblings = names.filter((known) => familyOf(known) === family);
  const families = [...new Set(names.map(familyOf))];
  const near = nearest(name, names);
  const hint = near ? `; did you mean ${near}?` : "";
  return siblings.length > 0
    ? `must be a known one of family ${family}: ${siblings.join(", ")}${hint}`
    : `must be a known one, of the families ${families.join(", ")}${hint}`;
}

function familyOf(name: string): string {
  return name.split(".")[0] ?? name;
}
