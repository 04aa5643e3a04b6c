import { normal, type Random, randomOf } from "../random";
import type { Capacity, Level } from "./capacity";
import type { Gauges, Objective, Serving, Tally } from "./serving";

interface Pool {
  /** Requests in it. */
  inFlight: number;
  answered: number;
}

/**
 * Replicas as flows: requests in flight rise by what arrives and fall by the rate at which so many in flight are steady,
 * measured on the exact model; beyond what a replica works on at once they wait. No request is seen by itself.
 */
export class AggregatedServing implements Serving {
  private readonly pools = new Map<number, Pool>();
  private readonly taking = new Set<number>();
  private held = 0;
  private tick = 0;
  private now = 0;
  private count: Tally = { arrived: 0, met: 0, lost: 0 };
  private readonly steady: SteadyTable;
  private readonly random: Random;
  /** Of the requests in flight, all replicas alike: chance within a tick, which flows do not have. */
  private chance = 0;

  constructor(
    private readonly capacity: Capacity,
    private readonly counts: Float64Array,
    private readonly tickSeconds: number,
    private readonly objective: Objective,
    /** After so long a request is given up. */
    private readonly longestSeconds: number,
    seed: number,
  ) {
    this.random = randomOf(seed + 29);
    this.steady = new SteadyTable(capacity.levels);
  }

  add(id: number): void {
    this.pools.set(id, { inFlight: this.held, answered: 0 });
    this.held = 0;
    this.taking.add(id);
  }

  drain(id: number, now: number): number {
    const pool = this.pools.get(id) as Pool;
    this.taking.delete(id);
    this.pools.delete(id);
    return now + Math.max(this.steady.service(pool.inFlight), pool.inFlight / this.capacity.most);
  }

  lose(id: number): void {
    this.count.lost += this.pools.get(id)?.inFlight ?? 0;
    this.taking.delete(id);
    this.pools.delete(id);
  }

  advance(now: number): void {
    while (this.now < now) {
      this.arrive(this.counts[this.tick] ?? 0);
      this.tick += 1;
      this.now += this.tickSeconds;
    }
  }

  gauges(id: number): Gauges {
    const { inFlight: mean, answered } = this.pools.get(id) as Pool;
    const spread = this.unseen(mean) * Math.sqrt(mean / Math.max(1, this.taking.size));
    const inFlight = Math.max(0, mean + spread * this.chance);
    const backlog = Math.max(0, inFlight - this.steady.full);
    const waiting = Math.min(inFlight, this.steady.waiting(inFlight) + backlog);
    return {
      running: Math.round(inFlight - waiting),
      waiting: Math.round(waiting),
      kvUsage: this.steady.kvUsage(inFlight),
      answered,
    };
  }

  tally(): Tally {
    const { count } = this;
    this.count = { arrived: 0, met: 0, lost: 0 };
    return count;
  }

  /**
   * Requests in flight of Poisson arrivals have their mean as variance. Flows have the part of it that comes from the numbers
   * per tick: this is the root of the rest.
   */
  private unseen(inFlight: number): number {
    const ticks = this.tickSeconds / this.steady.service(inFlight);
    const gain = (1 - Math.exp(-ticks)) / ticks;
    return Math.sqrt(Math.max(0, 1 - (gain * gain * ticks) / (1 - Math.exp(-2 * ticks))));
  }

  private arrive(arrivals: number): void {
    this.chance = normal(this.random);
    this.count.arrived += arrivals;
    if (this.taking.size === 0) {
      const longest = arrivals + this.held;
      this.held = Math.min(longest, (arrivals / this.tickSeconds) * this.longestSeconds);
      this.count.lost += longest - this.held;
      return;
    }
    const pools: Pool[] = [];
    for (const id of this.taking) pools.push(this.pools.get(id) as Pool);
    const first = pools[0] as Pool;
    if (pools.every(({ inFlight }) => inFlight === first.inFlight)) {
      // As the least-loaded rule leaves them: what happens to one happens to all.
      const after = this.flow(first.inFlight, arrivals / pools.length, pools.length);
      const answered = first.inFlight + arrivals / pools.length - after;
      for (const pool of pools) {
        pool.inFlight = after;
        pool.answered += answered;
      }
      return;
    }
    const shares = levelled(
      pools.map(({ inFlight }) => inFlight),
      arrivals,
    );
    pools.forEach((pool, index) => {
      const share = shares[index] as number;
      const after = this.flow(pool.inFlight, share, 1);
      pool.answered += pool.inFlight + share - after;
      // Those that were levelled stay equal, but for the last binary place.
      pool.inFlight = Math.round(after * 1e6) / 1e6;
    });
  }

