import { z } from "zod";
import { entryOf } from "../components/common/lookup";
import { nearest } from "../components/common/nearest";
import type { Problem } from "../components/common/problem";
import { regionProblems } from "../components/common/regions";
import { secretKeys } from "./config-keys";
import { contradictions } from "./contradictions";
import { type Settings, schema } from "./schema";
import { usableSettings } from "./usable";

/** What a stack's configuration turned out to be: settings, or everything that is wrong with it. */
export type ParsedSettings =
  | { settings: Settings; problems: [] }
  | { settings?: undefined; problems: Problem[] };

/** Where a stack runs. */
export interface StackPlace {
  /** AWS region, from `aws:region`. */
  region?: string;
  /** Name that the cluster gets. @default any that is right */
  clusterName?: string;
}

/**
 * Checks raw configuration, group by group, and completes it with the defaults.
 *
 * @param raw The groups by key, as plain data.
 */
export function parseSettings(raw: Record<string, unknown>, place: StackPlace): ParsedSettings {
  const region = regionOf(place.region);
  const parsed = schema.safeParse(raw);
  const { settings, left } = parsed.success ? { settings: parsed.data, left: [] } : usableSettings(raw);
  const known = { ...place, region: region.name };
  const found = [
    ...region.problems,
    ...reservedKeyProblems(raw),
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => fromIssue(issue, raw))),
    ...contradictions(settings, known).filter(({ path }) => !left.some((key) => isWithin(path, key))),
  ];
  const problems = distinct(found);
  if (problems.length > 0 || !parsed.success) return { problems };
  return { settings: parsed.data, problems: [] };
}

/** True for a key itself and what is below it. */
function isWithin(path: string, key: string): boolean {
  return path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`);
}

function regionOf(name: string | undefined): { name?: string; problems: Problem[] } {
  const path = "aws:region";
  if (!name)
    return {
      problems: [
        { path, value: undefined, message: "is missing", fix: "Set the AWS region, such as us-east-1." },
      ],
    };
  const problems = regionProblems(path, name);
  // Zones of a region that does not exist are not worth a word.
  return problems.length > 0 ? { problems } : { name, problems: [] };
}

/** One problem for a key: what is wrong in itself comes before what follows from it. */
function distinct(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path, message }) => {
    const known = `${path}: ${message}`;
    return !seen.has(known) && seen.add(known);
  });
}

/** JavaScript gives this key a meaning of its own, and libraries pass over it. */
function reservedKeyProblems(value: unknown, path: PropertyKey[] = []): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === "__proto__")
      return [{ path: pathText(at), value: undefined, message: "is not a known key", fix: "Remove it." }];
    return reservedKeyProblems((value as Record<string, unknown>)[key], at);
  });
}

/** One problem per unknown key; otherwise one per issue. */
function fromIssue(issue: z.core.$ZodIssue, raw: unknown): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const known = [...knownKeys(issue.path), ...(issue.path.length === 0 ? secretKeys : [])].sort();
    return issue.keys
      .filter((key) => key !== "__proto__")
      .map((key) => ({
        path: pathText([...issue.path, key]),
        value: valueAt(raw, [...issue.path, key]),
        message: `is not a known key; known are ${known.join(", ")}`,
        fix: unknownKeyFix(key, known),
      }));
  }
  const value = valueAt(raw, issue.path);
  const path = pathText(issue.path);
  if (value === undefined && (issue.code === "invalid_type" || issue.code === "invalid_value")) {
    return [{ path, value, message: "is missing", fix: `It ${describe(issue, value)}.` }];
  }
  if (issue.code === "invalid_value" && typeof value === "string") {
    const meant = nearest(value, issue.values.map(String));
    const fix = meant ? `Did you mean ${meant}?` : undefined;
    return [{ path, value, message: describe(issue, value), fix }];
  }
  return [{ path, value, message: describe(issue, value) }];
}

function unknownKeyFix(key: string, known: string[]): string {
  const [group = "", ...rest] = key.split(".");
  // What `pulumi config set --path` takes is no key of a file.
  if (rest.length > 0 && known.includes(group)) return `Write ${rest.join(".")} below ${group}.`;
  const meant = nearest(key, known);
  return meant ? `Did you mean ${meant}?` : "Remove it.";
}

/** What is allowed, in words. Messages written in the schema start with "must" and stand as they are. */
function describe(issue: z.core.$ZodIssue, value: unknown): string {
  if (/^must\b/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      if (issue.expected === "string" && (typeof value === "number" || typeof value === "boolean"))
        return "must be text, in quotes";
      return `must be ${typeNames.get(issue.expected) ?? `of type ${issue.expected}`}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "too_small":
      return `must have at least ${issue.minimum}`;
    case "too_big":
      return `must have at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const typeNames = new Map<string, string>([
  ["array", "a list"],
  ["boolean", "true or false"],
  ["int", "a whole number"],
  ["number", "a number"],
  ["object", "a group of keys"],
  ["record", "a group of keys"],
  ["string", "text"],
]);

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  items?: SchemaNode;
}

/** Made when it is first needed: right settings never do. */
let jsonSchema: SchemaNode | undefined;

/** The keys that the schema knows at a path. */
function knownKeys(path: PropertyKey[]): string[] {
  jsonSchema ??= z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as SchemaNode;
  let node: SchemaNode | undefined = jsonSchema;
  for (const step of path) {
    node = node && (typeof step === "number" ? node.items : valueNode(node, String(step)));
  }
  return Object.keys(node?.properties ?? {}).sort();
}

function valueNode({ properties, additionalProperties }: SchemaNode, key: string): SchemaNode | undefined {
  const own = entryOf(properties ?? {}, key);
  return own ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
}

function valueAt(raw: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, step) =>
      typeof node === "object" && node !== null && Object.hasOwn(node, step)
        ? (node as Record<PropertyKey, unknown>)[step]
        : undefined,
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
