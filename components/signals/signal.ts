import type { SeriesKind } from "./series";

/** Units of signals, in Prometheus' base units. */
export const SignalUnit = {
  /** Number of requests. */
  Requests: "requests",
  /** Requests per second. */
  RequestsPerSecond: "requests/s",
  /** Tokens per second. */
  TokensPerSecond: "tokens/s",
  /** Share of a whole, 0 to 1. */
  Ratio: "ratio",
  /** Seconds. */
  Seconds: "seconds",
  /** Percent, 0 to 100. */
  Percent: "percent",
} as const;
export type SignalUnit = (typeof SignalUnit)[keyof typeof SignalUnit];

/** One number worth scaling on, defined once for all engines. */
export interface Signal {
  /** Engine-neutral name; also the name of the metric in the custom metrics API. */
  name: string;
  /** One sentence for plans, alerts and dashboards. */
  title: string;
  /** Its unit, and that of its targets. */
  unit: SignalUnit;
  /** Kind of the series that it is computed from. A counter is always rated, a histogram always a quantile. */
  kind: SeriesKind | "resource";
  /** Of a histogram: which quantile, 0–1; absent for other kinds. */
  quantile?: number;
  /** Whether the values of pods may be added. Additive → target per pod; otherwise a guardrail by value. */
  additive: boolean;
  /** Lowest target that makes sense, exclusive. */
  above: number;
  /** Highest target that makes sense, inclusive. @default unbounded */
  atMost?: number;
  /** True for a number that alerts and dashboards show but replicas do not follow. @default false */
  watchedOnly?: boolean;
}

/** A service's scaling target: hold `signal` at `target`. */
export interface SignalTarget {
  /** Name of a signal of the catalog. */
  signal: string;
  /** Target in the signal's unit: per pod for additive signals, for the service otherwise. */
  target: number;
}
