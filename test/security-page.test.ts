import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { planReach, reachTables } from "@inference-platform/planner";
import { describe, expect, it } from "vitest";
import { pageWith } from "../scripts/reach/command";
import { planned, shippedStacks } from "./support/stacks";

describe.each(shippedStacks)("docs/security.md and the stack %s", (stack) => {
  it("says who may connect to whom (after a change: npm run reach)", async ({ skip }) => {
    const plan = await planned(stack);
    if (plan.releases.some(({ manifests }) => manifests === undefined))
      skip("not every published chart is here: set INFERENCE_PLATFORM_CHARTS");
    const page = readFileSync(join(projectRoot, "docs/security.md"), "utf8");
    expect(pageWith(reachTables(planReach(plan)))).toBe(page);
  });
});
