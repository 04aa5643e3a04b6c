import fc from "fast-check";
import type { MetricSpec, PolicySpec, RulesSpec } from "../../src/hpa/spec";
import type { Scenario, Signal } from "./scenario";

/** Signals of every scenario, by what reads them. */
const podSignals = ["a", "b"];
const wholeSignals = ["c", "d"];

/** Quantities whose thousandths are whole: the oracle's values are integers of thousandths, as a cluster's. */
const quantity = fc.oneof(
  fc.constantFrom("1", "2", "5", "10"),
  fc.integer({ min: 1, max: 40 }).map(String),
  fc.integer({ min: 50, max: 20_000 }).map((milli) => `${milli}m`),
);

const metric: fc.Arbitrary<MetricSpec> = fc.oneof(
  fc
    .record({ name: fc.constantFrom(...podSignals), averageValue: quantity })
    .map(({ name, averageValue }) => ({
      type: "Pods",
      pods: { metric: { name }, target: { type: "AverageValue", averageValue } },
    })),
  fc.integer({ min: 10, max: 150 }).map((averageUtilization) => ({
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
  })),
  fc.integer({ min: 100, max: 1500 }).map((milli) => ({
    type: "Resource",
    resource: { name: "cpu", target: { type: "AverageValue", averageValue: `${milli}m` } },
  })),
  fc.integer({ min: 10, max: 150 }).map((averageUtilization) => ({
    type: "ContainerResource",
    containerResource: {
      name: "cpu",
      container: "server",
      target: { type: "Utilization", averageUtilization },
    },
  })),
  fc
    .record({ name: fc.constantFrom(...podSignals), averageValue: quantity })
    .map(({ name, averageValue }) => ({
      type: "Resource",
      resource: { name, target: { type: "AverageValue", averageValue } },
    })),
  whole("Object"),
  whole("External"),
);

function whole(type: "Object" | "External"): fc.Arbitrary<MetricSpec> {
  return fc
    .record({ name: fc.constantFrom(...wholeSignals), value: quantity, average: fc.boolean() })
    .map((drawn) => {
      const target = drawn.average
        ? { type: "AverageValue", averageValue: drawn.value }
        : { type: "Value", value: drawn.value };
      const read = { metric: { name: drawn.name }, target };
      const described = { describedObject: { kind: "Namespace", name: "d", apiVersion: "v1" } };
      return type === "Object" ? { type, object: { ...described, ...read } } : { type, external: read };
    });
}

const policy: fc.Arbitrary<PolicySpec> = fc.record({
  type: fc.constantFrom("Pods", "Percent"),
  value: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 150 })),
  periodSeconds: fc.constantFrom(15, 20, 30, 60, 90, 120, 300, 600, 1800),
});

const direction: fc.Arbitrary<RulesSpec> = fc.record(
  {
    stabilizationWindowSeconds: fc.constantFrom(0, 10, 15, 30, 45, 60, 120, 300, 600),
    selectPolicy: fc.constantFrom("Max", "Max", "Min", "Min", "Disabled"),
    policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
    tolerance: fc.constantFrom("0", "50m", "100m", "0.25", "500m"),
  },
  { requiredKeys: [] },
);

const behavior = fc.option(fc.record({ scaleUp: direction, scaleDown: direction }, { requiredKeys: [] }), {
  nil: null,
});

function signal(durationSeconds: number, highest: number): fc.Arbitrary<Signal> {
  const second = fc.integer({ min: 0, max: durationSeconds });
  // Few round numbers for targets and values meet ratios of exactly 1, where the controller has branches of its own.
  const value = fc.oneof(
    fc.constantFrom(0, 1, 2, 5, 10, 20),
    fc.integer({ min: 0, max: highest }),
    fc.integer({ min: 0, max: highest * 1000 }).map((v) => v / 1000),
  );
  return fc.record({
    points: fc
      .tuple(value, fc.array(fc.tuple(second, value), { maxLength: 8 }))
      .map(([first, rest]): [number, number][] => [[0, first], ...rest.sort((x, y) => x[0] - y[0])]),
    share: fc.boolean(),
    absent: fc.oneof(
      { weight: 2, arbitrary: fc.constant<[number, number][]>([]) },
      {
        weight: 1,
        arbitrary: fc.array(
          fc
            .tuple(second, fc.integer({ min: 5, max: 400 }))
            .map(([at, long]): [number, number] => [at, at + long]),
          { maxLength: 3 },
        ),
      },
    ),
    loading: fc.boolean(),
  });
}

/** Scenarios of every metric type, behavior, readiness and gap. */
export const scenarios: fc.Arbitrary<Scenario> = fc.integer({ min: 60, max: 3000 }).chain((durationSeconds) =>
  fc
    .record({
      min: fc.integer({ min: 0, max: 4 }),
      spread: fc.integer({ min: 0, max: 40 }),
      initialReplicas: fc.integer({ min: 0, max: 20 }),
      pendingSeconds: fc.constantFrom(0, 0, 5, 15, 40, 90, 300),
      notReadySeconds: fc.constantFrom(0, 0, 10, 20, 30, 45, 60, 200, 420),
      cpuRequestMilli: fc.constantFrom(250, 500, 1000, 2000, 3500),
      metrics: fc.option(fc.array(metric, { minLength: 1, maxLength: 4 }), { nil: null, freq: 12 }),
      behavior,
      a: signal(durationSeconds, 60),
      b: signal(durationSeconds, 10),
      c: signal(durationSeconds, 400),
      d: signal(durationSeconds, 60),
      cpu: signal(durationSeconds, 6),
    })
    .map(({ spread, a, b, c, d, cpu, min, ...rest }) => ({
      id: "s",
      ...rest,
      // The API refuses 0 without the gate HPAScaleToZero; what the controller does with it is the same arithmetic.
      min,
      max: Math.max(1, min + spread),
      durationSeconds,
      signals: { a, b, c, d, cpu },
    })),
);
