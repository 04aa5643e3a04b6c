import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { settingsJsonSchema } from "../../settings/json-schema";

/** The parts of JSON Schema that the settings use. */
export interface SchemaNode {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  required?: string[];
  items?: SchemaNode;
  minItems?: number;
  maxItems?: number;
  examples?: unknown[];
}

type Groups = Record<string, unknown>;

const root = join(__dirname, "../..");
const prefix = "inference-platform:";

/** The schema of stack files, and that of each group by its short key. */
export const fileSchema = settingsJsonSchema("inference-platform");
export const groupSchemas: Record<string, SchemaNode> = Object.fromEntries(
  Object.entries(
    (fileSchema as { properties: { config: { properties: Groups } } }).properties.config.properties,
  )
    .filter(([key]) => key.startsWith(prefix) && key !== `${prefix}huggingFaceToken`)
    .map(([key, node]) => [key.slice(prefix.length), node as SchemaNode]),
);

/** A shipped stack file, parsed. */
export function stackFile(name: string): { config: Groups } {
  return parse(readFileSync(join(root, `Pulumi.${name}.yaml`), "utf8"));
}

/** The groups of a shipped stack, as `parseSettings` takes them. */
export function shippedGroups(name: string): Groups {
  const own = Object.entries(stackFile(name).config).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}

/** Places in settings with their schema; a list is entered at its first place. */
export function leaves(
  node: SchemaNode,
  path: (string | number)[] = [],
): [(string | number)[], SchemaNode][] {
  if (node.properties)
    return Object.entries(node.properties).flatMap(([key, child]) => leaves(child, [...path, key]));
  if (node.items?.properties) return leaves(node.items, [...path, 0]);
  return [[path, node]];
}

/** A copy with a value at a path; missing groups are made. */
export function changed(groups: Groups, path: (string | number)[], value: unknown): Groups {
  const copy = structuredClone(groups);
  let at = copy as Record<string | number, unknown>;
  path.slice(0, -1).forEach((step, index) => {
    if (typeof at[step] !== "object" || at[step] === null)
      at[step] = typeof path[index + 1] === "number" ? [] : {};
    at = at[step] as Record<string | number, unknown>;
  });
  at[path.at(-1) ?? ""] = value;
  return copy;
}

/** Values that a node allows. */
export function allowed(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node.enum) return fc.constantFrom(...node.enum);
  if (node.const !== undefined) return fc.constant(node.const);
  if (node.type === "boolean") return fc.boolean();
  if (node.type === "integer")
    return fc.oneof(
      fc.integer({ min: node.minimum ?? -1e6, max: node.maximum ?? 1e6 }),
      fc.constantFrom(node.minimum ?? 0, node.maximum ?? 0),
    );
  if (node.type === "number")
    return fc.double({ min: node.minimum ?? -1e6, max: node.maximum ?? 1e6, noNaN: true });
  if (node.type === "string") {
    if (node.examples) return fc.constantFrom(...node.examples);
    return texts(node);
  }
  if (node.type === "array")
    return fc.array(allowed(node.items ?? {}), {
      minLength: node.minItems ?? 0,
      maxLength: (node.minItems ?? 0) + 2,
    });
  if (node.properties) {
    const required = (node.required ?? []) as never[];
    const fields = Object.entries(node.properties).map(([key, child]) => [key, allowed(child)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required });
  }
  if (typeof node.additionalProperties === "object")
    return fc.dictionary(
      fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/),
      allowed(node.additionalProperties),
      {
        maxKeys: 3,
      },
    );
  return fc.constant(undefined);
}

function texts({ pattern, maxLength }: SchemaNode): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.string({ maxLength: 20 });
  // What looks ahead cannot be drawn from: simple texts then, of which those that match are kept.
  const simple = pattern.replace(/\(\?[=!][^)]*\)+/g, "").includes("(?")
    ? undefined
    : pattern.includes("(?")
      ? undefined
      : pattern;
  const drawn = simple
    ? fc.stringMatching(new RegExp(simple))
    : fc.constantFrom("/a", "a", "cache", "main", "charts");
  return drawn.filter((text) => new RegExp(pattern).test(text) && text.length <= (maxLength ?? 10_000));
}
