import type { Check } from "../types";
import { budgets, hpaOwnsReplicas, monthlyBudget } from "./budgets";
import { gpuCapacity, podFitsNode, quotaCoversMax } from "./capacity";
import { publicTls } from "./exposure";
import type { Facts } from "./facts";
import {
  explicitProvider,
  noPlainSecrets,
  pinnedCharts,
  pinnedImages,
  resourcesSet,
  uniqueNames,
} from "./hygiene";
import { podSecurity } from "./pod-security";

const checks: ((facts: Facts) => Check)[] = [
  gpuCapacity,
  podFitsNode,
  quotaCoversMax,
  hpaOwnsReplicas,
  budgets,
  publicTls,
  podSecurity,
  noPlainSecrets,
  explicitProvider,
  uniqueNames,
  resourcesSet,
  pinnedImages,
  pinnedCharts,
  monthlyBudget,
];

/** Runs every check, in a fixed order. */
export function runChecks(facts: Facts): Check[] {
  return checks.map((check) => check(facts));
}
