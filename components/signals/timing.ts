import { type Bounds, wholeNumberProblems } from "../common/bounds";
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

/** Time between two scrapes, seconds: more often loads the engines, more seldom an autoscaler follows what was. */
export const scrapeSeconds: Bounds = { least: 5, most: 60 };

/** Time between two scrapes unless something else is said, seconds. */
export const defaultScrapeSeconds = 15;

/** Time between two looks of the adapter, seconds: for as long a new service does not scale. */
export const relistSeconds: Bounds = { least: 5, most: 60 };

/** Time between two looks unless something else is said, seconds; the scrape interval where that is longer. */
export const defaultRelistSeconds = 30;

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
export function metricsTiming(scrapeIntervalSeconds = defaultScrapeSeconds): MetricsTiming {
  return {
    scrapeIntervalSeconds,
    relistIntervalSeconds: Math.min(
      relistSeconds.most,
      Math.max(defaultRelistSeconds, scrapeIntervalSeconds),
    ),
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
  const problems = [
    ...wholeNumberProblems("scrapeIntervalSeconds", scrape, scrapeSeconds),
    ...wholeNumberProblems("relistIntervalSeconds", relist, relistSeconds),
  ];
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
