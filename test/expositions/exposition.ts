import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A line of an exposition. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
  /** As in the TYPE line of its family. */
  kind: string;
}

/** Reads the text that an engine answered with, from the fixtures. */
export function exposition(name: string): Sample[] {
  return parseExposition(readFileSync(join(__dirname, "../fixtures/expositions", `${name}.prom`), "utf8"));
}

/** The samples of an exposition in Prometheus' text format. */
export function parseExposition(text: string): Sample[] {
  const kinds = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type?.[1] && type[2]) kinds.set(type[1], type[2]);
    if (line === "" || line.startsWith("#")) continue;
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match?.[1] || !match[3]) throw new Error(`not a line of an exposition: ${line}`);
    const labels: Record<string, string> = {};
    for (const [, label, value] of (match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      if (label && value !== undefined) labels[label] = value;
    const family = match[1].replace(/_(bucket|sum|count)$/, "");
    const kind = kinds.get(match[1]) ?? kinds.get(family) ?? "untyped";
    samples.push({ name: match[1], labels, value: Number(match[3]), kind });
  }
  return samples;
}

/** A series over time in promtool's notation. */
export interface InputSeries {
  series: string;
  values: string;
}

/** A pod that is scraped every 15 seconds. */
export interface Pod {
  namespace: string;
  service: string;
  pod: string;
  samples: Sample[];
  /** All values are multiplied by it. @default 1 */
  load?: number;
  /** Turns the values of a series, one per scrape, into what Prometheus stores. @default none */
  disturb?: (values: string[], sample: Sample) => string[];
}

/** Seconds between two scrapes. */
export const interval = 15;

/** Scrapes in a scenario unless it says otherwise: 5 minutes and one. */
export const scrapes = 21;

/**
 * What Prometheus stores of a pod: labels of the target win over the engine's own, as with `honorLabels: false`.
 * Gauges stay at the exposition's value, counters and buckets grow by it once a minute.
 */
export function stored(pod: Pod, kept?: string[], length = scrapes): InputSeries[] {
  const target = { namespace: pod.namespace, service: pod.service, pod: pod.pod, job: pod.service };
  return pod.samples
    .filter((sample) => !kept || kept.includes(sample.name))
    .map((sample) => {
      const labels: Record<string, string> = { ...target };
      for (const [label, value] of Object.entries(sample.labels))
        labels[label in target ? `exported_${label}` : label] = value;
      const load = pod.load ?? 1;
      const grows = sample.kind === "counter" || sample.kind === "histogram";
      const values = Array.from({ length }, (_, scrape) =>
        String(grows ? (sample.value * load * scrape * interval) / 60 : scaledGauge(sample, load)),
      );
      return {
        series: `${sample.name}{${Object.entries(labels)
          .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
          .join(",")}}`,
        values: (pod.disturb ? pod.disturb(values, sample) : values).join(" "),
      };
    });
}

// A ratio does not grow with the load beyond 1.
function scaledGauge(sample: Sample, load: number): number {
  return sample.value > 0 && sample.value < 1 ? Math.min(1, sample.value * load) : sample.value * load;
}
