import { type Conditions, listOf } from "./document";
import type { RequestContext } from "./request";

/**
 * Whether the conditions of a statement hold: all operators, all keys, any of the values. As "IAM JSON policy elements:
 * Condition" and "Set operators for multivalued context keys" of the IAM User Guide have it (read 2026-11).
 *
 * @throws Error for an operator that is not known here: a condition is never taken as met for want of knowledge.
 */
export function conditionsHold(conditions: Conditions, context: RequestContext): boolean {
  const lowered = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), listOf(value)]));
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(operator, listOf(wanted), lowered.get(key.toLowerCase())),
    ),
  );
}

type Comparison = (actual: string, wanted: string) => boolean;

const comparisons: Record<string, Comparison> = {
  StringEquals: (actual, wanted) => actual === wanted,
  StringEqualsIgnoreCase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  StringLike: (actual, wanted) => wildcard(wanted).test(actual),
  ArnEquals: arnMatches,
  ArnLike: arnMatches,
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
};

function holds(operator: string, wanted: string[], actual: string[] | undefined): boolean {
  if (operator === "Null") return wanted.some((value) => (value === "true") === (actual === undefined));
  const match = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator);
  const [, set, name = "", ifExists] = match ?? [];
  const negated = name.replace("Not", "");
  const compare = comparisons[name] ?? (name === negated ? undefined : comparisons[negated]);
  if (!compare) throw new Error(`the condition operator ${operator} is not known here`);
  const not = name !== negated;
  const values = wanted.map(literal);
  // A key that is absent meets what is negated, and nothing else.
  if (actual === undefined) return ifExists !== undefined || not || set === "ForAllValues";
  const meets = (value: string) => values.some((each) => compare(value, each)) !== not;
  return set === "ForAllValues" ? actual.every(meets) : actual.some(meets);
}

/** @throws Error for policy variables: they are not filled in here. */
function literal(value: string): string {
  if (/\$\{/.test(value)) throw new Error(`the policy variable in ${value} is not known here`);
  return value;
}

/** ARNs are compared part by part: a wildcard does not reach over a colon, except in the last part. */
function arnMatches(actual: string, wanted: string): boolean {
  const parts = (arn: string) => {
    const all = arn.split(":");
    return [...all.slice(0, 5), all.slice(5).join(":")];
  };
  const [a, b] = [parts(actual), parts(wanted)];
  return b.every((part, i) => wildcard(part).test(a[i] ?? ""));
}

const known = new Map<string, RegExp>();

/** `*` for any characters, `?` for one. */
export function wildcard(pattern: string): RegExp {
  let made = known.get(pattern);
  if (!made) {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    made = new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
    known.set(pattern, made);
  }
  return made;
}
