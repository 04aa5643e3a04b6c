import { partitionOf } from "../../../../../components/common/partition";

/** Words in the policy files that stand for values of an account, by the option that gives the value. */
export const placeholders = {
  account: { word: "ACCOUNT_ID", pattern: /^\d{12}$/ },
  region: { word: "REGION", pattern: /^[a-z]{2,4}(-[a-z]+)+-\d$/ },
  stack: { word: "STACK", pattern: /^[A-Za-z0-9_-]+$/ },
  repository: { word: "OWNER/REPOSITORY", pattern: /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/ },
  bucket: { word: "STATE_BUCKET", pattern: /^[a-z0-9][a-z0-9.-]{2,62}$/ },
  zone: { word: "HOSTED_ZONE_ID", pattern: /^Z[A-Z0-9]+$/ },
  domain: { word: "DOMAIN", pattern: /^([a-z0-9-]+\.)+[a-z]{2,}$/ },
} as const;
export type PlaceholderOption = keyof typeof placeholders;
export type PlaceholderValues = Partial<Record<PlaceholderOption, string>>;

/** Stands for the second part of every ARN: it follows from the region. */
export const partitionWord = "PARTITION";

/**
 * Puts values where a policy has placeholders; those that are not given stay.
 *
 * @throws Error naming an option whose value has the wrong form: it would widen a policy or break its JSON.
 */
export function filledIn(text: string, given: PlaceholderValues): string {
  let filled = text;
  for (const [option, { word, pattern }] of Object.entries(placeholders)) {
    const value = given[option as PlaceholderOption];
    if (value === undefined) continue;
    if (!pattern.test(value)) throw new Error(`--${option} ${value}: must match ${pattern.source}.`);
    filled = filled.replaceAll(new RegExp(`\\b${word}\\b`, "g"), value);
  }
  if (given.region === undefined) return filled;
  return filled.replaceAll(`arn:${partitionWord}:`, `arn:${partitionOf(given.region)}:`);
}
