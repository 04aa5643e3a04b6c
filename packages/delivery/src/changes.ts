import type { Ended } from "@inference-platform/kit";

/**
 * What `pulumi preview --json` prints, as far as it is used here; seen with Pulumi 3.250. Resources that stay as they are
 * are only counted: of them the steps have the stack itself and nothing else.
 */
interface Digest {
  steps?: {
    op: string;
    urn: string;
    /** Changed properties by path. */
    detailedDiff?: Record<string, unknown> | null;
    replaceReasons?: string[] | null;
    diffReasons?: string[] | null;
  }[];
  /** Resources by operation. */
  changeSummary?: Record<string, number>;
  diagnostics?: { severity: string; message: string }[];
}

/** One thing that the engine would do. */
export interface Change {
  /** `create`, `update`, `replace`, `delete`, `import`. */
  operation: string;
  type: string;
  name: string;
  /** Paths of the properties that differ, in order. Values are never kept: they may be secrets. */
  properties: string[];
  /** Properties that force a replacement. */
  forcedBy: string[];
}

/** What a preview found, or why it failed. */
export interface PreviewResult {
  changes: Change[];
  unchanged: number;
  /** The errors, when it failed. */
  failure?: string;
}

/** Steps that change nothing, and the halves of a replacement, which has a step of its own. */
const silent = new Set([
  "same",
  "refresh",
  "read",
  "read-replacement",
  "read-discard",
  "discard-replaced",
  "create-replacement",
  "delete-replaced",
  "remove-pending-replace",
]);

/** Longest failure that is repeated, characters. */
const longestFailure = 6000;

/** What the engine said, from the output of `pulumi preview --json`. */
export function previewResult(ended: Ended): PreviewResult {
  const digest = parse(ended.stdout);
  const steps = digest?.steps ?? [];
  const result = {
    changes: steps.filter((step) => !silent.has(step.op)).map(change),
    unchanged: digest?.changeSummary?.same ?? 0,
  };
  if (ended.code === 0 && digest) return result;
  const errors = (digest?.diagnostics ?? [])
    .filter((diagnostic) => diagnostic.severity === "error")
    .map((diagnostic) => diagnostic.message.trim());
  const text = errors.join("\n\n") || ended.stderr.trim() || `pulumi ended with exit code ${ended.code}`;
  return { ...result, failure: text.length > longestFailure ? `${text.slice(0, longestFailure)}\n…` : text };
}

function parse(stdout: string): Digest | undefined {
  try {
    return JSON.parse(stdout) as Digest;
  } catch {
    return undefined;
  }
}

function change(step: NonNullable<Digest["steps"]>[number]): Change {
  // urn:pulumi:stack::project::parent$type::name; the name itself may contain colons.
  const [, , types = "", ...name] = step.urn.split("::");
  const paths = Object.keys(step.detailedDiff ?? {});
  return {
    operation: step.op,
    type: types.slice(types.lastIndexOf("$") + 1),
    name: name.join("::"),
    properties: (paths.length > 0 ? paths : [...(step.diffReasons ?? [])]).sort(),
    forcedBy: [...(step.replaceReasons ?? [])].sort(),
  };
}

const operationOrder = ["replace", "delete", "create", "update", "import"];

/** Properties listed per change; more are counted. */
const propertiesShown = 6;

/** The changes as a Markdown table, dangerous ones first; one line when there are none. */
export function changesTable({ changes, unchanged }: PreviewResult): string {
  const rest = `${unchanged} ${unchanged === 1 ? "resource as it is" : "resources as they are"}.`;
  if (changes.length === 0) return `No changes; ${rest}\n`;
  const rank = (entry: Change) => operationOrder.indexOf(entry.operation) + 1 || operationOrder.length + 1;
  const sorted = [...changes].sort(
    (a, b) => rank(a) - rank(b) || compare(a.type, b.type) || compare(a.name, b.name),
  );
  const rows = sorted.map((entry) => {
    const operation = ["replace", "delete"].includes(entry.operation)
      ? `**${entry.operation}**`
      : entry.operation;
    return `| ${operation} | ${code(entry.type)} | ${code(entry.name)} | ${propertiesText(entry)} |`;
  });
  return [
    `${countText(changes)}; ${rest}`,
    "",
    "| | type | name | properties |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function countText(changes: Change[]): string {
  const counts = new Map<string, number>();
  for (const { operation } of changes) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  const known = operationOrder.filter((operation) => counts.has(operation));
  const others = [...counts.keys()].filter((operation) => !operationOrder.includes(operation)).sort();
  return [...known, ...others].map((operation) => `${counts.get(operation)} to ${operation}`).join(", ");
}

function propertiesText({ properties, forcedBy }: Change): string {
  const shown = properties.slice(0, propertiesShown).map(code);
  const rest = properties.length - shown.length;
  const list = rest > 0 ? [...shown, `${rest} more`] : shown;
  const forced = forcedBy.length > 0 ? [`forced by ${forcedBy.map(code).join(", ")}`] : [];
  return [...(list.length > 0 ? [list.join(", ")] : []), ...forced].join("; ");
}

/** Text that Markdown shows as it is, in a table too. */
function code(text: string): string {
  return `\`${text.replace(/[`|\r\n]/g, " ")}\``;
}

/** Text that was printed, in a block that it cannot end. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}\n`;
}

// Not by locale: the same everywhere.
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
