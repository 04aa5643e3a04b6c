import type { Problem } from "../common/problem";
import { textProblems } from "../common/text";
import { labelNameRule, matchOperators, seriesNameRule } from "./limits";
import { type MetricSeries, SeriesKind, type SignalSource } from "./series";
import { type Signal, SignalUnit } from "./signal";

const operators: readonly string[] = matchOperators;
const counterName = /_(total|count|sum|bucket)$/;

/** What is wrong with the series that a signal is said to be made of. */
export function sourceProblems(path: string, signal: Signal, source: SignalSource): Problem[] {
  if (source.series.length === 0)
    return [{ path: `${path}.series`, value: [], message: "must name at least one series" }];
  const problems = source.series.flatMap((series, index) =>
    seriesProblems(`${path}.series[${index}]`, signal, series),
  );
  const single = signal.kind === SeriesKind.Histogram || signal.unit === SignalUnit.Ratio;
  const names = source.series.map(({ name, where }) => JSON.stringify([name, where ?? []]));
  source.series.forEach(({ name }, index) => {
    if (names.indexOf(names[index] ?? "") < index)
      problems.push({ path: `${path}.series[${index}]`, value: name, message: "must not be counted twice" });
  });
  if (single && source.series.length > 1)
    problems.push({
      path: `${path}.series`,
      value: source.series.map((series) => series.name),
      message: `must be one series: several ${signal.kind === SeriesKind.Histogram ? "quantiles" : "ratios"} cannot be added up`,
    });
  if (source.scale !== undefined && !(source.scale > 0 && Number.isFinite(source.scale)))
    problems.push({ path: `${path}.scale`, value: source.scale, message: "must be a number above 0" });
  return problems;
}

function seriesProblems(path: string, signal: Signal, series: MetricSeries): Problem[] {
  const problems: Problem[] = [];
  problems.push(...textProblems(`${path}.name`, series.name, seriesNameRule));
  problems.push(...kindProblems(path, signal, series));
  (series.where ?? []).forEach((match, index) => {
    const at = `${path}.where[${index}]`;
    problems.push(...textProblems(`${at}.label`, match.label, labelNameRule));
    if (!operators.includes(match.operator))
      problems.push({
        path: `${at}.operator`,
        value: match.operator,
        message: `must be one of ${operators.join(" ")}`,
      });
    if (/<<|>>/.test(match.value))
      problems.push({
        path: `${at}.value`,
        value: match.value,
        message: "must not contain << or >>, which mark the placeholders of the adapter",
      });
    if (match.label === "quantile") problems.push(meanOfQuantiles(`${at}.label`, match.label));
  });
  return problems;
}

function kindProblems(path: string, signal: Signal, series: MetricSeries): Problem[] {
  const { kind, name } = series;
  if (signal.kind === SeriesKind.Histogram && kind !== SeriesKind.Histogram)
    return [meanOfQuantiles(`${path}.kind`, kind)];
  if (kind === SeriesKind.Gauge && counterName.test(name))
    return [
      {
        path: `${path}.kind`,
        value: kind,
        message: `must not be ${SeriesKind.Gauge}: by its name ${name} only ever grows`,
        fix: `Write kind: ${SeriesKind.Counter}; it is then rated.`,
      },
    ];
  if (kind !== signal.kind)
    return [
      {
        path: `${path}.kind`,
        value: kind,
        message: `must be ${signal.kind} for ${signal.name}`,
        ...(kind === SeriesKind.Counter ? { fix: "A counter used raw only ever grows." } : {}),
      },
    ];
  if (kind === SeriesKind.Histogram && name.endsWith("_bucket"))
    return [{ path: `${path}.name`, value: name, message: "must be the histogram's name, without _bucket" }];
  return [];
}

function meanOfQuantiles(path: string, value: string): Problem {
  return {
    path,
    value,
    message: `must be a ${SeriesKind.Histogram}: quantiles of single pods cannot be combined, their mean is no quantile`,
    fix: "Export a histogram, and leave the quantile to Prometheus.",
  };
}
