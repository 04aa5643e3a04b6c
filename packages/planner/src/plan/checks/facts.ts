import type { GpuPool } from "../../../../../components/gpu/pool";
import type { PlannedObject } from "../objects";
import {
  type Check,
  CheckStatus,
  type Cost,
  type Placement,
  type PlannedRelease,
  type PlannedResource,
} from "../types";

/** Everything that checks look at. */
export interface Facts {
  resources: PlannedResource[];
  releases: PlannedRelease[];
  objects: PlannedObject[];
  gpuPools: GpuPool[];
  placement: Placement;
  cost: Cost;
  /** URNs registered more than once. */
  duplicates: string[];
  /** Places where a secret would be stored in plain text. */
  leaks: string[];
  /** The project's own configuration by its short keys. */
  config: Record<string, string>;
  /** AWS region of the stack. */
  region: string;
}

/** The configuration's groups as plain data: lists and groups are JSON. */
export function groupsOf(config: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, text]) => [key, plain(text)]));
}

function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Names shown in one detail before "and n more". */
const shown = 4;

/** `a, b, c and 3 more`. */
export function listed(names: string[]): string {
  const unique = [...new Set(names)];
  const rest = unique.length - shown;
  return rest > 0 ? `${unique.slice(0, shown).join(", ")} and ${rest} more` : unique.join(", ");
}

/** `1 pod`, `2 pods`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Fails with the problems and what to do, passes with what was looked at. */
export function verdict(id: string, problems: string[], fix: string, passed: string): Check {
  if (problems.length === 0) return { id, status: CheckStatus.Pass, detail: passed };
  return { id, status: CheckStatus.Fail, detail: `${listed(problems)}. ${fix}` };
}

/** True when the stack says that people depend on it. */
export function isProduction(facts: Facts): boolean {
  return facts.config.environment === "production";
}
