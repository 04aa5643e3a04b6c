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

interface PlanCheck {
  run(facts: Facts): Check;
  /** It looks at rendered objects, so at nothing of a release that was not rendered. @default false */
  ofObjects?: boolean;
}

const checks: PlanCheck[] = [
  { run: releasesSeen },
  { run: gpuCapacity, ofObjects: true },
  { run: podFitsNode, ofObjects: true },
  { run: quotaCoversMax, ofObjects: true },
  { run: hpaOwnsReplicas, ofObjects: true },
  { run: budgets, ofObjects: true },
  { run: interruptions, ofObjects: true },
  { run: volumesReachable, ofObjects: true },
  { run: nodeDrain, ofObjects: true },
  { run: publicTls, ofObjects: true },
  { run: apiReachable },
  { run: podSecurity, ofObjects: true },
  { run: noPlainSecrets, ofObjects: true },
  { run: explicitProvider },
  { run: uniqueNames },
  { run: resourcesSet, ofObjects: true },
  { run: pinnedImages, ofObjects: true },
  { run: pinnedCharts },
  { run: monthlyBudget, ofObjects: true },
  { run: settingsAdvice },
  { run: examplesReplaced },
];

/** Runs every check, in a fixed order. None says that it passes without saying over what. */
export function runChecks(facts: Facts): Check[] {
  const unseen = unseenReleases(facts.releases);
  return checks.map(({ run, ofObjects }) => {
    const result = run(facts);
    if (unseen === undefined || result.status !== CheckStatus.Pass || !ofObjects) return result;
    return { ...result, detail: `${result.detail}; ${unseen}` };
  });
}
