import { asManifest } from "../../plan/objects";
import type { Manifest, Plan, PlannedRelease } from "../../plan/types";
import { mask } from "../../program/monitor";
import { type Change, leavesOf, shortType } from "../resources";
import type { Segment, ValueChange } from "../types";
import { isObject, pathText } from "../values";

/** What the dangers are found in. */
export interface Facts {
  /** Undefined when everything is new. */
  base?: Plan;
  head: Plan;
  /** The resources that change. */
  changes: Change[];
  /** The Kubernetes objects that change, of the program and of releases. */
  objects: ObjectPair[];
  /** Every changed leaf of resources and objects. */
  leaves: Leaf[];
}

/** A Kubernetes object before and after; one is absent for what comes or goes. */
export interface ObjectPair {
  before?: Manifest;
  after?: Manifest;
  /** True when what it belongs to, a component or a release, is in both plans. */
  ownerStays: boolean;
}

/** One changed leaf with what it is part of. */
export interface Leaf {
  subject: string;
  type: string;
  path: string;
  segments: Segment[];
  before?: unknown;
  after?: unknown;
  /** True when a value stops being secret. */
  disclosed: boolean;
  /** True for a value of a release whose rendered objects are compared too. */
  rendered: boolean;
}

/** `Deployment inference/chat`. */
export function subjectOf({ before, after }: ObjectPair): string {
  const { kind, metadata } = (after ?? before) as Manifest;
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

/** `NodeGroup gpu-nodes`. */
export function subjectOfResource({ diff }: Change): string {
  return `${shortType(diff.type)} ${diff.name}`;
}

/** The facts of a difference. */
export function factsOf({ base, head, changes }: Omit<Facts, "objects" | "leaves">): Facts {
  const objects = [...ofProgram(base, head, changes), ...ofReleases(base, head, changes)];
  return {
    base,
    head,
    changes,
    objects,
    leaves: [...leavesOfResources(changes), ...leavesOfObjects(changes)],
  };
}

function ofProgram(base: Plan | undefined, head: Plan, changes: Change[]): ObjectPair[] {
  const staying = new Set(head.resources.map(({ urn }) => urn));
  const known = new Set((base?.resources ?? []).map(({ urn }) => urn));
  return changes.flatMap(({ before, after }) => {
    const pair = { before: before && asManifest(before), after: after && asManifest(after) };
    if (!pair.before && !pair.after) return [];
    const parent = (after ?? before)?.parent ?? "";
    return [
      { ...pair, ownerStays: (before && after) !== undefined || (staying.has(parent) && known.has(parent)) },
    ];
  });
}

function ofReleases(base: Plan | undefined, head: Plan, changes: Change[]): ObjectPair[] {
  const find = (plan: Plan | undefined, urn?: string): PlannedRelease | undefined =>
    plan?.releases.find((release) => release.urn === urn);
  return changes.flatMap(({ before, after, diff }) => {
    const [old, now] = [find(base, before?.urn), find(head, after?.urn)];
    if ((!old && !now) || diff.release?.notRendered !== undefined) return [];
    const key = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace} ${metadata.name}`;
    const from = new Map((old?.manifests ?? []).map((manifest) => [key(manifest), manifest]));
    const to = new Map((now?.manifests ?? []).map((manifest) => [key(manifest), manifest]));
    return [...new Set([...from.keys(), ...to.keys()])].map((name) => ({
      before: from.get(name),
      after: to.get(name),
      ownerStays: old !== undefined && now !== undefined,
    }));
  });
}

function leavesOfResources(changes: Change[]): Leaf[] {
  return changes.flatMap((change) => {
    const { type, release, changes: values } = change.diff;
    const rendered = release !== undefined && release.notRendered === undefined;
    return values.flatMap((value) => split(value, subjectOfResource(change), type, rendered));
  });
}

function leavesOfObjects(changes: Change[]): Leaf[] {
  return changes.flatMap(({ diff }) =>
    (diff.release?.objects ?? []).flatMap((object) => {
      const place = `${object.namespace ? `${object.namespace}/` : ""}${object.name}`;
      const subject = object.kind === "" ? `release ${diff.release?.name}` : `${object.kind} ${place}`;
      return object.changes.flatMap((value) => split(value, subject, object.kind, false));
    }),
  );
}

/** A change of a whole object or list as the changes of what is in it. */
function split(
  { before, after, segments, path }: ValueChange,
  subject: string,
  type: string,
  rendered: boolean,
): Leaf[] {
  const common = { subject, type, rendered };
  const disclosed = before === mask && after !== undefined && after !== mask;
  const whole = [before, after].some((value) => isObject(value) || Array.isArray(value));
  if (!whole) return [{ ...common, path, segments, before, after, disclosed }];
  const side = (value: unknown, name: "before" | "after") =>
    leavesOf(value, segments).map((leaf) => ({
      ...common,
      path: pathText(leaf.path),
      segments: leaf.path,
      [name]: leaf.value,
      disclosed,
    }));
  return [
    ...(before === undefined ? [] : side(before, "before")),
    ...(after === undefined ? [] : side(after, "after")),
  ];
}

/** `a, b and 3 more`. */
export function some(names: string[], most = 4): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
