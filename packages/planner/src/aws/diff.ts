import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../program/monitor";
import { replacementRules, unordered } from "./replacements";
import { ChangeKind, type PropertyChange, type ReplacementRule } from "./types";

/**
 * What changes between two sets of inputs of one resource, and which changes replace it. Pure; types without rules
 * update in place. Order does not count in lists that AWS treats as sets, nor formatting in JSON texts.
 */
export function propertyChanges(type: string, before: Properties, after: Properties): PropertyChange[] {
  const rules = replacementRules(type);
  const changes = differences("", normalize(type, "", before), normalize(type, "", after));
  return changes.map((change) => {
    const rule = rules.find((candidate) => forces(candidate, change.path, before, after));
    return rule
      ? { ...change, kind: ChangeKind.Replace, source: rule.source }
      : { ...change, kind: ChangeKind.Update };
  });
}

interface Difference {
  path: string;
  before: unknown;
  after: unknown;
}

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function differences(path: string, before: unknown, after: unknown): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  const absent = (value: unknown) => value === undefined || value === null;
  // An object that appears or goes is the change of each of its properties: rules name those.
  if (
    (isObject(before) || absent(before)) &&
    (isObject(after) || absent(after)) &&
    !(absent(before) && absent(after))
  ) {
    const [from, to] = [(before ?? {}) as Properties, (after ?? {}) as Properties];
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    if (keys.length > 0 && (isObject(before) || isObject(after))) {
      return keys.flatMap((key) => differences(join(path, key), from[key], to[key]));
    }
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => differences(`${path}[${i}]`, before[i], after[i])).flat();
  }
  return absent(before) && absent(after) ? [] : [{ path, before, after }];
}

/** A key with dots or slashes, as those of labels, is written in quotes, as the engine does. */
function join(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** The pattern of a path without indexes: `routes[0].cidrBlock` is below `routes` and `routes.*`. */
function matches(pattern: string, path: string): boolean {
  const parts = (text: string) => text.replace(/\[(\d+)\]/g, ".$1").split(".");
  const [wanted, actual] = [parts(pattern), parts(path)];
  return wanted.length <= actual.length && wanted.every((part, i) => part === "*" || part === actual[i]);
}

function forces(rule: ReplacementRule, path: string, before: Properties, after: Properties): boolean {
  if (!matches(rule.path, path)) return false;
  return rule.when === undefined || rule.when(valueAt(before, rule.path), valueAt(after, rule.path));
}

function valueAt(properties: Properties, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), properties);
}

/** Sets in one order, JSON texts as their values. */
function normalize(type: string, path: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const entries = value.map((entry, i) => normalize(type, `${path}[${i}]`, entry));
    const isSet = unordered(type).some((pattern) => matches(pattern, path) && !path.endsWith("]"));
    return isSet ? entries.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b))) : entries;
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, normalize(type, join(path, key), entry)]),
    );
  }
  if (typeof value === "string" && /olicy$/.test(path)) return canonicalJson(value);
  return value;
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function canonicalJson(text: string): string {
  try {
    return JSON.stringify(sortKeys(JSON.parse(text)));
  } catch {
    return text;
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
