import { z } from "zod";
import { nearest } from "../components/common/nearest";
import type { Problem } from "../components/common/problem";
import { contradictions } from "./contradictions";
import { type Settings, schema } from "./schema";

/** What a stack's configuration turned out to be: settings, or everything that is wrong with it. */
export type ParsedSettings =
  | { settings: Settings; problems: [] }
  | { settings?: undefined; problems: Problem[] };

/** Where a stack runs. */
export interface StackPlace {
  /** AWS region, from `aws:region`. */
  region?: string;
}

/**
 * Checks raw configuration, group by group, and completes it with the defaults.
 *
 * @param raw The groups by key, as plain data.
 */
export function parseSettings(raw: Record<string, unknown>, place: StackPlace): ParsedSettings {
  const problems: Problem[] = [];
  if (!place.region) {
    problems.push({
      path: "aws:region",
      value: undefined,
      message: "is missing",
      fix: "Set the AWS region, such as us-east-1.",
    });
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => fromIssue(issue, raw)));
  problems.push(...contradictions(parsed.success ? parsed.data : validGroups(raw), place.region));
  if (problems.length > 0 || !parsed.success) return { problems };
  return { settings: parsed.data, problems: [] };
}

/** The groups that are right in themselves, so that a mistake in one does not hide contradictions of the others. */
function validGroups(raw: Record<string, unknown>): Partial<Settings> {
  const groups = Object.entries(schema.shape).map(([key, group]) => [key, group.safeParse(raw[key]).data]);
  return Object.fromEntries(groups.filter(([, value]) => value !== undefined));
}

/** One problem per unknown key; otherwise one per issue. */
function fromIssue(issue: z.core.$ZodIssue, raw: unknown): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      return {
        path: pathText([...issue.path, key]),
        value: valueAt(raw, [...issue.path, key]),
        message: `is not a known key; known are ${known.join(", ")}`,
        fix: meant ? `Did you mean ${meant}?` : "Remove it.",
      };
    });
  }
  const value = valueAt(raw, issue.path);
  const path = pathText(issue.path);
  if (value === undefined && (issue.code === "invalid_type" || issue.code === "invalid_value")) {
    return [{ path, value, message: "is missing", fix: `It ${describe(issue)}.` }];
  }
  if (issue.code === "invalid_value" && typeof value === "string") {
    const meant = nearest(value, issue.values.map(String));
    return [{ path, value, message: describe(issue), fix: meant ? `Did you mean ${meant}?` : undefined }];
  }
  return [{ path, value, message: describe(issue) }];
}

/** What is allowed, in words. Messages written in the schema start with "must" and stand as they are. */
function describe(issue: z.core.$ZodIssue): string {
  if (/^must\b/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${typeNames[issue.expected] ?? `of type ${issue.expected}`}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "too_small":
      return `must have at least ${issue.minimum}`;
    case "too_big":
      return `must have at most ${issue.maximum}`;
    case "invalid_format":
      return "prefix" in issue ? `must start with ${issue.prefix}` : `must have the format ${issue.format}`;
    default:
      return issue.message;
  }
}

const typeNames: Record<string, string> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a group of keys",
  record: "a group of keys",
  string: "text",
};

/** The keys that the schema knows at a path. */
function knownKeys(path: PropertyKey[]): string[] {
  let node: unknown = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  for (const step of path) {
    const { properties, items } = node as { properties?: Record<string, unknown>; items?: unknown };
    node = typeof step === "number" ? items : properties?.[String(step)];
  }
  return Object.keys((node as { properties?: object } | undefined)?.properties ?? {}).sort();
}

function valueAt(raw: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, step) => (node as Record<PropertyKey, unknown> | undefined | null)?.[step],
    raw,
  );
}

/** `model.services[0].name` */
function pathText(path: PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : index === 0 ? String(step) : `.${String(step)}`,
    )
    .join("");
}
