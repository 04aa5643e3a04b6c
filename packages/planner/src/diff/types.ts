import type { Check, Range } from "../plan/types";

/** What happens to a resource or to an object of a release. */
export const Action = {
  Create: "create",
  Import: "import",
  Update: "update",
  Replace: "replace",
  Delete: "delete",
  /** Under another name or parent, by an alias; nothing is created or deleted. */
  Move: "move",
} as const;
export type Action = (typeof Action)[keyof typeof Action];

/** One step of a property path: a key, or an element of a list by its index or by what names it. */
export interface Segment {
  key: string;
  /** True for an element of a list. @default false */
  element?: boolean;
}

/** One changed value. Values of secrets are never in it. */
export interface ValueChange {
  /** For people: `spec.template.spec.containers[server].image`. */
  path: string;
  segments: Segment[];
  /** Absent when there was none. `[secret]` for secrets. */
  before?: unknown;
  /** Absent when there is none any more. */
  after?: unknown;
  /** Changed lines of a text, each with `- ` or `+ ` in front; in place of `before` and `after`. */
  lines?: string[];
  /** Set when the value became secret, or is no longer; neither value is shown then. */
  secrecy?: "now secret" | "no longer secret";
  /** The source that says that the change replaces the resource. Absent when it is updated in place. */
  forces?: string;
  /** In how many objects the very same change was found, when they are folded into this one. */
  objects?: number;
}

/** A Kubernetes object of a release that changes. */
export interface ObjectDiff {
  kind: string;
  namespace?: string;
  name: string;
  action: Action;
  changes: ValueChange[];
}

/** Pods that are replaced by others, because their template changes. */
export interface Roll {
  kind: string;
  namespace?: string;
  name: string;
  /** In what order: `one at a time, each old pod goes first`. */
  order: string;
}

/** What an upgrade of a Helm release changes in the cluster. */
export interface ReleaseDiff {
  name: string;
  namespace: string;
  chart: string;
  version: { before?: string; after?: string };
  /** Why the rendered objects could not be compared, so that only the values were. */
  notRendered?: string;
  objects: ObjectDiff[];
  rolls: Roll[];
}

/** What happens to one resource. */
export interface ResourceDiff {
  urn: string;
  type: string;
  name: string;
  /** The outermost component that it is part of: `Network network`. Empty for what is directly in the stack. */
  component: string;
  action: Action;
  /** The URN under which it was known, when it moved. */
  movedFrom?: string;
  changes: ValueChange[];
  /** Why it is replaced: the properties, or the replaced resources that it refers to. */
  because: string[];
  /** What the replacement or the update means to users. */
  meaning?: string;
  /** True when the old one goes before the new one comes, because both would have the same name. */
  deleteFirst?: boolean;
  /** Figures of a resource that comes or goes: `g6.xlarge, 0–2 nodes`. */
  figures?: string;
  release?: ReleaseDiff;
}

/** Kinds of danger, most severe first: the order in which they are shown. */
export const DangerKind = {
  /** The update will not go through. */
  Refused: "refused",
  /** Something that holds data or that others stand on is replaced or deleted. */
  Loss: "loss",
  Public: "public",
  Security: "security",
  Protection: "protection",
  Capacity: "capacity",
  Credential: "credential",
  /** Accepted, and not so until somebody takes steps. */
  Incomplete: "incomplete",
  /** Works, but probably not as it was meant. */
  Suspicious: "suspicious",
} as const;
export type DangerKind = (typeof DangerKind)[keyof typeof DangerKind];

/** Something that a reviewer must see. */
export interface Danger {
  kind: DangerKind;
  /** What it is about: `NodeGroup gpu-nodes`. */
  subject: string;
  /** One sentence without a full stop. */
  text: string;
}

/** One position of the bill that changes, US dollars a month. */
export interface CostChange {
  item: string;
  /** `added`, `removed`, or what changed: `1–2 → 1–4 nodes`. */
  what: string;
  /** Absent when it has no price per hour. */
  before?: Range;
  after?: Range;
}

/** The bill before and after, US dollars a month. */
export interface CostDiff {
  before?: Range;
  after: Range;
  changes: CostChange[];
  /** Items without a price, in either plan: the totals are lower bounds. */
  unknown: string[];
}

/** What a change does to a stack. */
export interface PlanDiff {
  stack: string;
  project: string;
  /** What was compared, for people. Absent when it was no matter of revisions. */
  revisions?: { base: string; head: string };
  /** Why there is no plan of the base: everything is then new. */
  noBase?: string;
  counts: Record<Action, number>;
  dangers: Danger[];
  cost: CostDiff;
  /** In the order of the component's names; nothing for unchanged ones. */
  resources: ResourceDiff[];
  outputs: ValueChange[];
  /** Checks that fail in the new plan, and those with a warning that the base did not have. */
  checks: Check[];
}
