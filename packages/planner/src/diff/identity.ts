import type { Plan } from "../plan/types";
import type { Properties } from "../program/monitor";
import { accountOf } from "./account";
import { isObject } from "./values";

/** By what other resources refer to a resource. */
export interface Identity {
  /** Ids, ARNs and made-up names: they change when the resource is replaced, wherever they are part of a text. */
  made: string[];
  /** The name that the program gave it, which stays. */
  given?: string;
}

/** Shorter texts are found by accident in others. */
const shortest = 6;

/**
 * The identities of the AWS resources, by URN. A plan does not hold them; the simulated account gives a resource the
 * same ones every time.
 */
export function identitiesOf(plan: Plan): Map<string, Identity> {
  const written = new Map(plan.resources.map(({ urn, inputs }) => [urn, inputs]));
  const made = new Map(
    [...accountOf(plan).made].map(([urn, { id, outputs }]) => {
      const given = written.get(urn) ?? {};
      const known = new Set(texts(given));
      const fresh = (list: string[]) => list.filter((text) => text.length >= shortest && !known.has(text));
      const own = fresh([id, outputs.arn, outputs.name].filter((text) => typeof text === "string"));
      return [urn, { own, all: fresh(texts(outputs)), ...givenName(given) }];
    }),
  );
  const owners = new Map<string, number>();
  for (const { all } of made.values()) {
    for (const text of new Set(all)) owners.set(text, (owners.get(text) ?? 0) + 1);
  }
  return new Map(
    [...made].map(([urn, { own, all, given }]) => {
      // What several resources state, such as the region or the network's id, is no identity of any of them.
      const unique = all.filter((text) => owners.get(text) === 1);
      return [urn, { made: [...new Set([...own, ...unique])], given }];
    }),
  );
}

function givenName({ name }: Properties): { given?: string } {
  return typeof name === "string" ? { given: name } : {};
}

/** All texts in a value. */
function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isObject(value) ? Object.values(value).flatMap(texts) : [];
}
