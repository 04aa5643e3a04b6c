import { z } from "zod";
import { schema } from "../../settings/schema";

/** The parts of a JSON Schema that the page shows. */
interface Node {
  description?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  additionalProperties?: Node | boolean;
  minimum?: number;
  maximum?: number;
}

/** The reference of all settings as Markdown, one table per group, made from the schema. */
export function settingsPage(project: string): string {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Node;
  const groups = Object.entries(root.properties ?? {});
  const simple = groups.filter(([, node]) => !node.properties);
  return [
    "# Settings",
    "",
    "<!-- Made by `npm run schema` from settings; edit there. -->",
    "",
    `Keys of \`Pulumi.<stack>.yaml\`, below \`config:\`, each with the prefix \`${project}:\`. Beside them \`aws:region\` is`,
    "needed, and the secret `huggingFaceToken` may be set (`pulumi config set --secret huggingFaceToken`) for gated models.",
    "`npm run plan -- <stack>` checks a file and names every problem at once.",
    "",
    "| key | type | default | meaning |",
    "| --- | --- | --- | --- |",
    ...simple.map(([key, node]) => row(key, node, isRequired(root, key))),
    ...groups.filter(([, node]) => node.properties).flatMap(([key, node]) => group(key, node)),
    "",
  ].join("\n");
}

function group(key: string, node: Node): string[] {
  return [
    "",
    `## ${key}`,
    "",
    node.description ?? "",
    "",
    "| key | type | default | meaning |",
    "| --- | --- | --- | --- |",
    ...rows(key, node),
  ];
}

function rows(path: string, node: Node): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const own = `${path}.${key}`;
    const nested = child.properties
      ? rows(own, child)
      : child.items?.properties
        ? rows(`${own}[]`, child.items)
        : [];
    return [row(own, child, isRequired(node, key)), ...nested];
  });
}

function isRequired(node: Node, key: string): boolean {
  return node.required?.includes(key) ?? false;
}

function row(path: string, node: Node, required: boolean): string {
  const fallback =
    node.default === undefined ? (required ? "**required**" : "") : `\`${JSON.stringify(node.default)}\``;
  const cells = [`\`${path}\``, typeText(node), fallback === "`{}`" ? "" : fallback, node.description ?? ""];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function typeText(node: Node): string {
  if (node.enum)
    return node.enum
      .map((value) => `\`${value}\``)
      .join(" \\| ")
      .replaceAll("\\|", "|");
  if (node.type === "array")
    return `list of ${node.items?.properties ? "groups" : typeText(node.items ?? {})}`;
  if (node.properties) return "group";
  if (node.type === "object") return "keys of your own";
  if (
    node.type === "integer" &&
    node.minimum !== undefined &&
    node.maximum !== undefined &&
    node.maximum < 1e9
  ) {
    return `${node.minimum}–${node.maximum}`;
  }
  return (
    { string: "text", integer: "whole number", number: "number", boolean: "true, false" }[node.type ?? ""] ??
    "any"
  );
}
