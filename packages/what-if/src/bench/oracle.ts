import type { Scaler } from "../scaler";
import { levelAt } from "../serving/aggregated";
import type { Capacity } from "../serving/capacity";

export interface OracleProblem {
  /** Requests per slot. */
  counts: Float64Array;
  slotSeconds: number;
  capacity: Capacity;
  /** From wanted to ready, which the oracle knows and pays. */
  startupSeconds: number;
  min: number;
  max: number;
}

/** Replicas that are ready in each slot. */
export type Schedule = Uint8Array;

/**
 * The cheapest schedule for someone who knows the traffic, when a request that misses the objective costs `penalty`
 * replica-seconds: dynamic programming over replicas per slot, where a replica more costs its start-up. Queues that last
 * from one slot to the next are not seen; the schedule is judged in the same simulation as everyone's.
 */
export function cheapest(problem: OracleProblem, penalty: number): Schedule {
  const { counts, slotSeconds, startupSeconds, min, max } = problem;
  const slots = counts.length;
  const choices = max - min + 1;
  const cameFrom = new Uint8Array(slots * choices);
  let best = new Float64Array(choices);
  for (let slot = 0; slot < slots; slot++) {
    const next = new Float64Array(choices);
    // Fewer or as many as before: the cheapest of those above. More: the start-ups of the difference on top.
    let above = choices - 1;
    const fromAbove = new Uint8Array(choices);
    for (let n = choices - 1; n >= 0; n--) {
      if ((best[n] as number) < (best[above] as number)) above = n;
      fromAbove[n] = above;
    }
    let below = 0;
    for (let n = 0; n < choices; n++) {
      const reach = (from: number) => (best[from] as number) + Math.max(0, n - from) * startupSeconds;
      if (n > 0 && reach(n - 1) < reach(below)) below = n - 1;
      const from = reach(below) < reach(fromAbove[n] as number) ? below : (fromAbove[n] as number);
      cameFrom[slot * choices + n] = from;
      next[n] = reach(from) + (min + n) * slotSeconds + penalty * missed(problem, slot, min + n);
    }
    best = next;
  }
  const schedule = new Uint8Array(slots);
  let at = best.indexOf(Math.min(...best));
  for (let slot = slots - 1; slot >= 0; slot--) {
    schedule[slot] = min + at;
    at = cameFrom[slot * choices + at] as number;
  }
  return schedule;
}

/** Requests of a slot that miss the objective with so many replicas. */
function missed({ counts, slotSeconds, capacity }: OracleProblem, slot: number, replicas: number): number {
  const count = counts[slot] as number;
  if (count === 0) return 0;
  const rate = replicas === 0 ? Number.POSITIVE_INFINITY : count / slotSeconds / replicas;
  return rate > capacity.most ? count : count * (1 - levelAt(capacity.levels, "rate", rate).met);
}

/** Follows a schedule: asks for a replica its start-up before it is needed. */
export function scheduleScaler(schedule: Schedule, slotSeconds: number, startupSeconds: number): Scaler {
  const ahead = Math.ceil(startupSeconds / slotSeconds);
  return {
    everySeconds: Math.min(15, slotSeconds),
    decide({ now, fleet }) {
      const slot = Math.floor(now / slotSeconds);
      let most = 0;
      for (let n = slot; n <= slot + ahead && n < schedule.length; n++)
        most = Math.max(most, schedule[n] as number);
      return { replicas: slot >= schedule.length ? fleet.pods.length : most };
    },
  };
}
