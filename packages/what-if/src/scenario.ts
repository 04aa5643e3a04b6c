import { cheapest, scheduleScaler } from "./bench/oracle";
import type { NodePool } from "./fleet/fleet";
import { drawSeconds, type Spread, type Startup } from "./fleet/startup";
import { randomOf } from "./random";
import type { EngineCoefficients } from "./replica/coefficients";
import { fixedScaler, type Scaler } from "./scaler";
import { AggregatedServing } from "./serving/aggregated";
import { type Capacity, measureCapacity } from "./serving/capacity";
import { ExactServing } from "./serving/exact";
import type { MetricsPath } from "./serving/scrape";
import type { Objective, Serving } from "./serving/serving";
import { type Outcome, simulate } from "./simulate";
import { dispersionOf, meanRate, type Traffic } from "./traffic/traffic";

/** Everything but the scaler. */
export interface Scenario {
  traffic: Traffic;
  engine: EngineCoefficients;
  prefixHits: number;
  objective: Objective;
  pool: NodePool;
  startup: Startup;
  path: MetricsPath;
  /** Bounds of the replicas. */
  min: number;
  max: number;
  /** A request that has not been answered by then is given up. */
  longestSeconds: number;
  seed: number;
  spotPerHour?: number;
}

/** Requests above which single ones are no longer played. */
const exactRequests = 500_000;
const tickSeconds = 5;

/** A scenario with what is measured of it once. */
export class Bench {
  readonly capacity: Capacity;
  readonly exact: boolean;
  readonly rate: number;
  private readonly counts: Float64Array;

  constructor(
    readonly scenario: Scenario,
    mode?: { exact: boolean; capacity?: Capacity },
  ) {
    const { traffic, engine, objective, prefixHits, seed } = scenario;
    this.rate = meanRate(traffic);
    this.exact = mode?.exact ?? this.rate * traffic.seconds <= exactRequests;
    this.counts = traffic.counts(tickSeconds, seed);
    this.capacity =
      mode?.capacity ??
      measureCapacity(engine, traffic.lengths, objective, {
        prefixHits,
        rate: this.rate,
        dispersion: dispersionOf(traffic, seed),
      });
  }

  /** Replicas that hold the objective at the rate of the first minutes, within the bounds. */
  get initial(): number {
    const { min, max } = this.scenario;
    const first = this.counts.slice(0, 60).reduce((sum, count) => sum + count, 0) / (60 * tickSeconds);
    return Math.max(
      min,
      Math.min(max, Math.ceil(first / Math.max(this.capacity.holding * 0.7, 1e-9)), this.most),
    );
  }

  play(scaler: Scaler, options: { initial?: number; startup?: Startup } = {}): Outcome {
    const { traffic, pool, path, objective, seed, spotPerHour } = this.scenario;
    return simulate({
      serving: this.serving(),
      seconds: Math.floor(traffic.seconds / 60) * 60,
      scaler,
      initialReplicas: options.initial ?? this.initial,
      pool,
      startup: options.startup ?? this.scenario.startup,
      path,
      objective,
      seed,
      spotPerHour,
    });
  }

  fixed(replicas: number): Outcome {
    return this.play(fixedScaler(replicas), { initial: replicas });
  }

  /** The fewest replicas, all the time, that meet the objective for such a share of the requests. */
  bestFixed(share: number): { replicas: number; outcome: Outcome } {
    let low = Math.max(1, this.scenario.min);
    let high = this.most;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (metShare(this.fixed(middle)) >= share) high = middle;
      else low = middle + 1;
    }
    return { replicas: low, outcome: this.fixed(low) };
  }

  /**
   * Who knows the traffic and pays the same start-up, at the same share of requests within the objective, or at the highest
   * that it can have.
   */
  oracle(share: number): Outcome {
    // The dearer a missed request, the more of them are met: bisection over its price, in powers of ten.
    let low = -2;
    let high = 5;
    let found = this.clairvoyant(10 ** high);
    for (let n = 0; n < 9; n++) {
      const middle = (low + high) / 2;
      const tried = this.clairvoyant(10 ** middle);
      if (metShare(tried) >= share) {
        high = middle;
        found = tried;
      } else low = middle;
    }
    return found;
  }

  /** Who knows the traffic, when a request that misses the objective costs so many replica-seconds. */
  clairvoyant(penalty: number): Outcome {
    const { traffic, startup, min, pool } = this.scenario;
    const slotSeconds = traffic.seconds > 86_400 ? 60 : 15;
    const startupSeconds = usualSeconds(startup, min > 0 ? pool.min : 0);
    const perSlot = slotSeconds / tickSeconds;
    const counts = new Float64Array(Math.ceil(this.counts.length / perSlot));
    this.counts.forEach((count, tick) => {
      const slot = Math.floor(tick / perSlot);
      counts[slot] = (counts[slot] as number) + count;
    });
    const problem = { counts, slotSeconds, capacity: this.capacity, startupSeconds, min, max: this.most };
    const schedule = cheapest(problem, penalty);
    const certain: Startup = {
      node: none,
      image: none,
      load: { median: startupSeconds, p95: startupSeconds },
    };
    return this.play(scheduleScaler(schedule, slotSeconds, startupSeconds), {
      initial: schedule[0],
      startup: certain,
    });
  }

  /** Replicas that pool and bounds allow. */
  get most(): number {
    const { max, pool } = this.scenario;
    return Math.min(max, pool.max * pool.replicasPerNode);
  }

  private serving(): Serving {
    const { traffic, engine, objective, prefixHits, longestSeconds, seed } = this.scenario;
    return this.exact
      ? new ExactServing(
          engine,
          traffic.requests(0, traffic.seconds, seed),
          objective,
          longestSeconds,
          prefixHits,
        )
      : new AggregatedServing(this.capacity, this.counts, tickSeconds, objective, longestSeconds, seed);
  }
}

const none: Spread = { median: 0, p95: 0 };

export function metShare({ met, arrived }: Outcome): number {
  return arrived === 0 ? 1 : met / arrived;
}

/** Mean time from wanted to ready: with a node to be made, unless so many are always there. */
export function usualSeconds(startup: Startup, standby: number): number {
  const random = randomOf(3);
  const draws = 400;
  let sum = 0;
  for (let n = 0; n < draws; n++)
    sum +=
      (standby > 0 ? 0 : drawSeconds(startup.node, random)) +
      drawSeconds(startup.image, random) +
      drawSeconds(startup.load, random);
  return sum / draws;
}
