import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueChanges } from "../../src/diff/values";

/** Changes as `path: before → after`. */
function told(before: unknown, after: unknown, isSet?: (path: { key: string }[]) => boolean): string[] {
  return valueChanges(before, after, { isSet }).map(
    ({ path, before: from, after: to, lines }) =>
      `${path}: ${lines ? lines.join(" | ") : `${JSON.stringify(from)} → ${JSON.stringify(to)}`}`,
  );
}

describe("comparing values", () => {
  it("names the smallest changed value", () => {
    expect(told({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } })).toEqual(["a.c: 2 → 3"]);
    expect(told({ labels: { "k8s.io/x": "1" } }, { labels: {} })).toEqual([
      'labels[k8s.io/x]: "1" → undefined',
    ]);
  });

  it("knows list elements by their names: an insertion in front is one addition", () => {
    const [a, b] = [
      { name: "a", image: "a:1" },
      { name: "b", image: "b:1" },
    ];
    expect(told({ containers: [a] }, { containers: [b, a] })).toEqual([
      'containers[b]: undefined → {"name":"b","image":"b:1"}',
    ]);
    expect(told([a, b], [{ ...b, image: "b:2" }, a])).toEqual(['[b].image: "b:1" → "b:2"']);
    expect(told([{ containerPort: 80 }], [{ containerPort: 80, protocol: "TCP" }])).toEqual([
      '[80].protocol: undefined → "TCP"',
    ]);
  });

  it("knows the metrics of an autoscaler by what they measure", () => {
    const metric = (name: string, target: number) => ({ type: "Pods", pods: { metric: { name }, target } });
    expect(
      told([metric("depth", 4), metric("flight", 20)], [metric("flight", 30), metric("depth", 4)]),
    ).toEqual(["[flight].pods.target: 20 → 30"]);
  });

  it("knows command line options by their names, in both spellings", () => {
    expect(told(["model", "--port=1", "--len", "10"], ["model", "--len", "20", "--port=1"])).toEqual([
      '[--len]: "10" → "20"',
    ]);
  });

  it("tells that only the order of named elements changed, unless it means nothing", () => {
    const [before, after] = [
      [{ name: "a" }, { name: "b" }],
      [{ name: "b" }, { name: "a" }],
    ];
    expect(told(before, after)).toEqual(['[order]: "a, b" → "b, a"']);
    expect(told(before, after, () => true)).toEqual([]);
  });

  it("compares JSON texts as values, long texts by line", () => {
    expect(told({ policy: '{"a":1, "b":2}' }, { policy: '{"b":2,"a":1}' })).toEqual([]);
    expect(told({ policy: '{"a":[1]}' }, { policy: '{"a":[2]}' })).toEqual(["policy.a[0]: 1 → 2"]);
    expect(told({ data: "a\nb\nc" }, { data: "a\nx\nc" })).toEqual(["data: - b | + x"]);
  });

  it("reads the user data of instances", () => {
    const encoded = (text: string) => Buffer.from(text).toString("base64");
    expect(told({ userData: encoded("a\nb\n") }, { userData: encoded("a\nc\n") })).toEqual([
      "userData: - b | + c",
    ]);
  });

  it("finds a difference exactly when there is one", () => {
    const mapOf = <T>(entry: fc.Arbitrary<T>, minKeys = 0) =>
      fc.dictionary(fc.string({ minLength: 1 }), entry, { minKeys, noNullPrototype: true });
    const values = mapOf(
      fc.oneof(fc.integer(), fc.array(fc.integer()), mapOf(fc.boolean(), 1), fc.constantFrom("a\nb", "text")),
    );
    fc.assert(
      fc.property(values, values, (before, after) => {
        expect(valueChanges(before, structuredClone(before))).toEqual([]);
        const same = JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
        expect(valueChanges(before, after).length === 0).toBe(same);
      }),
      { numRuns: 200 },
    );
  });
});

function sorted(value: Record<string, unknown>): unknown {
  return Object.entries(value)
    .map(([key, entry]) => [
      key,
      typeof entry === "object" && entry !== null && !Array.isArray(entry)
        ? Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1))
        : entry,
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
