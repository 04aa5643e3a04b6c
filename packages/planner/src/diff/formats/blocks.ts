import { groupBy } from "../groups";
import { code, plain } from "../markup";
import { shortType } from "../resources";
import {
  Action,
  type ObjectDiff,
  type PlanDiff,
  type ReleaseDiff,
  type ResourceDiff,
  type ValueChange,
} from "../types";
import { changeText, countsText } from "./wording";

/** A line of a list, in Markdown, with the depth of its indentation. */
export interface Line {
  depth: number;
  text: string;
}

/** The changes of one component. */
export interface Block {
  title: string;
  lines: Line[];
}

/** The changes by component. At most `most` changed values of each resource and object are told. */
export function blocksOf(diff: PlanDiff, most: number): Block[] {
  return [...groupBy(diff.resources, ({ component }) => component)].map(([component, resources]) => {
    const count = (action: Action) => resources.filter((resource) => resource.action === action).length;
    const counts = Object.fromEntries(Object.values(Action).map((action) => [action, count(action)]));
    const moved = resources.filter(({ action }) => action === Action.Move);
    const others = resources.filter(({ action }) => action !== Action.Move);
    return {
      title: `${component === "" ? "Directly in the stack" : component}: ${countsText(counts)}`,
      lines: [...joined(others.map((resource) => entryOf(resource, most))), ...moveLines(moved)],
    };
  });
}

function moveLines(moved: ResourceDiff[]): Line[] {
  return moved.map(({ type, name, movedFrom }) => ({
    depth: 0,
    text: `**move** ${code(`${shortType(type)} ${name}`)} from ${code(placeOf(movedFrom ?? ""))}: nothing is created or deleted`,
  }));
}

/** A URN without what all have: `inference-platform:index:Network$aws:ec2/vpc:Vpc::network-vpc` in short types. */
function placeOf(urn: string): string {
  const [types = "", name = ""] = urn.split("::").slice(2);
  return `${types.split("$").map(shortType).join(" / ")} ${name}`;
}

/** A resource as it is told. */
interface Entry {
  action: Action;
  subject: string;
  details: string;
  below: Line[];
}

function entryOf(resource: ResourceDiff, most: number): Entry {
  const { action, type, name, because, meaning, figures, movedFrom, deleteFirst, release } = resource;
  const details = [
    figures && code(figures),
    because.length > 0 && reasons(action, because),
    deleteFirst && "the old one goes first",
    meaning,
    movedFrom && `moved from ${code(placeOf(movedFrom))}`,
    release && action !== Action.Delete && action !== Action.Create && releaseNote(release),
  ].filter((detail): detail is string => typeof detail === "string" && detail !== "");
  const shown = release ? withoutRenderedValues(resource, release) : resource.changes;
  return {
    action,
    subject: code(`${shortType(type)} ${name}`),
    details: details.join("; "),
    below: [...changeLines(shown, most, 1), ...(release ? objectLines(release, most) : [])],
  };
}

/** The entries as lines; those that differ in their names only are one. */
function joined(entries: Entry[]): Line[] {
  const key = ({ action, details, subject, below }: Entry) =>
    JSON.stringify([action, details, below.length > 0 ? subject : ""]);
  return [...groupBy(entries, key).values()].flatMap((group) => {
    const { action, details, below } = group[0] as Entry;
    const head = `**${action}** ${group.map(({ subject }) => subject).join(", ")}`;
    return [{ depth: 0, text: details === "" ? head : `${head}: ${details}` }, ...below];
  });
}

/** Why it changes without a change of its own; a replacement's own properties are marked below it. */
function reasons(action: Action, because: string[]): string {
  const few = because.slice(0, 3).join(", ");
  const rest = because.length > 3 ? ` and ${because.length - 3} more` : "";
  return `${action === Action.Replace ? "because " : ""}${few}${rest}`;
}

function releaseNote({ notRendered, version }: ReleaseDiff): string {
  const chart =
    version.before !== undefined && version.after !== undefined && version.before !== version.after
      ? `chart ${code(version.before)} → ${code(version.after)}`
      : "";
  const how =
    notRendered === undefined ? "" : "compared by its values only, as its chart is not at hand (`--charts`)";
  return [chart, how].filter(Boolean).join("; ");
}

/** Where the rendered objects tell, the values that they are made from need not be told as well. */
function withoutRenderedValues({ changes }: ResourceDiff, { objects }: ReleaseDiff): ValueChange[] {
  return objects.length === 0 ? changes : changes.filter(({ segments }) => segments[0]?.key !== "values");
}

function objectLines({ objects }: ReleaseDiff, most: number): Line[] {
  return objects.flatMap((object) => [
    { depth: 1, text: objectHead(object) },
    ...changeLines(object.changes, most, 2),
  ]);
}

function objectHead({ kind, namespace, name, action }: ObjectDiff): string {
  if (kind === "") return "in many objects";
  return `${action} ${code(`${kind} ${namespace ? `${namespace}/` : ""}${name}`)}`;
}

function changeLines(changes: ValueChange[], most: number, depth: number): Line[] {
  const sorted = [...changes].sort(
    (a, b) =>
      Number(Boolean(b.forces)) - Number(Boolean(a.forces)) ||
      (a.path < b.path ? -1 : Number(a.path > b.path)),
  );
  const config = sorted.filter(isChecksum);
  const own = sorted.filter((change) => !isChecksum(change));
  const shown = own.slice(0, most).flatMap((change) => {
    const { line, below } = changeText(change);
    return [{ depth, text: line }, ...below.map((text) => ({ depth: depth + 1, text }))];
  });
  const more = own.length - Math.min(own.length, most);
  return [
    ...shown,
    ...(more > 0
      ? [
          {
            depth,
            text: `${shown.length > 0 ? "and " : ""}${more} ${shown.length > 0 ? "more " : ""}changed values`,
          },
        ]
      : []),
    ...(config.length > 0 ? [{ depth, text: "its configuration changes (checksum)" }] : []),
  ];
}

function isChecksum({ segments }: ValueChange): boolean {
  return /^checksum\//.test(segments.at(-1)?.key ?? "");
}

/** What stops and starts because of the change. */
export function restarts(diff: PlanDiff): string[] {
  const pods = diff.resources.flatMap(({ release }) =>
    (release?.rolls ?? []).map(
      ({ kind, namespace, name, order }) =>
        `${code(`${kind} ${namespace ? `${namespace}/` : ""}${name}`)}: ${order}`,
    ),
  );
  const nodes = diff.resources
    .filter(({ action, meaning }) => action === Action.Update && meaning !== undefined)
    .map(({ type, name, meaning }) => `${code(`${shortType(type)} ${name}`)}: ${meaning}`);
  return [...nodes, ...pods];
}

/** The outputs that change. */
export function outputLines(diff: PlanDiff, most: number): Line[] {
  return changeLines(diff.outputs, most, 0);
}

/** A line for a terminal. */
export function plainLine({ depth, text }: Line): string {
  return `${"  ".repeat(depth)}${plain(text)}`;
}