  /** In flight after a tick in which so many arrived; counts what became of them, for so many alike. */
  private flow(before: number, arrivals: number, alike: number): number {
    const { capacity, tickSeconds, steady } = this;
    // Halves, because the service time changes on the way.
    const rate = arrivals / tickSeconds;
    const after = this.after(this.after(before, rate, tickSeconds / 2), rate, tickSeconds / 2);
    const lost = Math.max(0, after - steady.full - capacity.most * this.longestSeconds);
    const left = after - lost;
    const wait = Math.max(0, (before + left) / 2 - steady.full) / capacity.most;
    const late = wait > 0 && wait + steady.firstToken(left) > this.objective.firstTokenSeconds;
    this.count.met += alike * Math.max(0, arrivals - lost) * (late ? 0 : steady.met(left));
    this.count.lost += alike * lost;
    return left;
  }

  /** In flight after some seconds of a rate of arrivals: on the way to what the rate makes steady, or growing when it is too much. */
  private after(inFlight: number, rate: number, seconds: number): number {
    if (inFlight >= this.steady.full) return Math.max(0, inFlight + (rate - this.capacity.most) * seconds);
    const service = this.steady.service(inFlight);
    const steady = rate * service;
    return steady + (inFlight - steady) * Math.exp(-seconds / service);
  }
}

/** Arrivals go where the fewest are in flight until all have the same: how much each gets. */
export function levelled(inFlight: number[], arrivals: number): number[] {
  const sorted = [...inFlight].sort((a, b) => a - b);
  let water = 0;
  let sum = 0;
  for (let n = 0; n < sorted.length; n++) {
    sum += sorted[n] as number;
    water = (sum + arrivals) / (n + 1);
    if (n + 1 === sorted.length || water <= (sorted[n + 1] as number)) break;
  }
  return inFlight.map((level) => Math.max(0, water - level));
}

/** The level at a value of one of its figures, between the two measured ones beside it. */
export function levelAt(levels: Level[], by: "rate" | "inFlight", value: number): Level {
  let high = 1;
  while (high < levels.length - 1 && (levels[high] as Level)[by] < value) high += 1;
  const a = levels[high - 1] as Level;
  const b = levels[high] as Level;
  const share = Math.min(1, Math.max(0, (value - a[by]) / (b[by] - a[by])));
  const mix = (figure: keyof Level) => Math.max(0, a[figure] + (b[figure] - a[figure]) * share);
  return {
    rate: mix("rate"),
    inFlight: mix("inFlight"),
    waiting: mix("waiting"),
    kvUsage: mix("kvUsage"),
    met: Math.min(1, mix("met")),
    firstTokenP50: mix("firstTokenP50"),
    firstTokenP95: mix("firstTokenP95"),
    perTokenP95: mix("perTokenP95"),
  };
}

/** Figures of the measured levels by requests in flight, on a grid that is fine enough to take the nearest of. */
class SteadyTable {
  /** Requests in flight of the highest level: what a replica works on at most. */
  readonly full: number;
  private readonly step: number;
  private readonly grid: Level[];

  constructor(levels: Level[]) {
    this.full = (levels[levels.length - 1] as Level).inFlight;
    const points = 1000;
    this.step = this.full / points;
    this.grid = Array.from({ length: points + 1 }, (_, n) => levelAt(levels, "inFlight", n * this.step));
  }

  /** Seconds that a request is in a replica. */
  service(inFlight: number): number {
    const { inFlight: inside, rate } = this.at(inFlight);
    return inside / rate;
  }

  waiting(inFlight: number): number {
    return this.at(inFlight).waiting;
  }

  kvUsage(inFlight: number): number {
    return this.at(inFlight).kvUsage;
  }

  met(inFlight: number): number {
    return this.at(inFlight).met;
  }

  firstToken(inFlight: number): number {
    return this.at(inFlight).firstTokenP50;
  }

  private at(inFlight: number): Level {
    return this.grid[Math.min(this.grid.length - 1, Math.round(inFlight / this.step))] as Level;
  }
}
