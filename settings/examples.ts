import { exampleRanges, liesIn, parseCidr } from "../components/common/cidr";
import type { Problem } from "../components/common/problem";

/** Accounts in AWS's own documentation: AWS General Reference, "Example account numbers". */
const documentationAccount = /:(111122223333|444455556666|123456789012):/;

/** Domains that nobody can have. Source: RFC 2606. */
const documentationDomain = /(^|\.)example(\.(com|net|org))?$/;

/** Groups in which addresses, accounts and domains stand. */
const groups = ["cluster", "ingress"];

/**
 * Values that a stack file has from an example: they are right for a plan and a rehearsal, and nobody's on AWS.
 *
 * @param raw The configuration groups by key, as plain data.
 */
export function exampleValues(raw: Record<string, unknown>): Problem[] {
  return groups.flatMap((group) => examplesIn(raw[group], group));
}

function examplesIn(value: unknown, path: string): Problem[] {
  if (typeof value === "string") return isExample(value) ? [{ path, value, ...refusal }] : [];
  if (Array.isArray(value)) return value.flatMap((entry, index) => examplesIn(entry, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => examplesIn(entry, `${path}.${key}`));
}

const refusal = { message: "must be a value of yours: this one is an example", fix: "Replace it." };

function isExample(text: string): boolean {
  const block = parseCidr(text);
  if (block) return liesIn(exampleRanges, block);
  return documentationAccount.test(text) || documentationDomain.test(text) || /^Z\w*EXAMPLE$/.test(text);
}
