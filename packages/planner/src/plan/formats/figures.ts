import { counted } from "../checks/facts";
import { unseenReleases } from "../checks/releases-seen";
import { dollarRange, dollars, hoursPerMonth } from "../money";
import {
  CheckStatus,
  CostBasis,
  type CostLine,
  type PlacedWorkload,
  type Plan,
  type PodRequest,
  type Range,
} from "../types";

/** `2`, or `1–4` where floor and ceiling differ. */
export function range({ floor, ceiling }: Range): string {
  return floor === ceiling ? String(floor) : `${floor}–${ceiling}`;
}

/** `500m CPU, 2.0 GiB, 1 nvidia.com/gpu`. */
export function request({ cpuMillis, memoryMiB, extended }: PodRequest): string {
  const parts = [
    cpuMillis > 0 && `${cpuMillis}m CPU`,
    memoryMiB > 0 &&
      (memoryMiB >= 1024 ? `${(memoryMiB / 1024).toFixed(1)} GiB` : `${Math.round(memoryMiB)} MiB`),
    ...Object.entries(extended).map(([name, count]) => `${count} ${name}`),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "nothing";
}

/** Amounts of a cost line per month, or why there is none. */
export function monthly(line: CostLine): { floor: string; ceiling: string } {
  if (line.hourly) {
    return {
      floor: dollars(line.hourly.floor * hoursPerMonth),
      ceiling: dollars(line.hourly.ceiling * hoursPerMonth),
    };
  }
  const text = line.basis === CostBasis.Usage ? "by usage" : "unknown";
  return { floor: text, ceiling: text };
}

/** Quantity of a cost line with its unit. */
export function amount(line: CostLine): string {
  if (line.basis === CostBasis.Usage) return line.unit;
  return [range(line.quantity), line.unit].filter(Boolean).join(" ");
}

/** The nodes of a workload's pods, or why there are none. */
export function whereOf(workload: PlacedWorkload): string {
  if (workload.problem) return `nowhere: ${workload.problem}`;
  if (workload.pools.length === 0) return "nodes that the stack does not make";
  return workload.kind === "DaemonSet"
    ? `every node of ${workload.pools.join(", ")}`
    : workload.pools.join(", ");
}

/** One line on the whole: what a reader wants first. */
export function headline(plan: Plan): string {
  const resources = plan.resources.filter((resource) => resource.custom).length;
  const releases = counted(plan.releases.length, "release");
  return `${counted(resources, "resource")}, ${releases}, ${costSummary(plan)}; ${verdictOf(plan)}`;
}

/** What the checks say together: nothing of what they did not see. */
function verdictOf({ checks, releases }: Plan): string {
  const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  const [failed, warned] = [count(CheckStatus.Fail), count(CheckStatus.Warn)];
  const unseen = unseenReleases(releases);
  const passed =
    unseen === undefined
      ? `${counted(count(CheckStatus.Pass), "check")} pass`
      : "no check fails on the others";
  return [
    ...(unseen === undefined ? [] : [unseen]),
    failed > 0 ? `${failed} of ${counted(checks.length, "check")} fail` : passed,
    ...(warned > 0 ? [`${warned} ${warned === 1 ? "warns" : "warn"}`] : []),
  ].join(", ");
}

/** `$250 to $1,400 a month`, with `at least` where prices are missing. */
export function costSummary({ cost }: Plan): string {
  const least = cost.unknown.length > 0 ? "at least " : "";
  return `${least}${dollarRange(cost.monthly)} a month`;
}
