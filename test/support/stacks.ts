import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Plan } from "@inference-platform/planner";
import { planStack } from "@inference-platform/planner";

/** The stacks of the repository. */
export const shippedStacks = ["staging", "prod"];

const directory = resolve(__dirname, "../..");

/** Published charts, where the machine has them: the plan then also covers what they render. */
const charts = [
  process.env.INFERENCE_PLATFORM_CHARTS,
  join(homedir(), ".cache/inference-platform/charts"),
].find((folder) => folder !== undefined && existsSync(folder));

const plans = new Map<string, Promise<Plan>>();

/** The plan of a stack as shipped, made once. */
export function planned(stack: string): Promise<Plan> {
  const plan = plans.get(stack) ?? planStack({ stack, directory, charts });
  plans.set(stack, plan);
  return plan;
}
