import type { StartupBudget } from "../budgets/budgets";
import type { MeasuredService } from "../scaling/adapter-rules";

/** A service that is watched. Its Deployment and its autoscaler have the name of its Kubernetes Service. */
export interface MonitoredService extends MeasuredService {
  /** How long its replicas may take to start. */
  startup: StartupBudget;
  /** 95th percentile of the time to the first token that users are promised, seconds. @default the signal's target, or 2 */
  timeToFirstTokenSeconds?: number;
  /** Share of requests that may end in an error, 0–1. @default 0.05 */
  errorRatio?: number;
}

/** Matches the names of the pods of a Deployment, and of no other whose name starts with the same words. */
export function podPattern(deployment: string): string {
  return `${deployment}-[a-z0-9]+-[a-z0-9]{5}`;
}
