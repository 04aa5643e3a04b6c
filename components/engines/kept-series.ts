import { storedNames } from "../signals/promql";
import type { EngineProfile } from "./profile";

/**
 * Names of the series that the monitor keeps of an engine, as Prometheus stores them: those that signals, alerts and
 * dashboard panels are computed from, and nothing else. Empty when it exports none.
 *
 * @example
 * ```ts
 * keptSeries(chat.profile).includes("vllm:num_requests_running"); // → true
 * ```
 */
export function keptSeries(profile: EngineProfile): string[] {
  if (!profile.metricsPath) return [];
  return [...new Set(Object.values(profile.signals).flatMap(storedNames))].sort();
}
