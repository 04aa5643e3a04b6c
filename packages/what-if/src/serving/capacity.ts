import { gamma, randomOf } from "../random";
import type { EngineCoefficients } from "../replica/coefficients";
import { Replica, type Served } from "../replica/replica";
import { type Length, pick } from "../traffic/traffic";
import type { Objective } from "./serving";

/** What one replica does at a steady rate of arrivals. */
export interface Level {
  /** Requests per second. */
  rate: number;
  /** Means over time. */
  inFlight: number;
  waiting: number;
  kvUsage: number;
  /** Share of the requests that meet the objective. */
  met: number;
  /** Seconds. */
  firstTokenP50: number;
  firstTokenP95: number;
  perTokenP95: number;
}

/** Levels of a replica from idle to as much as it can do. */
export interface Capacity {
  levels: Level[];
  /** Requests per second that it can do at most. */
  most: number;
  /** Most requests per second at which the objective's share is held. */
  holding: number;
}

/** Requests per level; and of a run the first fifth is warm-up. */
const perLevel = 2500;

/** Replicas that are measured together, and the share of what they can do that replicas usually have to do. */
const pool = 4;
const usualLoad = 0.65;

/**
 * Measures a simulated replica by the exact model: arrivals of a pool of four that go to the one with the fewest in flight,
 * with gaps as uneven as those of traffic of a `rate` with a `dispersion` within seconds (1 for Poisson).
 */
export function measureCapacity(
  engine: EngineCoefficients,
  lengths: Length[],
  objective: Objective,
  options: { prefixHits?: number; rate?: number; dispersion?: number } = {},
): Capacity {
  const { prefixHits = 0 } = options;
  const most = saturated(engine, lengths, prefixHits);
  // The pool has a part of the traffic, by chance, and so a part of its unevenness.
  const part = Math.min(1, (pool * usualLoad * most) / (options.rate ?? 1));
  const dispersion = 1 + ((options.dispersion ?? 1) - 1) * part;
  const steps = [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.78, 0.85, 0.9, 0.94, 0.97];
  const levels = steps.map((share) =>
    measure(engine, lengths, objective, { prefixHits, dispersion, rate: share * most }),
  );
  // Means of neighbours may cross by chance; the aggregated mode needs them to grow.
  for (let n = 1; n < levels.length; n++) {
    const level = levels[n] as Level;
    level.inFlight = Math.max(level.inFlight, (levels[n - 1] as Level).inFlight * 1.001);
  }
  const holding = levels.reduce(
    (best, level) => (level.met >= objective.share ? Math.max(best, level.rate) : best),
    0,
  );
  return { levels, most, holding };
}

/** Requests per second of a replica that never has to wait for one. */
function saturated(engine: EngineCoefficients, lengths: Length[], prefixHits: number): number {
  const random = randomOf(11);
  const done: number[] = [];
  const replica = new Replica(engine, ({ finishedAt }) => done.push(finishedAt), prefixHits);
  const crowd = engine.maxSequences * 3;
  for (let n = 0; n < perLevel + crowd; n++) replica.add({ at: 0, ...pick(lengths, random) });
  replica.advance(Number.POSITIVE_INFINITY);
  done.sort((a, b) => a - b);
  const from = Math.floor(perLevel / 5);
  return (perLevel - from) / ((done[perLevel] ?? 1) - (done[from] ?? 0));
}

function measure(
  engine: EngineCoefficients,
  lengths: Length[],
  objective: Objective,
  { prefixHits, dispersion, rate }: { prefixHits: number; dispersion: number; rate: number },
): Level {
  const random = randomOf(13);
  const done: Served[] = [];
  const replicas = Array.from(
    { length: pool },
    () => new Replica(engine, (served) => done.push(served), prefixHits),
  );
  let looks = 0;
  let inFlight = 0;
  let waiting = 0;
  let kvUsage = 0;
  let at = 0;
  for (let n = 0; n < perLevel; n++) {
    at += gamma(random, 1 / dispersion) * (dispersion / (rate * pool));
    let least = replicas[0] as Replica;
    for (const replica of replicas) {
      replica.advance(at);
      if (n > perLevel / 5) {
        looks += 1;
        inFlight += replica.inFlight;
        waiting += replica.waiting.length;
        kvUsage += replica.kvUsage;
      }
      if (replica.inFlight < least.inFlight) least = replica;
    }
    least.add({ at, ...pick(lengths, random) });
  }
  for (const replica of replicas) replica.advance(Number.POSITIVE_INFINITY);
  const kept = done.filter(({ request }) => request.at > at / 5);
  const first = kept.map(({ request, firstTokenAt }) => firstTokenAt - request.at);
  const perToken = kept.map(({ request, firstTokenAt, finishedAt }) =>
    request.output > 1 ? (finishedAt - firstTokenAt) / (request.output - 1) : 0,
  );
  const met = first.filter(
    (seconds, index) =>
      seconds <= objective.firstTokenSeconds && (perToken[index] ?? 0) <= objective.perTokenSeconds,
  );
  return {
    rate,
    inFlight: inFlight / looks,
    waiting: waiting / looks,
    kvUsage: kvUsage / looks,
    met: met.length / kept.length,
    firstTokenP50: quantile(first, 0.5),
    firstTokenP95: quantile(first, 0.95),
    perTokenP95: quantile(perToken, 0.95),
  };
}

export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
