import type { Gauges, Serving } from "./serving";

/** How metrics come to the autoscaler. */
export interface MetricsPath {
  /** Prometheus scrapes a replica every so often. */
  scrapeSeconds: number;
  /** The adapter lists the series it can answer for every so often: a new replica's are not known before. */
  relistSeconds: number;
  /** Window of rates. */
  rateSeconds: number;
}

interface Sample extends Gauges {
  at: number;
}

/** What Prometheus has of each replica, and what of it the adapter answers with. */
export class Scraper {
  private readonly series = new Map<number, { samples: Sample[]; knownAt: number }>();

  constructor(
    private readonly path: MetricsPath,
    private readonly serving: Serving,
  ) {}

  /** Scrapes those whose turn it is within the tick that ends now. */
  tick(pods: readonly { id: number; ready: boolean }[], now: number, tickSeconds: number): void {
    const { scrapeSeconds, relistSeconds, rateSeconds } = this.path;
    for (const { id, ready } of pods) {
      // Targets are spread over the interval by a hash of their address.
      const since = (now + ((id * 7919) % scrapeSeconds)) % scrapeSeconds;
      if (!ready || since >= tickSeconds) continue;
      const known = this.series.get(id) ?? {
        samples: [],
        knownAt: Math.ceil(now / relistSeconds) * relistSeconds,
      };
      known.samples.push({ ...this.serving.gauges(id), at: now });
      while ((known.samples[0] as Sample).at < now - rateSeconds) known.samples.shift();
      this.series.set(id, known);
    }
    if (this.series.size <= 2 * pods.length) return;
    const there = new Set(pods.map(({ id }) => id));
    for (const id of this.series.keys()) if (!there.has(id)) this.series.delete(id);
  }

  /** The last sample of a replica, if the adapter knows it. */
  last(id: number, now: number): Gauges | undefined {
    const series = this.series.get(id);
    return series && series.knownAt <= now ? series.samples[series.samples.length - 1] : undefined;
  }

  /** Answers per second over the rate's window; absent until the window has two samples a scrape short of its length. */
  rate(id: number, now: number): number | undefined {
    const series = this.series.get(id);
    if (!series || series.knownAt > now) return undefined;
    const first = series.samples[0] as Sample;
    const last = series.samples[series.samples.length - 1] as Sample;
    if (last.at - first.at < this.path.rateSeconds - 2 * this.path.scrapeSeconds || last.at === first.at)
      return undefined;
    return (last.answered - first.answered) / (last.at - first.at);
  }
}
