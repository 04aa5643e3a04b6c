import { describe, expect, it } from "vitest";
import { describeProblem } from "../../components/common/problem";
import { adviceFor } from "../../settings";
import { outcomeOf, textOf } from "./stack-files";

function advice(base: string, set: Record<string, unknown> = {}): string[] {
  const { settings, lines } = outcomeOf(textOf({ name: "", base, set }));
  expect(lines).toEqual([]);
  return settings ? adviceFor(settings).map(describeProblem) : [];
}

describe("a plan warns of what works and is hardly meant", () => {
  it.each<[string, string, Record<string, unknown>, string]>([
    [
      "fifty nodes for one replica",
      "staging",
      { "gpu.minNodes": 50, "gpu.maxNodes": 50 },
      "gpu.minNodes (50): keeps nodes that no replica can use",
    ],
    [
      "ten nodes for replicas that may come",
      "staging",
      { "gpu.minNodes": 10, "gpu.maxNodes": 40, "s.replicas.max": 40 },
      "gpu.minNodes (10): keeps nodes idle",
    ],
    [
      "a hundred nodes at most for two replicas",
      "staging",
      { "gpu.maxNodes": 100 },
      "gpu.maxNodes (100): lets the bill",
    ],
    [
      "a target beyond the concurrency",
      "staging",
      {
        "s.maxConcurrency": 8,
        "s.signals": [{ signal: "inference_requests_in_flight", target: 16 }],
      },
      "model.services[0].signals[0].target (16): is not below maxConcurrency (8)",
    ],
    [
      "metrics for a year in ten GiB",
      "staging",
      { "observability.retentionDays": 365, "observability.storageGiB": 10 },
      "observability.retentionDays (365): is longer than the volume of 10 GiB lasts",
    ],
    [
      "more requests at once than the KV cache carries",
      "staging",
      {
        "s.model.id": "meta-llama/Llama-3.1-8B-Instruct",
        "s.model.weightsGiB": 15,
        "s.model.maxLength": 32768,
        "s.maxConcurrency": 64,
      },
      "model.services[0].maxConcurrency (64): is more than the KV cache carries",
    ],
    [
      "a model of production that may change",
      "prod",
      { "s.model.revision": "main" },
      'model.services[0].model.revision ("main"): is no commit',
    ],
  ])("%s", (_, base, set, expected) => {
    expect(advice(base, set).filter((line) => line.startsWith(expected))).toHaveLength(1);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["staging as it is shipped", "staging", {}],
    ["a node in reserve", "staging", { "gpu.minNodes": 2, "gpu.maxNodes": 3 }],
    ["room for a roll-out", "staging", { "gpu.maxNodes": 5 }],
    ["a pinned model", "prod", { "s.model.revision": "0123456789abcdef0123456789abcdef01234567" }],
    [
      "a model in the image",
      "prod",
      { "s.model": { id: "/models/qwen", weightsGiB: 20, cache: { mode: "none" } } },
    ],
    ["a server on the CPU", "custom", {}],
  ])("not of %s", (_, base, set) => {
    expect(advice(base, set)).toEqual([]);
  });
});
