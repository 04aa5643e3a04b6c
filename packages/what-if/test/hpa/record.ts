import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { scenarios } from "./generate";
import { askOracle } from "./oracle";
import type { Scaled, Scenario } from "./scenario";

/**
 * Records scenarios with the Go controller's answers: `node -r <register> packages/what-if/test/hpa/record.ts`, with
 * hpa-oracle on the PATH. Only scenarios with changes are kept, and of their signals only those that a metric reads.
 */
const wanted = 400;
const seed = 20261125;

const drawn = fc.sample(scenarios, { numRuns: 1600, seed });
const answers = askOracle(drawn);
const lines = drawn
  .map((scenario, index) => ({ scenario: compact(scenario), scaled: answers[index] as Scaled }))
  .filter(
    ({ scenario, scaled }) =>
      scaled.length >= 2 || (scaled.length === 1 && scenario.initialReplicas <= scenario.max),
  )
  .slice(0, wanted)
  .map((one) => JSON.stringify(one));
writeFileSync(join(__dirname, "fixtures/recorded.jsonl"), `${lines.join("\n")}\n`);
console.log(`${lines.length} scenarios of seed ${seed}`);

function compact(scenario: Scenario): Scenario {
  const read = JSON.stringify(scenario.metrics ?? "cpu");
  const signals = Object.entries(scenario.signals).filter(([name]) => read.includes(`"${name}"`));
  return { ...scenario, id: "", signals: Object.fromEntries(signals) };
}
