import { entryOf } from "../../../../components/common/lookup";
import { findInstanceType } from "../../../../components/gpu/instances";
import { cpuShape } from "../../../../components/nodes/cpu-shapes";

/** What an instance type means for node groups and for the nodes that a rehearsal plays. */
export interface InstanceShape {
  vcpus: number;
  memoryGiB: number;
  arm: boolean;
  /** Whole GPUs; 0 when it has none. */
  gpus: number;
  /** `nvidia` or `neuron`; absent on ordinary instances. */
  accelerator?: "nvidia" | "neuron";
}

/** Families of Graviton: GiB per vCPU. Sources: https://docs.aws.amazon.com/ec2/latest/instancetypes/ */
const families: Record<string, number> = Object.fromEntries(
  ["c6g", "c7g", "c8g"]
    .map((family): [string, number] => [family, 2])
    .concat(["m6g", "m7g", "m8g"].map((family) => [family, 4]))
    .concat(["r6g", "r7g", "r8g"].map((family) => [family, 8])),
);

const sizes: Record<string, number> = {
  medium: 1,
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "4xlarge": 16,
  "8xlarge": 32,
  "12xlarge": 48,
  "16xlarge": 64,
  "24xlarge": 96,
};

/** Burstable sizes: vCPU and GiB. */
const burstable: Record<string, [number, number]> = {
  medium: [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  "2xlarge": [8, 32],
};

const isArm = (family: string) => /^([a-z]\dg|g5g)/.test(family) || family === "t4g";

/** The shape of an instance type that EC2 has; undefined for names that it does not. */
export function instanceType(name: string): InstanceShape | undefined {
  const [family = "", size = ""] = name.split(".");
  const arm = isArm(family);
  const catalogued = findInstanceType(name);
  if (catalogued) {
    const gpus = catalogued.gpus?.count ?? 0;
    const { vcpus, memoryGiB } = catalogued;
    return { vcpus, memoryGiB, arm, gpus, ...(gpus > 0 ? { accelerator: "nvidia" as const } : {}) };
  }
  if (/^(inf|trn)\d/.test(family))
    return { vcpus: 4, memoryGiB: 16, arm: false, gpus: 0, accelerator: "neuron" };
  const ordinary = cpuShape(name);
  if (ordinary) return { ...ordinary, arm: false, gpus: 0 };
  const small = family === "t4g" ? entryOf(burstable, size) : undefined;
  if (small) return { vcpus: small[0], memoryGiB: small[1], arm, gpus: 0 };
  const [ratio, vcpus] = [entryOf(families, family), entryOf(sizes, size)];
  if (ratio === undefined || vcpus === undefined) return undefined;
  return { vcpus, memoryGiB: vcpus * ratio, arm, gpus: 0 };
}

/** AMI types of managed node groups: https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html (amiType). */
const amiTypes: Record<string, { arm: boolean; accelerator?: "nvidia" | "neuron" }> = {
  AL2023_x86_64_STANDARD: { arm: false },
  AL2023_ARM_64_STANDARD: { arm: true },
  AL2023_x86_64_NVIDIA: { arm: false, accelerator: "nvidia" },
  AL2023_ARM_64_NVIDIA: { arm: true, accelerator: "nvidia" },
  AL2023_x86_64_NEURON: { arm: false, accelerator: "neuron" },
  BOTTLEROCKET_x86_64: { arm: false },
  BOTTLEROCKET_ARM_64: { arm: true },
  BOTTLEROCKET_x86_64_NVIDIA: { arm: false, accelerator: "nvidia" },
  BOTTLEROCKET_ARM_64_NVIDIA: { arm: true, accelerator: "nvidia" },
};

/** Why nodes of `name` cannot run, or not use their accelerator, with the AMI; undefined when they can. */
export function amiMismatch(name: string, amiType: string): string | undefined {
  if (amiType === "CUSTOM") return undefined;
  const ami = entryOf(amiTypes, amiType);
  if (!ami) return `amiType ${amiType} is not one of ${Object.keys(amiTypes).join(", ")}, CUSTOM`;
  const shape = instanceType(name);
  if (!shape) return `The following supplied instance types do not exist: [${name}]`;
  if (shape.arm === ami.arm && shape.accelerator === ami.accelerator) return undefined;
  return `[${name}] is not a valid instance type for requested amiType ${amiType}`;
}

/** True for an AMI type of the list. */
export function isAmiType(amiType: string): boolean {
  return amiType === "CUSTOM" || Object.hasOwn(amiTypes, amiType);
}
