import fc from "fast-check";
import { expect, test } from "vitest";
import { cheapest, type OracleProblem } from "../../src/bench/oracle";
import type { Level } from "../../src/serving/capacity";

/** A replica that holds the objective up to 1 request/s and meets half of it up to 2. */
const level = (rate: number, met: number): Level => ({
  rate,
  met,
  inFlight: rate,
  waiting: 0,
  kvUsage: 0,
  firstTokenP50: 0,
  firstTokenP95: 0,
  perTokenP95: 0,
});
const capacity = { levels: [level(0.1, 1), level(1, 1), level(2, 0.5)], most: 2, holding: 1 };

/** What a schedule costs: replica-seconds, start-ups of what is added, and the penalty of missed requests. */
function costOf(problem: OracleProblem, schedule: number[], penalty: number): number {
  const { counts, slotSeconds, startupSeconds } = problem;
  return schedule.reduce((sum, replicas, slot) => {
    const rate = (counts[slot] as number) / slotSeconds / replicas;
    const met = rate <= 1 ? 1 : rate <= 2 ? 1 - (rate - 1) / 2 : 0;
    const added = slot === 0 ? 0 : Math.max(0, replicas - (schedule[slot - 1] as number));
    return (
      sum + replicas * slotSeconds + added * startupSeconds + penalty * (counts[slot] as number) * (1 - met)
    );
  }, 0);
}

function* schedules(slots: number, min: number, max: number): Generator<number[]> {
  if (slots === 0) yield [];
  else for (const rest of schedules(slots - 1, min, max)) for (let n = min; n <= max; n++) yield [n, ...rest];
}

test("no other schedule is cheaper than the oracle's: against every schedule of small problems", () => {
  const problems = fc.record({
    counts: fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 6 }),
    startupSeconds: fc.constantFrom(0, 20, 60, 200),
    penalty: fc.constantFrom(0.1, 1, 5, 50),
  });
  fc.assert(
    fc.property(problems, ({ counts, startupSeconds, penalty }) => {
      const problem = {
        counts: Float64Array.from(counts),
        slotSeconds: 60,
        capacity,
        startupSeconds,
        min: 1,
        max: 3,
      };
      const found = costOf(problem, [...cheapest(problem, penalty)], penalty);
      let best = Number.POSITIVE_INFINITY;
      for (const schedule of schedules(counts.length, 1, 3))
        best = Math.min(best, costOf(problem, schedule, penalty));
      expect(found).toBeCloseTo(best, 6);
    }),
    { numRuns: 60 },
  );
});
