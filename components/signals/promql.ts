import type { LabelMatch, MetricSeries, SignalSource } from "./series";
import { SeriesKind } from "./series";
import type { Signal } from "./signal";
import { scrapesPerWindow } from "./timing";

/** Where an expression looks, and how it groups what it finds. */
export interface Scope {
  /** Label matchers as PromQL text, without braces. May be empty. */
  matchers: string;
  /** Labels that are kept, as PromQL text. */
  groupBy: string;
}

/** The adapter's own placeholders: it fills in namespace and pods, or namespace and service, for each query. */
export const adapterScope: Scope = { matchers: "<<.LabelMatchers>>", groupBy: "<<.GroupBy>>" };

/**
 * Every pod of one service, or of one service in all.
 *
 * @example
 * ```ts
 * serviceScope("llm", "chat", "pod"); // → { matchers: 'namespace="llm",service="chat"', groupBy: "pod" }
 * ```
 */
export function serviceScope(namespace: string, service: string, groupBy: string): Scope {
  return { matchers: `namespace=${quoted(namespace)},service=${quoted(service)}`, groupBy };
}

/** A value as PromQL text. */
export function quoted(value: string): string {
  return JSON.stringify(value);
}

/** A label condition as PromQL text. */
export function matcher(match: LabelMatch): string {
  return `${match.label}${match.operator}${quoted(match.value)}`;
}

/**
 * The value of a signal, one element per group.
 *
 * A group appears only when every gauge it needs is there and the result is a number: absent and NaN stay absent, so
 * that whoever reads it holds instead of mistaking missing data for idleness. A counter is always rated, and absent until its window
 * is filled; a quantile is taken once over the merged buckets of the group.
 *
 * The quantile of no requests is not a number. That nobody called is measured, though, when the engine is scraped and its
 * count of requests stands still: then the value is 0, or replicas could never leave while a service is idle. Requests
 * that are in flight without one being answered are not idleness: the value stays absent.
 *
 * @param windowSeconds Range of rates; at least four scrapes, or a late one leaves a hole.
 * @param inFlight Of a quantile: the series of the requests that the engine works on. @default not known
 *
 * @example
 * ```ts
 * const queue = signalNamed("inference_queue_depth");
 * const scope = serviceScope("llm", "chat", "pod");
 * const source = { series: [{ name: "requests_waiting", kind: SeriesKind.Gauge }] };
 * signalExpression(queue, source, scope, 60); // → '(sum by (pod) (requests_waiting{namespace="llm",service="chat"})) >= 0'
 * ```
 */
export function signalExpression(
  signal: Signal,
  source: SignalSource,
  scope: Scope,
  windowSeconds: number,
  inFlight?: SignalSource,
): string {
  const scale = source.scale === undefined || source.scale === 1 ? "" : ` * ${source.scale}`;
  // NaN compares as false: the filter drops it.
  const value = `(${rawExpression(signal, source, scope, windowSeconds)}${scale}) >= 0`;
  const [first] = source.series;
  if (first?.kind !== SeriesKind.Histogram) return value;
  const all: MetricSeries = {
    ...first,
    name: `${first.name}_bucket`,
    where: [...(first.where ?? []), { label: "le", operator: "=", value: "+Inf" }],
  };
  const silent = `sum by (${scope.groupBy}) (rate(${selector(all, scope)}[${windowSeconds}s])) == 0`;
  const busy = inFlight && `unless on (${scope.groupBy}) (${sumOfGauges(inFlight, scope)}) > 0`;
  return `${value} or (${busy ? `${silent} ${busy}` : silent})`;
}

function sumOfGauges(source: SignalSource, scope: Scope): string {
  return source.series.map((series) => `sum by (${scope.groupBy}) (${selector(series, scope)})`).join(" + ");
}

/**
 * Samples that a window must hold for a rate. Over a window of which only the end is filled, as after Prometheus was
 * away, `rate` gives a fraction of what happens: replicas would leave at the moment in which numbers come back.
 */
const leastSamples = scrapesPerWindow - 1;

function rawExpression(signal: Signal, source: SignalSource, scope: Scope, windowSeconds: number): string {
  const [first, ...others] = source.series;
  if (!first) throw new Error(`${signal.name} is computed from no series`);
  const window = `[${windowSeconds}s]`;
  const by = `by (${scope.groupBy})`;
  switch (first.kind) {
    case SeriesKind.Gauge:
      return signal.additive ? sumOfGauges(source, scope) : `avg ${by} (${selector(first, scope)})`;
    case SeriesKind.Counter: {
      const rates = source.series.map((series) => {
        const counted = `${selector(series, scope)}${window}`;
        return `sum ${by} (rate(${counted}) and count_over_time(${counted}) >= ${leastSamples})`;
      });
      if (others.length === 0) return rates.join("");
      // A counter that has not counted yet is not exported: the others stand without it.
      const parts = rates.map((rate, index) => `label_replace(${rate}, "part", "${index}", "", "")`);
      return `sum ${by} (${parts.join(" or ")})`;
    }
    case SeriesKind.Histogram: {
      const buckets = selector({ ...first, name: `${first.name}_bucket` }, scope);
      const groups = scope.groupBy === "" ? "le" : `${scope.groupBy}, le`;
      return `histogram_quantile(${signal.quantile}, sum by (${groups}) (rate(${buckets}${window})))`;
    }
  }
}

function selector(series: MetricSeries, scope: Scope): string {
  const matchers = [scope.matchers, ...(series.where ?? []).map(matcher)].filter((text) => text !== "");
  return `${series.name}{${matchers.join(",")}}`;
}

/**
 * Names of the series as Prometheus stores them: of a histogram its buckets.
 *
 * @example
 * ```ts
 * storedNames({ series: [{ name: "ttft_seconds", kind: SeriesKind.Histogram }] }); // → ["ttft_seconds_bucket"]
 * ```
 */
export function storedNames(source: SignalSource): string[] {
  return source.series.map((series) =>
    series.kind === SeriesKind.Histogram ? `${series.name}_bucket` : series.name,
  );
}
