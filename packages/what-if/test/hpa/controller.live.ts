import fc from "fast-check";
import { expect, test } from "vitest";
import { scenarios } from "./generate";
import { askOracle, oracleProgram } from "./oracle";
import { play } from "./scenario";

const wanted = 5000;
const seed = Number(process.env.HPA_SEED ?? Date.now() % 1_000_000);

// Many at once, because the program's start costs more than a scenario; a mismatch shrinks to one, the smallest.
const many = fc.array(scenarios, { minLength: 1, maxLength: 250, size: "max" });

test.skipIf(!oracleProgram)(
  `${wanted} random scenarios are answered as Kubernetes' own controller does, seed ${seed}`,
  () => {
    let answered = 0;
    for (let round = 0; answered < wanted; round++) {
      const alike = fc.property(many, (some) => {
        expect(some.map(play)).toEqual(askOracle(some));
        answered += some.length;
      });
      fc.assert(alike, { seed: seed + round, numRuns: 8 });
    }
    console.log(`${answered} scenarios alike`);
  },
);
