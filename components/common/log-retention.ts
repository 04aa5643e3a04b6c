import type { Problem } from "./problem";

/** Days for which CloudWatch can keep a log group's events; it accepts no others (API `PutRetentionPolicy`). */
export const logRetentionDays: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** What is allowed, in words. */
export const retentionMessage = `must be one of ${logRetentionDays.join(", ")} days`;

/** Refuses a retention that CloudWatch does not know. */
export function retentionProblems(path: string, days: number): Problem[] {
  if (logRetentionDays.includes(days)) return [];
  return [{ path, value: days, message: retentionMessage }];
}
