import { mask } from "../program/monitor";
import type { Segment, ValueChange } from "./types";
import { isObject, pathText } from "./values";

/** Names of properties whose values are never shown, even where a program did not mark them as secret. */
const telling =
  /^(.*[_-])?(password|passwd|passphrase|token|api_?-?key|private_?-?key|client_?-?secret|secret_?-?access_?-?key|credentials?)$/i;

/** Camel case as the pattern above reads it: `adminPassword` as `admin_Password`. */
const worded = (key: string) => key.replace(/([a-z\d])([A-Z])/g, "$1_$2");

/** True for what is usually a secret by its name: `auth.password`, `env[HF_TOKEN].value`. */
export function isTelling(path: Segment[]): boolean {
  const keys = path.map(({ key }) => worded(key));
  const last = keys.at(-1) ?? "";
  if (telling.test(last)) return true;
  return last === "value" && telling.test(keys.at(-2) ?? "");
}

/** The change without values that are secret, or were, or look as if they should be. */
export function withoutSecrets(change: ValueChange): ValueChange {
  const { before, after, segments } = change;
  const hidden = { path: change.path, segments, ...(change.forces ? { forces: change.forces } : {}) };
  if (after === mask && before !== undefined && before !== mask) return { ...hidden, secrecy: "now secret" };
  if (before === mask && after !== undefined && after !== mask) {
    return { ...hidden, secrecy: "no longer secret" };
  }
  if (isTelling(segments) && change.lines) return { ...hidden, before: mask, after: mask };
  if (change.lines) return { ...change, lines: change.lines.map(maskedLine) };
  return {
    ...change,
    ...(before === undefined ? {} : { before: masked(segments, before) }),
    ...(after === undefined ? {} : { after: masked(segments, after) }),
  };
}

/** A line of a text without the value of an assignment whose name tells. */
function maskedLine(line: string): string {
  const assignment = /^(.*?([\w-]+)["']?\s*[:=]\s*)(\S.*)$/.exec(line);
  if (!assignment) return line;
  const [, start, name = ""] = assignment;
  return telling.test(worded(name)) ? `${start}${mask}` : line;
}

/** Values below a changed one, hidden where their names tell. */
function masked(path: Segment[], value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((element, i) => {
      const name = isObject(element) && typeof element.name === "string" ? element.name : String(i);
      return masked([...path, { key: name, element: true }], element);
    });
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => {
        // `{name: TOKEN, value: x}` outside of a list: the name beside it tells.
        const named = key === "value" && typeof value.name === "string" ? [{ key: value.name }] : [];
        return [key, masked([...path, ...named, { key }], entry)];
      }),
    );
  }
  return typeof value === "string" && isTelling(path) ? mask : value;
}

/** The plain values of what is secret on the other side: they must not show anywhere. */
export function exposedValues(changes: ValueChange[]): string[] {
  return changes.flatMap(({ before, after, segments }) => {
    if (after === mask) return leaves(before);
    if (before === mask) return leaves(after);
    const told = isTelling(segments) ? [before, after] : [];
    return told.filter((value) => typeof value === "string");
  });
}

function leaves(value: unknown): string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leaves);
}

/** Too short to be told from other text: these are hidden at their own place only. */
const shortest = 6;

/** Gives a function that hides `values`, plain or in base64, in every text of what it is given. */
export function scrubber(values: string[]): <T>(value: T) => T {
  const words = [...new Set(values)].filter((value) => value !== mask && value.length >= shortest);
  const hidden = [...words, ...words.map((word) => Buffer.from(word).toString("base64").replace(/=+$/, ""))]
    // A longer one may hold a shorter one.
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  if (hidden.length === 0) return (value) => value;
  const scrub = (value: unknown): unknown => {
    if (typeof value === "string") {
      return hidden.reduce((text, word) => text.replaceAll(word, mask), value);
    }
    if (Array.isArray(value)) return value.map(scrub);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [scrub(key), scrub(entry)]));
  };
  return <T>(value: T) => scrub(value) as T;
}

/** A change's path after its segments were scrubbed. */
export function repathed(change: ValueChange): ValueChange {
  return { ...change, path: pathText(change.segments) };
}
