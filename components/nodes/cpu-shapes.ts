import { nearest } from "../common/nearest";

/** What pods can count on from an instance type without an accelerator. */
export interface CpuShape {
  /** Virtual CPUs. */
  vcpus: number;
  /** Memory as EC2 states it, GiB. */
  memoryGiB: number;
}

/** GiB per vCPU of x86-64 families. Source: Amazon EC2 instance types guide, specifications (November 2026). */
const families = new Map<string, number>([
  ...["c6i", "c6a", "c6id", "c6in", "c7i", "c7a", "c7i-flex", "c8i", "c8i-flex"].map(
    (name) => [name, 2] as const,
  ),
  ...[
    "m5",
    "m5a",
    "m5d",
    "m5n",
    "m6i",
    "m6a",
    "m6id",
    "m6in",
    "m7i",
    "m7a",
    "m7i-flex",
    "m8i",
    "m8i-flex",
  ].map((name) => [name, 4] as const),
  ...["r5", "r5a", "r5d", "r5n", "r6i", "r6a", "r6id", "r6in", "r7i", "r7a", "r8i", "r8i-flex"].map(
    (name) => [name, 8] as const,
  ),
]);

/** vCPUs by size. Families without the larger ones are refused by EC2 itself. */
const sizes = new Map<string, number>([
  ["large", 2],
  ["xlarge", 4],
  ...[2, 4, 8, 12, 16, 24, 32, 48].map((factor): [string, number] => [`${factor}xlarge`, 4 * factor]),
]);

/** Burstable types. */
const burstable = new Map<string, CpuShape>(
  ["t3", "t3a"].flatMap((family): [string, CpuShape][] => [
    [`${family}.medium`, { vcpus: 2, memoryGiB: 4 }],
    [`${family}.large`, { vcpus: 2, memoryGiB: 8 }],
    [`${family}.xlarge`, { vcpus: 4, memoryGiB: 16 }],
    [`${family}.2xlarge`, { vcpus: 8, memoryGiB: 32 }],
  ]),
);

/** The shape of an x86-64 instance type without an accelerator; undefined for what is not known as one. */
export function cpuShape(name: string): CpuShape | undefined {
  const small = burstable.get(name);
  if (small) return small;
  const [family = "", size = "", ...rest] = name.split(".");
  const ratio = families.get(family);
  const vcpus = sizes.get(size);
  if (ratio === undefined || vcpus === undefined || rest.length > 0) return undefined;
  return { vcpus, memoryGiB: vcpus * ratio };
}

/** What is allowed instead of a name that is not known, as the end of a sentence. */
export function unknownCpuType(name: string): string {
  const [family = "", size = ""] = name.split(".");
  const near = families.has(family)
    ? nearest(size, [...sizes.keys()])
    : nearest(family, [...families.keys(), "t3", "t3a"]);
  const meant = near && (families.has(family) ? `${family}.${near}` : `${near}.${size}`);
  const hint = meant && cpuShape(meant) ? `; did you mean ${meant}?` : "";
  return `must be an x86-64 instance type of a known family: ${[...families.keys()].join(", ")}, t3 or t3a${hint}`;
}
