import { normal, type Random, randomOf } from "../random";
import type { Request } from "../replica/replica";

/** Token lengths of a request. */
export interface Length {
  input: number;
  output: number;
}

/** What arrives, over time. The same seed gives the same requests. */
export interface Traffic {
  name: string;
  seconds: number;
  /** What was assumed, and where the data are from. */
  notes: string[];
  /** A sample of the lengths, for what needs no single requests. */
  lengths: Length[];
  /** Requests that arrive from `from` to before `to`, in order. */
  requests(from: number, to: number, seed: number): Request[];
  /** Number of requests per tick, over the whole time. */
  counts(tickSeconds: number, seed: number): Float64Array;
}

/** The first seconds of a traffic. */
export function cut(traffic: Traffic, seconds: number): Traffic {
  if (seconds >= traffic.seconds) return traffic;
  return {
    ...traffic,
    seconds,
    requests: (from, to, seed) => traffic.requests(from, Math.min(to, seconds), seed),
    counts: (tickSeconds, seed) =>
      traffic.counts(tickSeconds, seed).slice(0, Math.ceil(seconds / tickSeconds)),
  };
}

/** Mean arrivals per second. */
export function meanRate(traffic: Traffic): number {
  const counts = traffic.counts(60, 1);
  return counts.reduce((sum, count) => sum + count, 0) / traffic.seconds;
}

/** Traffic of recorded requests, which are in the order of time and begin at 0. */
export function recorded(name: string, requests: Request[], notes: string[] = []): Traffic {
  const last = requests[requests.length - 1];
  const seconds = Math.ceil((last?.at ?? 0) + 1);
  return {
    name,
    seconds,
    notes,
    lengths: sample(requests, 2000),
    requests: (from, to) => requests.filter(({ at }) => at >= from && at < to),
    counts(tickSeconds) {
      const counts = new Float64Array(Math.ceil(seconds / tickSeconds));
      for (const { at } of requests)
        counts[Math.floor(at / tickSeconds)] = (counts[Math.floor(at / tickSeconds)] ?? 0) + 1;
      return counts;
    },
  };
}

/** Traffic by a rate over time, in requests per second. */
export function byRate(options: {
  name: string;
  seconds: number;
  lengths: Length[];
  rate: (second: number) => number;
  /** Variance of the number of arrivals over its mean: 1 for Poisson. @default 1 */
  dispersion?: (second: number) => number;
  notes?: string[];
}): Traffic {
  const { name, seconds, lengths, rate, notes = [] } = options;
  const dispersion = options.dispersion ?? (() => 1);
  const counts = (tickSeconds: number, seed: number) => {
    const random = randomOf(seed);
    return Float64Array.from({ length: Math.ceil(seconds / tickSeconds) }, (_, tick) => {
      const middle = (tick + 0.5) * tickSeconds;
      return drawCount(random, rate(middle) * tickSeconds, dispersion(middle));
    });
  };
  return {
    name,
    seconds,
    notes,
    lengths,
    counts,
    requests(from, to, seed) {
      const random = randomOf(seed + 1);
      const drawn: Request[] = [];
      counts(1, seed).forEach((count, second) => {
        if (second < from || second >= to) return;
        const arrivals = Math.floor(count + random());
        const times = Array.from({ length: arrivals }, () => second + random()).sort((a, b) => a - b);
        for (const at of times) drawn.push({ at, ...pick(lengths, random) });
      });
      return drawn;
    },
  };
}

/** The same traffic with a multiple of its requests: each is repeated within a second, or left out, by chance. */
export function scaled(traffic: Traffic, factor: number): Traffic {
  if (factor === 1) return traffic;
  return {
    ...traffic,
    notes: [...traffic.notes, `${round(factor)} times the requests`],
    counts(tickSeconds, seed) {
      const random = randomOf(seed + 2);
      // A request comes floor(factor) times, and once more by chance.
      const chance = factor % 1;
      return traffic
        .counts(tickSeconds, seed)
        .map((count) => lognormalCount(random, count * factor, count * chance * (1 - chance)));
    },
    requests(from, to, seed) {
      const random = randomOf(seed + 2);
      const all = traffic.requests(from, to, seed).flatMap((request) => {
        const times = Math.floor(factor + random());
        return Array.from({ length: times }, (_, n) =>
          n === 0 ? request : { ...request, at: request.at + random() },
        );
      });
      return all.filter(({ at }) => at < to).sort((a, b) => a.at - b.at);
    },
  };
}

/**
 * Variance over mean of the arrivals per second, within half minutes: how uneven they are beyond what ticks show. Of ten
 * minutes of the busiest hour the median, so that one burst does not stand for all.
 */
export function dispersionOf(traffic: Traffic, seed: number): number {
  const hours = traffic.counts(3600, seed);
  const busiest = hours.reduce((best, count, hour) => (count > (hours[best] ?? 0) ? hour : best), 0);
  const from = Math.max(0, Math.min(busiest * 3600 + 900, traffic.seconds - 600));
  const seconds = new Float64Array(600);
  for (const { at } of traffic.requests(from, from + 600, seed)) {
    const second = Math.min(599, Math.floor(at - from));
    seconds[second] = (seconds[second] ?? 0) + 1;
  }
  const chunks = Array.from({ length: 20 }, (_, n) => seconds.slice(n * 30, n * 30 + 30)).map((chunk) => {
    const mean = chunk.reduce((sum, count) => sum + count, 0) / chunk.length;
    const variance = chunk.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (chunk.length - 1);
    return mean === 0 ? 1 : variance / mean;
  });
  chunks.sort((a, b) => a - b);
  return Math.max(1, chunks[10] ?? 1);
}

export function pick(lengths: Length[], random: Random): Length {
  return lengths[Math.floor(random() * lengths.length)] as Length;
}

function sample(requests: Request[], most: number): Length[] {
  const step = Math.max(1, Math.floor(requests.length / most));
  return requests.filter((_, index) => index % step === 0).map(({ input, output }) => ({ input, output }));
}

/** A number of arrivals by its mean and its dispersion: Poisson where that is 1 and the mean is small. */
function drawCount(random: Random, mean: number, dispersion: number): number {
  if (mean > 20 || dispersion > 1.5) return lognormalCount(random, mean, mean * dispersion);
  let left = Math.exp(-mean);
  let count = 0;
  for (let draw = random(); draw > left && count < 200; count++) {
    draw -= left;
    left *= mean / (count + 1);
  }
  return count;
}

/** A number of arrivals by its mean and variance, never below 0. */
export function lognormalCount(random: Random, mean: number, variance: number): number {
  if (mean <= 0) return 0;
  const spread = Math.sqrt(Math.log(1 + variance / mean ** 2));
  return Math.exp(Math.log(mean) - spread ** 2 / 2 + spread * normal(random));
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
