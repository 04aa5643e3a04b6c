import { readFileSync, statSync } from "node:fs";
import { UserError } from "@inference-platform/kit";
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
} from "yaml";
import { type ScalarValue, scalarValue, UnreadableYaml } from "./scalars";

/** What a YAML file says. */
export type YamlValue = ScalarValue | YamlValue[] | YamlMapping;
/** Keys and values; built so that no key, not even `__proto__`, is anything but a key. */
export type YamlMapping = Map<string, YamlValue>;

/** What YAML does not allow in a file, not even in quotes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** A stack file has some hundred lines. Larger ones are another file by mistake. */
const largestFile = 4 * 1024 * 1024;
/** Values after aliases are written out: more are an attack, or a mistake. */
const mostValues = 100_000;

/**
 * Reads a YAML file as Pulumi's CLI does: its first document.
 *
 * @throws UserError with file, line and column for what is no file, no UTF-8 or no YAML, or what the CLI refuses.
 */
export function readYaml(file: string): YamlValue {
  const text = readText(file);
  const control = text.search(controlCharacter);
  if (control >= 0) {
    const code = text.charCodeAt(control).toString(16).toUpperCase().padStart(4, "0");
    throw new UserError(`${file}: not valid YAML: it has the control character U+${code}. Remove it.`);
  }
  const lines = new LineCounter();
  const [document] = parseAllDocuments(text, {
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  }) as Document.Parsed[];
  if (!document) return null;
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.directives.yaml.explicit && document.directives.yaml.version !== "1.1")
    throw new UserError(`${file}: not valid YAML for Pulumi: %YAML may only be 1.1. Remove the directive.`);
  const error = document.errors[0];
  if (error) throw new UserError(`${place(error.pos[0])}: not valid YAML: ${error.message}.`);
  try {
    return new Reader(document).value(document.contents);
  } catch (unreadable) {
    if (!(unreadable instanceof UnreadableNode)) throw unreadable;
    const offset = unreadable.node?.range?.[0] ?? 0;
    throw new UserError(`${place(offset)}: not valid YAML for Pulumi: ${unreadable.message}.`);
  }
}

function readText(file: string): string {
  let bytes: Buffer;
  try {
    const { size } = statSync(file);
    if (size > largestFile)
      throw new UserError(`${file}: has ${size} bytes; a stack file has at most ${largestFile}.`);
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`${file}: ${code === "EISDIR" ? "is a folder, not a file" : (code ?? message)}.`);
  }
  try {
    // Takes a byte order mark away.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${file}: is not UTF-8 text. Save it in this encoding.`);
  }
}

class UnreadableNode extends Error {
  constructor(
    readonly node: Node | null,
    message: string,
  ) {
    super(message);
  }
}

/** Turns the nodes of a document into values. */
class Reader {
  private values = 0;
  private readonly open = new Set<unknown>();

  constructor(private readonly document: Document.Parsed) {}

  value(node: unknown): YamlValue {
    if (!isNode(node)) return null;
    if (++this.values > mostValues)
      throw new UnreadableNode(node, `aliases make more than ${mostValues} values`);
    if (isAlias(node)) return this.aliased(node, (target) => this.value(target));
    if (isScalar(node)) return this.scalar(node);
    if (isSeq(node)) return node.items.map((item) => this.value(item));
    if (isMap(node)) return this.mapping(node, node.items);
    return null;
  }

  private scalar(node: Scalar): ScalarValue {
    try {
      const text = typeof node.value === "string" ? node.value : (node.source ?? "");
      return scalarValue(text, node.type === "PLAIN" || node.type === undefined, node.tag);
    } catch (error) {
      throw error instanceof UnreadableYaml ? new UnreadableNode(node, error.message) : error;
    }
  }

  private aliased<T>(alias: Alias, read: (target: Node) => T): T {
    const target = alias.resolve(this.document);
    if (!target) throw new UnreadableNode(alias, `*${alias.source} names an anchor that does not exist`);
    if (this.open.has(target)) throw new UnreadableNode(alias, `&${alias.source} contains itself`);
    this.open.add(target);
    const value = read(target);
    this.open.delete(target);
    return value;
  }

  private mapping(node: Node, pairs: unknown[]): YamlMapping {
    const result: YamlMapping = new Map();
    const merged: unknown[] = [];
    this.open.add(node);
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      if (isMergeKey(pair)) {
        if (merged.length > 0) throw new UnreadableNode(pair.key as Node, "the key << stands twice");
        merged.push(pair.value);
        continue;
      }
      const key = this.key(pair);
      if (result.has(key)) throw new UnreadableNode(pair.key as Node, `the key ${key} stands twice`);
      result.set(key, this.value(pair.value));
    }
    // What the mapping says itself counts, wherever the merge key stands; then what is named first.
    for (const source of merged)
      for (const [key, value] of this.mergeable(source)) if (!result.has(key)) result.set(key, value);
    this.open.delete(node);
    return result;
  }

  private mergeable(node: unknown): YamlMapping {
    const wrong = () =>
      new UnreadableNode(isNode(node) ? node : null, "<< takes a mapping, or a list of them");
    if (isAlias(node)) return this.aliased(node, (target) => this.mergeable(target));
    if (isMap(node)) return this.mapping(node, node.items);
    if (!isSeq(node)) throw wrong();
    const result: YamlMapping = new Map();
    for (const item of node.items) {
      if (isSeq(item)) throw wrong();
      for (const [key, value] of this.mergeable(item)) if (!result.has(key)) result.set(key, value);
    }
    return result;
  }

  /** Numbers, dates and the like are keys by their text. */
  private key({ key }: Pair): string {
    const value = this.value(key);
    if (value instanceof Map || Array.isArray(value))
      throw new UnreadableNode(isNode(key) ? key : null, "a list or mapping cannot be a key");
    return value === null ? "<nil>" : String(value);
  }
}

/** In quotes too. */
function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.value === "<<";
}

/** The value as JSON text, as the engine passes objects to programs. */
export function jsonText(value: YamlValue): string {
  if (value instanceof Map)
    return `{${[...value].map(([key, entry]) => `${JSON.stringify(key)}:${jsonText(entry)}`).join(",")}}`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value !== "bigint") return JSON.stringify(value);
  // Inside of objects the CLI keeps 63 bits.
  return value < 2n ** 63n ? String(value) : JSON.stringify(Number(value));
}
