import { type Check, CheckStatus } from "../types";
import { settingsAdvice } from "./advice";
import { budgets, hpaOwnsReplicas, monthlyBudget } from "./budgets";
import { gpuCapacity, podFitsNode, quotaCoversMax } from "./capacity";
import { examplesReplaced } from "./examples";
import { apiReachable, publicTls } from "./exposure";
import type { Facts } from "./facts";
import {
  explicitProvider,
  noPlainSecrets,
  pinnedCharts,
  pinnedImages,
  resourcesSet,
  uniqueNames,
} from "./hygiene";
import { interruptions, volumesReachable } from "./interruptions";
import { nodeDrain } from "./node-drain";
import { podSecurity } from "./pod-security";
import { releasesSeen, unseenReleases } from "./releases-seen";

type RunCheck = (facts: Facts) => Check;

const checks: RunCheck[] = [
  releasesSeen,
  gpuCapacity,
  podFitsNode,
  quotaCoversMax,
  hpaOwnsReplicas,
  budgets,
  interruptions,
  volumesReachable,
  nodeDrain,
  publicTls,
  apiReachable,
  podSecurity,
  noPlainSecrets,
  explicitProvider,
  uniqueNames,
  resourcesSet,
  pinnedImages,
  pinnedCharts,
  monthlyBudget,
  settingsAdvice,
  examplesReplaced,
];

/** Those that look at rendered objects, so at nothing of a release that was not rendered. */
const ofObjects = new Set<RunCheck>([
  gpuCapacity,
  podFitsNode,
  quotaCoversMax,
  hpaOwnsReplicas,
  budgets,
  interruptions,
  volumesReachable,
  nodeDrain,
  publicTls,
  podSecurity,
  noPlainSecrets,
  resourcesSet,
  pinnedImages,
  monthlyBudget,
]);

/** Runs every check, in a fixed order. None says that it passes without saying over what. */
export function runChecks(facts: Facts): Check[] {
  const unseen = unseenReleases(facts.releases);
  return checks.map((check) => {
    const result = check(facts);
    if (unseen === undefined || result.status !== CheckStatus.Pass || !ofObjects.has(check)) return result;
    return { ...result, detail: `${result.detail}; ${unseen}` };
  });
}
