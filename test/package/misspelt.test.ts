import { beforeAll, describe, expect, it } from "vitest";
import { compiled } from "../support/compile";

const right = `
import { Engine, gpuPool, InferenceService } from "inference-platform/components";

const pool = gpuPool({ name: "l4", instanceTypes: ["g6.xlarge"], maxNodes: 3 });
export const chat = new InferenceService("chat", {
  namespace: "llm",
  pool,
  engine: { name: Engine.Vllm, version: "0.30.0", maxConcurrency: 32 },
  model: { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB: 6.2 },
  replicas: { min: 1, max: 3 },
  longestRequestSeconds: 120,
  warmupRequests: 3,
  metrics: { scrapeIntervalSeconds: 15 },
  allowFrom: ["web"],
});
`;

/** Arguments that a reader of the documentation may get wrong, and what the compiler must name. */
const misspelt = [
  ["warmupRequests", "warmUpRequests"],
  ["longestRequestSeconds", "longestRequest"],
  ["maxConcurrency", "maxConcurency"],
  ["weightsGiB", "weightsGib"],
  ["min: 1", "minimum: 1"],
  ["scrapeIntervalSeconds", "scrapeInterval"],
  ["allowFrom", "allowedFrom"],
  ["Engine.Vllm", '"vlllm"'],
  ["maxNodes", "maxNode"],
] as const;

describe("a misspelt argument of a service", () => {
  const sources = Object.fromEntries(misspelt.map(([name, typo]) => [typo, right.replace(name, typo)]));
  let found: Record<string, string[]>;
  beforeAll(() => {
    found = compiled({ right, ...sources });
  }, 60_000);

  it("is an error where it stands", () => {
    for (const [, typo] of misspelt)
      expect(found[typo]?.join("\n"), typo).toContain(typo.replace(/: 1$/, "").replaceAll('"', ""));
  });

  it("and only it", () => {
    expect(found.right).toEqual([]);
  });
});
