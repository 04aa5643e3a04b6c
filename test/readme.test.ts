import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { textPlan } from "@inference-platform/planner";
import { expect, it } from "vitest";
import { planned } from "./support/stacks";

const readme = readFileSync(join(projectRoot, "README.md"), "utf8");

it("the README's sample of a plan is what the plan prints", async ({ skip }) => {
  const plan = await planned("staging");
  if (plan.releases.some((release) => release.skipped))
    return skip("the archives of published charts are not here");
  const [, sample = ""] = /\$ npm run --silent plan -- staging\n([\s\S]*?)\n…\n/.exec(readme) ?? [];
  expect(textPlan(plan, { width: 80 }).startsWith(sample)).toBe(true);
});
