import { SimulatedAws } from "../aws/account";
import type { Plan } from "../plan/types";
import { isObject } from "./values";

/** Shorter texts are found by accident in others. */
const shortest = 6;

/**
 * What other resources refer to each AWS resource by: ids, ARNs, made-up names, by URN. A plan does not hold them; the
 * simulated account gives a resource the same ones every time.
 */
export function identitiesOf(plan: Plan): Map<string, string[]> {
  const account = new SimulatedAws({ region: plan.cost.region || "us-east-1" });
  const found = new Map<string, string[]>();
  for (const { urn, type, name, inputs } of plan.resources) {
    if (!type.startsWith("aws:")) continue;
    try {
      const { id, outputs } = account.create(type, name, inputs);
      const given = new Set(texts(inputs));
      const named = typeof inputs.name === "string" ? [inputs.name] : [];
      const made = texts(outputs).filter((text) => !given.has(text));
      found.set(
        urn,
        [...new Set([id, ...named, ...made])].filter((text) => text.length >= shortest),
      );
    } catch {
      // Another revision's program may use what this revision's account does not know: then nothing is known to refer
      // to the resource, and its own changes still count.
    }
  }
  return found;
}

/** All texts in a value. */
export function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isObject(value) ? Object.values(value).flatMap(texts) : [];
}
