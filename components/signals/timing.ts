import type { Problem } from "../common/problem";

/** How often numbers are taken and looked for. Seconds. */
export interface MetricsTiming {
  /** Time between two scrapes of an engine. */
  scrapeIntervalSeconds: number;
  /** Time between two looks of the adapter for new series: how long a new service's metric may be unknown. */
  relistIntervalSeconds: number;
  /** Range over which counters are rated and quantiles taken. */
  rateWindowSeconds: number;
}

/** Longest time that a new service's metric may be unknown. */
export const maxRelistSeconds = 60;

/** Scrapes that a rate window must hold: with fewer, one late scrape leaves a hole in the signal. */
export const scrapesPerWindow = 4;

/**
 * Timing from the scrape interval alone: look every 30 s, rate over four scrapes.
 *
 * @example
 * ```ts
 * metricsTiming(15); // → { scrapeIntervalSeconds: 15, relistIntervalSeconds: 30, rateWindowSeconds: 60 }
 * ```
 */
export function metricsTiming(scrapeIntervalSeconds = 15): MetricsTiming {
  return {
    scrapeIntervalSeconds,
    relistIntervalSeconds: Math.min(maxRelistSeconds, Math.max(30, scrapeIntervalSeconds)),
    rateWindowSeconds: scrapesPerWindow * scrapeIntervalSeconds,
  };
}

/**
 * What is wrong with a timing.
 *
 * @example
 * ```ts
 * const slow = { scrapeIntervalSeconds: 15, relistIntervalSeconds: 90, rateWindowSeconds: 60 };
 * timingProblems(slow); // → [{ path: "relistIntervalSeconds", value: 90 }]
 * ```
 */
export function timingProblems(timing: MetricsTiming): Problem[] {
  const { scrapeIntervalSeconds: scrape, relistIntervalSeconds: relist, rateWindowSeconds: window } = timing;
  const problems: Problem[] = [];
  if (!(scrape >= 1))
    problems.push({ path: "scrapeIntervalSeconds", value: scrape, message: "must be at least 1" });
  if (relist > maxRelistSeconds)
    problems.push({
      path: "relistIntervalSeconds",
      value: relist,
      message: `must be at most ${maxRelistSeconds}: a new service does not scale before the adapter has found its series`,
    });
  if (scrape > relist)
    problems.push({
      path: "relistIntervalSeconds",
      value: relist,
      message: `must be at least the scrape interval of ${scrape}: the adapter looks for series of the last interval only, and would lose them in between`,
    });
  if (window < scrapesPerWindow * scrape)
    problems.push({
      path: "rateWindowSeconds",
      value: window,
      message: `must be at least ${scrapesPerWindow} × the scrape interval = ${scrapesPerWindow * scrape}: one late scrape would leave a hole`,
    });
  return problems;
}
