/** Kinds of a metric series. */
export const SeriesKind = {
  /** Goes up and down; taken as it is. */
  Gauge: "gauge",
  /** Only grows; always rated. */
  Counter: "counter",
  /** Buckets; always a quantile. */
  Histogram: "histogram",
} as const;
export type SeriesKind = (typeof SeriesKind)[keyof typeof SeriesKind];

/** A label condition in PromQL's own operators. */
export interface LabelMatch {
  /** Name of the label. */
  label: string;
  /** `=`, `!=`, `=~` or `!~`. */
  operator: string;
  /** Value, or regular expression. */
  value: string;
}

/** One series that a server exports. */
export interface MetricSeries {
  /** Name as in the exposition; of a histogram the base name without `_bucket`. */
  name: string;
  /** Its kind. */
  kind: SeriesKind;
  /** Which of its label values count. @default all */
  where?: LabelMatch[];
}

/** From which series a signal is computed: the sum of gauges, the rate of counters, the quantile of a histogram. */
export interface SignalSource {
  /** All of one kind. Several are added up, per pod; a ratio and a quantile come from exactly one. */
  series: MetricSeries[];
  /** Factor from the series' unit to the signal's: 0.001 for milliseconds. @default 1 */
  scale?: number;
}
