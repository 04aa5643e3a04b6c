import { gamma, randomOf } from "../random";
import type { Request } from "../replica/replica";
import { type Length, lognormalCount, type Traffic } from "./traffic";

/** One client in one window of 600 s: its rate, and the shape of the gaps between its requests. */
interface Window {
  rate: number;
  cv: number;
}

const windowSeconds = 600;

/**
 * Traffic of ServeGen's tables: `client,window_start_s,rate_per_s,cv,shape,p1,p2`, and quantiles of token lengths. Arrivals
 * of a client in a window are a renewal process with gamma gaps of the window's mean and coefficient of variation.
 */
export function servegen(name: string, windows: string, lengths: string): Traffic {
  const clients = new Map<string, Map<number, Window>>();
  let last = 0;
  for (const line of windows.trim().split("\n").slice(1)) {
    const [client = "", start, rate, cv] = line.split(",");
    const index = Number(start) / windowSeconds;
    last = Math.max(last, index);
    const of = clients.get(client) ?? new Map<number, Window>();
    of.set(index, { rate: Number(rate), cv: Number(cv) || 1 });
    clients.set(client, of);
  }
  const seconds = (last + 1) * windowSeconds;
  const rates = new Float64Array(last + 1);
  const variances = new Float64Array(last + 1);
  for (const of of clients.values())
    for (const [index, { rate, cv }] of of) {
      rates[index] = (rates[index] ?? 0) + rate;
      variances[index] = (variances[index] ?? 0) + rate * Math.min(cv, 30) ** 2;
    }
  const quantiles = lengths
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").map(Number));
  const sampled: Length[] = quantiles.map(([, input = 1], index) => ({
    input: Math.max(1, Math.round(input)),
    output: Math.max(1, Math.round(quantiles[(index * 73) % quantiles.length]?.[2] ?? 1)),
  }));
  return {
    name,
    seconds,
    notes: [
      "arrivals within ServeGen's windows of 600 s are drawn: gamma gaps of each client's rate and coefficient of variation",
      "input and output lengths are drawn independently from the pooled quantiles",
    ],
    lengths: sampled,
    requests: (from, to, seed) => draw(clients, from, to, seed, sampled),
    counts(tickSeconds, seed) {
      const random = randomOf(seed);
      return Float64Array.from({ length: Math.ceil(seconds / tickSeconds) }, (_, tick) => {
        const index = Math.floor((tick * tickSeconds) / windowSeconds);
        const mean = (rates[index] ?? 0) * tickSeconds;
        // Renewal processes: over times longer than their bursts the variance is cv² times the mean.
        return lognormalCount(random, mean, (variances[index] ?? 0) * tickSeconds);
      });
    },
  };
}

function draw(
  clients: Map<string, Map<number, Window>>,
  from: number,
  to: number,
  seed: number,
  lengths: Length[],
): Request[] {
  const drawn: Request[] = [];
  let stream = 0;
  for (const of of clients.values()) {
    stream += 1;
    for (const [index, { rate, cv }] of of) {
      const start = index * windowSeconds;
      if (rate === 0 || start + windowSeconds <= from || start >= to) continue;
      const random = randomOf(seed * 1_000_003 + stream * 10_007 + index);
      const wanted = Math.floor(rate * windowSeconds + random());
      const gaps = Array.from({ length: wanted + 1 }, () => gamma(random, 1 / (cv * cv)));
      // As ServeGen does: rescaled so that the window holds its number of requests.
      const total = gaps.reduce((sum, gap) => sum + gap, 0);
      let at = start;
      for (let n = 0; n < wanted; n++) {
        at += ((gaps[n] ?? 0) / total) * windowSeconds;
        if (at < from || at >= to) continue;
        const { input } = lengths[Math.floor(random() * lengths.length)] as Length;
        const { output } = lengths[Math.floor(random() * lengths.length)] as Length;
        drawn.push({ at, input, output });
      }
    }
  }
  return drawn.sort((a, b) => a.at - b.at);
}
