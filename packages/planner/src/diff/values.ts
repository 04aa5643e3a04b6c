import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../program/monitor";
import { lineChanges } from "./lines";
import type { Segment, ValueChange } from "./types";

/** How the values of one kind of resource are compared. */
export interface Comparison {
  /** True for a list whose order means nothing. @default none */
  isSet?: (path: Segment[]) => boolean;
}

/**
 * What changes between two values, one entry per smallest changed value. Lists are compared by what names their
 * elements, where something does; JSON texts as the values they hold, other texts line by line.
 */
export function valueChanges(before: unknown, after: unknown, comparison: Comparison = {}): ValueChange[] {
  return changes([], before, after, comparison);
}

/** The path for people: `containers[server].image`. Keys with dots or slashes are in brackets, as in lists. */
export function pathText(segments: Segment[]): string {
  return segments
    .map(({ key, element }, i) => {
      if (element || !/^[\w$-]+$/.test(key)) return `[${key}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join("");
}

export const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const absent = (value: unknown): value is undefined | null => value === undefined || value === null;

function changes(path: Segment[], before: unknown, after: unknown, how: Comparison): ValueChange[] {
  if (isDeepStrictEqual(before, after) || (absent(before) && absent(after))) return [];
  if ((isObject(before) || absent(before)) && (isObject(after) || absent(after))) {
    const [from, to] = [(before ?? {}) as Properties, (after ?? {}) as Properties];
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    // `{}` that comes or goes is a change of its own: an empty selector means everything.
    if (keys.length === 0) return [change(path, before, after)];
    return keys.flatMap((key) => changes([...path, { key }], from[key], to[key], how));
  }
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(path, before, after, how);
  if (typeof before === "string" && typeof after === "string") return textChanges(path, before, after, how);
  return [change(path, before, after)];
}

function change(segments: Segment[], before: unknown, after: unknown): ValueChange {
  return {
    path: pathText(segments),
    segments,
    ...(absent(before) ? {} : { before }),
    ...(absent(after) ? {} : { after }),
  };
}

function textChanges(path: Segment[], before: string, after: string, how: Comparison): ValueChange[] {
  const [from, to] = [structureOf(before), structureOf(after)];
  if (from !== undefined && to !== undefined) return changes(path, from, to, how);
  const [oldText, newText] = [decoded(path, before), decoded(path, after)];
  if (!oldText.includes("\n") && !newText.includes("\n")) return [change(path, before, after)];
  return [{ path: pathText(path), segments: path, lines: lineChanges(oldText, newText) }];
}

/** The value of a text that is a JSON object or list. */
function structureOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** User data of instances is base64 of a text. */
function decoded(path: Segment[], text: string): string {
  if (path.at(-1)?.key !== "userData" || !/^[\w+/=\s]+$/.test(text)) return text;
  return Buffer.from(text, "base64").toString();
}

function listChanges(path: Segment[], before: unknown[], after: unknown[], how: Comparison): ValueChange[] {
  const options = optionsOf(before, after);
  if (options) return keyedChanges(path, options.before, options.after, how);
  const name = nameOfElements(before, after);
  if (name) {
    const index = (list: unknown[]) => new Map(list.map((element) => [String(name(element)), element]));
    return keyedChanges(path, index(before), index(after), how);
  }
  const scalars = [...before, ...after].every((element) => typeof element !== "object" || element === null);
  if (scalars || how.isSet?.(path) || before.length !== after.length) {
    return memberChanges(path, before, after);
  }
  return before.flatMap((element, i) =>
    changes([...path, { key: String(i), element: true }], element, after[i], how),
  );
}

function keyedChanges(
  path: Segment[],
  before: Map<string, unknown>,
  after: Map<string, unknown>,
  how: Comparison,
): ValueChange[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  const found = keys.flatMap((key) => {
    const below = [...path, { key, element: true }];
    // An element that comes or goes is one change, however much is in it.
    if (!before.has(key) || !after.has(key)) return [change(below, before.get(key), after.get(key))];
    return changes(below, before.get(key), after.get(key), how);
  });
  if (found.length > 0 || how.isSet?.(path)) return found;
  const order = (map: Map<string, unknown>) => [...map.keys()].join(", ");
  return [change([...path, { key: "order", element: true }], order(before), order(after))];
}

/** Members that come and go; their order when it is all that changes and matters. */
function memberChanges(path: Segment[], before: unknown[], after: unknown[]): ValueChange[] {
  const text = (element: unknown) => JSON.stringify(element);
  const [from, to] = [before.map(text), after.map(text)];
  const removed = before.filter((element) => !to.includes(text(element)));
  const added = after.filter((element) => !from.includes(text(element)));
  if (removed.length === 0 && added.length === 0) return [change(path, before, after)];
  if (removed.length === 1 && added.length === 1) {
    const at = after.indexOf(added[0]);
    return [change([...path, { key: String(at), element: true }], removed[0], added[0])];
  }
  const member = (list: unknown[]) => (element: unknown) => [
    ...path,
    { key: String(list.indexOf(element)), element: true },
  ];
  return [
    ...removed.map((element) => change(member(before)(element), element, undefined)),
    ...added.map((element) => change(member(after)(element), undefined, element)),
  ];
}

/** Properties that name the elements of lists, the most telling first. */
const names = [
  "name",
  "mountPath",
  "containerPort",
  "key",
  "Sid",
  "port",
  "topologyKey",
  "deviceName",
  "resourceType",
  "alert",
  "record",
  "host",
  "path",
  "serviceAccount",
  "type",
];

/** What names the elements of both lists, each its own; undefined when nothing does. */
function nameOfElements(before: unknown[], after: unknown[]): ((element: unknown) => unknown) | undefined {
  const elements = [...before, ...after];
  if (elements.length === 0 || !elements.every(isObject)) return undefined;
  const candidates = [
    ...names.map((name) => (element: unknown) => (element as Properties)[name]),
    metricName,
  ];
  return candidates.find((candidate) =>
    [before, after].every((list) => {
      const found = list.map(candidate);
      return (
        found.every((name) => typeof name === "string" || typeof name === "number") &&
        new Set(found).size === list.length
      );
    }),
  );
}

/** The metric that an element of an autoscaler's list is about. */
function metricName(element: unknown): unknown {
  const { pods, external, object, resource } = element as Record<
    string,
    { name?: string; metric?: { name?: string } } | undefined
  >;
  return (pods ?? external ?? object)?.metric?.name ?? resource?.name;
}

/** Command line options by their names, when both lists are command lines with options that occur once. */
function optionsOf(before: unknown[], after: unknown[]) {
  const [from, to] = [options(before), options(after)];
  return from && to ? { before: from, after: to } : undefined;
}

function options(list: unknown[]): Map<string, unknown> | undefined {
  if (!list.every((entry) => typeof entry === "string") || !list.some((entry) => /^--\w/.test(entry))) {
    return undefined;
  }
  const found = new Map<string, unknown>();
  let positional = 0;
  for (let i = 0; i < list.length; i++) {
    const entry = list[i] as string;
    const next = list[i + 1] as string | undefined;
    const [flag, ...rest] = entry.split("=");
    if (!/^--?\w/.test(entry)) found.set(String(positional++), entry);
    else if (rest.length > 0) add(found, flag as string, rest.join("="));
    else if (next !== undefined && !next.startsWith("-")) {
      add(found, entry, next);
      i++;
    } else add(found, entry, true);
  }
  return found;
}

/** An option that is given several times keeps all its values. */
function add(found: Map<string, unknown>, flag: string, value: unknown): void {
  const known = found.get(flag);
  found.set(flag, known === undefined ? value : `${known}, ${value}`);
}
