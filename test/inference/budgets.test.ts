import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  budgetProblems,
  budgetWarnings,
  drainBudget,
  leastScaleDownWindow,
  releaseTimeout,
  startupBudget,
} from "../../components/budgets/budgets";
import { ModelCacheMode } from "../../components/engines/model";

const startups = fc.record({
  imageGiB: fc.double({ min: 0.05, max: 20, noNaN: true }),
  weightsGiB: fc.double({ min: 0, max: 200, noNaN: true }),
  cache: fc.constantFrom(...Object.values(ModelCacheMode)),
  initSeconds: fc.integer({ min: 1, max: 600 }),
});
const drains = fc.record({ longestRequestSeconds: fc.integer({ min: 1, max: 3599 }), drains: fc.boolean() });

const small = startupBudget({ imageGiB: 8, weightsGiB: 3, cache: "node", initSeconds: 90 });
const leaving = drainBudget({ longestRequestSeconds: 300, drains: true });
const paths = (startup: Partial<typeof small>, drain: Partial<typeof leaving> = {}) =>
  budgetProblems({ ...small, ...startup }, { ...leaving, ...drain }).map((problem) => problem.path);

describe("computed budgets", () => {
  test("break none of the inequalities, unless the start is too slow for any scale-down window", () => {
    fc.assert(
      fc.property(startups, drains, (start, drain) => {
        const budget = startupBudget(start);
        const problems = budgetProblems(budget, drainBudget(drain));
        const tooSlow = leastScaleDownWindow(budget.coldSeconds) > 3600;
        expect(problems.map((problem) => problem.path)).toEqual(tooSlow ? ["startup.coldSeconds"] : []);
      }),
    );
  });

  test("the probe waits for twice the expected start, helm for all that Kubernetes waits for", () => {
    fc.assert(
      fc.property(startups, (start) => {
        const budget = startupBudget(start);
        const window = budget.probePeriodSeconds * budget.probeFailureThreshold;
        expect(window).toBeGreaterThanOrEqual(2 * budget.startupSeconds);
        expect(budget.progressDeadlineSeconds).toBeGreaterThan(window);
        expect(budget.helmTimeoutSeconds).toBeGreaterThan(budget.progressDeadlineSeconds);
      }),
    );
  });

  test("larger models never start earlier, and a filled claim is faster than a download", () => {
    fc.assert(
      fc.property(startups, fc.double({ min: 0.1, max: 50, noNaN: true }), (start, more) => {
        const larger = startupBudget({ ...start, weightsGiB: start.weightsGiB + more });
        expect(larger.coldSeconds).toBeGreaterThanOrEqual(startupBudget(start).coldSeconds);
        expect(startupBudget({ ...start, cache: "claim" }).startupSeconds).toBeLessThanOrEqual(
          startupBudget({ ...start, cache: "node" }).startupSeconds,
        );
      }),
    );
  });

  test("an empty claim may be filled inside the start-up probe", () => {
    const budget = startupBudget({ imageGiB: 8, weightsGiB: 100, cache: "claim", initSeconds: 60 });
    expect(budget.probePeriodSeconds * budget.probeFailureThreshold).toBeGreaterThan(1000 + 100 / 0.31);
  });

  test("a measured start carries through to everything that waits for it", () => {
    const measured = startupBudget({
      imageGiB: 8,
      weightsGiB: 3,
      cache: "node",
      initSeconds: 90,
      overrides: { startupSeconds: 400 },
    });
    expect(measured.coldSeconds - small.coldSeconds).toBe(400 - small.startupSeconds);
    expect(measured.scaleDownWindowSeconds).toBe(Math.ceil(1.5 * measured.coldSeconds));
    expect(budgetProblems(measured, leaving)).toEqual([]);
  });

  test("an engine that aborts on SIGTERM is not told to stop before the longest request is over", () => {
    const budget = drainBudget({ longestRequestSeconds: 120, drains: false });
    expect(budget.preStopSeconds).toBeGreaterThan(120);
    expect(drainBudget({ longestRequestSeconds: 120, drains: true }).preStopSeconds).toBe(15);
  });

  test("a small CPU server is found Ready within seconds", () => {
    const budget = startupBudget({ imageGiB: 1, weightsGiB: 0.4, cache: "none", initSeconds: 15 });
    expect(budget.probePeriodSeconds).toBe(2);
    expect(budget.startupSeconds).toBeLessThan(42);
  });
});

describe("overrides that break an inequality are named, with the arithmetic", () => {
  test.each([
    [{ probeFailureThreshold: 2 }, {}, "startup.probeFailureThreshold"],
    [{ progressDeadlineSeconds: 300 }, {}, "startup.progressDeadlineSeconds"],
    [{ helmTimeoutSeconds: 300 }, {}, "startup.helmTimeoutSeconds"],
    [{ scaleDownWindowSeconds: 60 }, {}, "startup.scaleDownWindowSeconds"],
    [{ scaleDownWindowSeconds: 3601 }, {}, "startup.scaleDownWindowSeconds"],
    [{ coldSeconds: 5, scaleDownWindowSeconds: 300 }, {}, "startup.coldSeconds"],
    [{ probePeriodSeconds: 0.5 }, {}, "startup.probePeriodSeconds"],
    [{}, { terminationGraceSeconds: 200 }, "drain.terminationGraceSeconds"],
    [{}, { drainSeconds: 30 }, "drain.drainSeconds"],
    [{}, { deregistrationDelaySeconds: 600 }, "drain.deregistrationDelaySeconds"],
    [{}, { deregistrationDelaySeconds: 100 }, "drain.deregistrationDelaySeconds"],
    [{}, { idleTimeoutSeconds: 60 }, "drain.idleTimeoutSeconds"],
    [{}, { idleTimeoutSeconds: 4001 }, "drain.idleTimeoutSeconds"],
    [{}, { preStopSeconds: -1 }, "drain.preStopSeconds"],
  ])("%j %j", (startup, drain, path) => {
    expect(paths(startup, drain)).toContain(path);
  });

  test("a request longer than load balancers can wait", () => {
    const hour = drainBudget({ longestRequestSeconds: 3600, drains: true });
    expect(budgetProblems(small, hour).map((problem) => problem.path)).toEqual([
      "drain.longestRequestSeconds",
    ]);
  });

  test("the message shows the sum", () => {
    const [problem] = budgetProblems(small, { ...leaving, terminationGraceSeconds: 200 });
    expect(problem?.message).toContain("preStop 15 s + drain 300 s = 315 s");
  });
});

test("long drains are a warning on spot nodes only", () => {
  expect(budgetWarnings(leaving.terminationGraceSeconds, true)[0]?.message).toContain("120 s");
  expect(budgetWarnings(leaving.terminationGraceSeconds, false)).toEqual([]);
  const short = drainBudget({ longestRequestSeconds: 60, drains: true });
  expect(budgetWarnings(short.terminationGraceSeconds, true)).toEqual([]);
});

test("helm waits for replicas that are replaced one after another", () => {
  const one = releaseTimeout(small, leaving, 1);
  expect(one).toBe(small.helmTimeoutSeconds);
  expect(releaseTimeout(small, leaving, 3) - one).toBe(2 * (small.startupSeconds + 320));
});
