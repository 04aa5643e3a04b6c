import type { Row, WhatIf } from "./report";
import { wording } from "./text";

/** What a change does to one service under the same traffic. */
export interface Comparison {
  service: string;
  traffic: string;
  before: Row;
  after: Row;
}

export function compare(before: WhatIf[], after: WhatIf[]): Comparison[] {
  return after.flatMap(({ service, traffic, stack }) => {
    const old = before.find((report) => report.service === service);
    return old ? [{ service, traffic: traffic.name, before: old.stack, after: stack }] : [];
  });
}

/** One line per service: `chat with last-week.csv: minutes beyond the objective 3 → 41, GPU-hours −12.0 %, −$380 a month`. */
export function comparisonLines(comparisons: Comparison[]): string[] {
  return comparisons.map(({ service, traffic, before, after }) => {
    const hours = before.gpuHours > 0 ? 100 * (after.gpuHours / before.gpuHours - 1) : 0;
    const dollars = after.monthlyDollars - before.monthlyDollars;
    return (
      `${service} with ${traffic}: minutes beyond the objective ${before.violatedMinutes} → ${after.violatedMinutes}, ` +
      `GPU-hours ${sign(hours)}${Math.abs(hours).toFixed(1)} %, ${sign(dollars)}${wording.money(Math.abs(dollars))} a month`
    );
  });
}

const sign = (value: number) => (value < 0 ? "−" : "+");

/** Services whose minutes beyond the objective grow by more than is let pass. */
export function sloHits(comparisons: Comparison[], minutes: number): string[] {
  return comparisons
    .filter(({ before, after }) => after.violatedMinutes > before.violatedMinutes + minutes)
    .map(
      ({ service, before, after }) =>
        `slo: ${service}: ${after.violatedMinutes - before.violatedMinutes} more minutes beyond the objective, more than ${minutes}`,
    );
}
