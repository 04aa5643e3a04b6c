import type { Properties } from "../program/monitor";
import { minorOf } from "./kubernetes-versions";
import { Token } from "./tokens";

/** How a change ends that is not simply made. */
export const Outcome = {
  /** AWS or the API server refuses it: the update fails. */
  Refused: "refused",
  /** It is made, and takes away something that others have: an address, requests in flight. */
  Loss: "loss",
  /** It is accepted, and what it says is not so until somebody takes steps. */
  Incomplete: "incomplete",
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Where a subnet is; undefined for one that is not known. */
export type SubnetLookup = (id: string) => { zone: string; vpcId: string } | undefined;

/** What a rule can look up beside the values, before the change and after it. */
export interface Ground {
  was: SubnetLookup;
  is: SubnetLookup;
}

/** The two values between which there is no plain way. */
export interface Step {
  from: string;
  to: string;
}

/** What AWS answers to a change that it refuses. */
interface Answer {
  code: string;
  message: (step: Step) => string;
}

/**
 * A change that is not made in place, although no property replaces the resource: beside `replacements`, which has those
 * that do. Shared by the simulated AWS, which gives AWS's answer, and by `diff`, which tells a reviewer.
 */
export interface Transition {
  /** Type token in AWS, or kind of a Kubernetes object. */
  of: string;
  outcome: Outcome;
  /** Gets inputs of an AWS resource, or Kubernetes objects. Undefined for a change that is simply made. */
  between: (before: Properties, after: Properties, ground: Ground) => Step | undefined;
  /** Absent for what AWS accepts, and for what is none of AWS's. */
  answer?: Answer;
  /** What happens, for people. */
  text: (step: Step) => string;
  /** What to do about it. */
  steps: string;
  /** Who says so, with the date of the word or of the reading. */
  source: string;
}

const invalid = "InvalidParameterException";

/** EKS clusters. */
const clusters: Transition[] = [
  {
    of: Token.Cluster,
    outcome: Outcome.Refused,
    between: (before, after, { was, is }) =>
      differing(placesOf(before, was, "vpcId"), placesOf(after, is, "vpcId")),
    answer: {
      code: invalid,
      message: ({ from, to }) =>
        `Provided subnets are in the VPC '${to}', not in the cluster's, '${from}': clusters cannot move`,
    },
    text: () => "the network under it is replaced, and EKS cannot move a cluster to another VPC",
    steps: "Make a new stack with the new network and move the traffic, or keep the network as it is",
    source: "docs.aws.amazon.com/eks/latest/userguide/network-reqs.html: subnets of the same VPC; 2026-11-25",
  },
  {
    of: Token.Cluster,
    outcome: Outcome.Refused,
    between: (before, after, { was, is }) =>
      differing(placesOf(before, was, "zone"), placesOf(after, is, "zone")),
    answer: {
      code: invalid,
      message: ({ from, to }) =>
        `Provided subnets belong to the AZs '${to}'. But they should belong to the exact set of AZs '${from}' in which subnets were provided during cluster creation.`,
    },
    text: ({ from, to }) =>
      `its control plane is in ${from} for good, and EKS refuses another set of zones (${to})`,
    steps:
      "Keep the subnets of the control plane in these zones (network.controlPlaneZones); nodes and load balancers can use the new ones",
    source: "aws/containers-roadmap#2258, 2024-01-05, open; the user guide's network-reqs.html, 2026-11-25",
  },
  {
    of: Token.Cluster,
    outcome: Outcome.Refused,
    between: (before, after) => versions(before, after, (from, to) => to < from),
    answer: {
      code: invalid,
      message: ({ from, to }) =>
        `Unsupported Kubernetes minor version update from ${from} to ${to}: clusters cannot be downgraded`,
    },
    text: () => "EKS cannot go back to an older version",
    steps: "Make a new stack with the older version, or go on with the newer one",
    source: "docs.aws.amazon.com/eks/latest/userguide/update-cluster.html, 2026-11-25",
  },
  {
    of: Token.Cluster,
    outcome: Outcome.Refused,
    between: (before, after) => versions(before, after, (from, to) => to > from + 1),
    answer: {
      code: invalid,
      message: ({ from, to }) =>
        `Unsupported Kubernetes minor version update from ${from} to ${to}: one minor version at a time`,
    },
    text: () => "EKS upgrades one minor version at a time",
    steps: "Merge and deploy the versions between one after the other",
    source: "docs.aws.amazon.com/eks/latest/userguide/update-cluster.html, 2026-11-25",
  },
  {
    of: Token.Cluster,
    outcome: Outcome.Refused,
    between: (before, after) => {
      const [from, to] = [before, after].map((inputs) => text(at(inputs, "accessConfig.authenticationMode")));
      const [old, now] = [authenticationModes.indexOf(from ?? ""), authenticationModes.indexOf(to ?? "")];
      return now >= 0 && now < old ? { from: String(from), to: String(to) } : undefined;
    },
    answer: {
      code: "InvalidRequestException",
      message: ({ from, to }) => `Unsupported authentication mode update from ${from} to ${to}`,
    },
    text: ({ from, to }) => `EKS cannot go back from authentication by ${from} to ${to}`,
    steps: "Keep the mode",
    source: "docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html: one way, 2026-11-25",
  },
  {
    of: Token.Cluster,
    outcome: Outcome.Refused,
    between: (before, after) => {
      const [from, to] = [before, after].map((inputs) => at(inputs, "encryptionConfig.provider.keyArn"));
      return typeof from === "string" && typeof to === "string" && from !== to ? { from, to } : undefined;
    },
    answer: {
      code: "InvalidRequestException",
      message: ({ from }) => `The cluster's Secrets are encrypted with ${from}: the key cannot be changed`,
    },
    text: () => "its Secrets are encrypted with one key for good: EKS takes no other",
    steps: "Keep the key, or make a new stack",
    source: "docs.aws.amazon.com/eks/latest/APIReference/API_AssociateEncryptionConfig.html, 2026-11-25",
  },
];

const authenticationModes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"];

const taken =
  "The old one keeps it until the end of the update: remove that one in an update of its own first, give the new one an alias when it is meant to be the same (`aliases: [{ name, parent }]`), or another name";

/** What to do about answers of AWS that have to do with what is still there, by their codes. */
export const advice: Record<string, string> = {
  "InvalidSubnet.Conflict":
    "Addresses follow from a zone's place in the list, and the old subnet goes only at the end: keep the order, add zones at the end, and take away only the last",
  EntityAlreadyExists: taken,
  ResourceInUseException: taken,
  ResourceAlreadyExistsException: taken,
  AlreadyExistsException: taken,
  "InvalidGroup.Duplicate": taken,
  "InvalidLaunchTemplateName.AlreadyExistsException": taken,
  "Resource.AlreadyAssociated": taken,
  InvalidChangeBatch: taken,
};

/** Every row. */
export const transitions: Transition[] = [...clusters];

/** A row that applies, with what it found. */
export interface Found {
  row: Transition;
  step: Step;
}

/** The rows that apply to a change of one resource or object. */
export function transitionsOf(of: string, before: Properties, after: Properties, ground: Ground): Found[] {
  return transitions.flatMap((row) => {
    const step = row.of === of ? row.between(before, after, ground) : undefined;
    return step ? [{ row, step }] : [];
  });
}

/** Zones or VPCs of a cluster's subnets, sorted; undefined when one is not known. */
function placesOf(inputs: Properties, lookup: SubnetLookup, what: "zone" | "vpcId"): string | undefined {
  const ids = at(inputs, "vpcConfig.subnetIds");
  if (!Array.isArray(ids) || ids.length === 0) return undefined;
  const places = ids.map((id) => lookup(String(id))?.[what]);
  return places.some((place) => place === undefined) ? undefined : [...new Set(places)].sort().join(",");
}

function differing(from: string | undefined, to: string | undefined): Step | undefined {
  return from !== undefined && to !== undefined && from !== to ? { from, to } : undefined;
}

function versions(
  before: Properties,
  after: Properties,
  refused: (from: number, to: number) => boolean,
): Step | undefined {
  const [from, to] = [text(before.version), text(after.version)];
  if (from === undefined || to === undefined) return undefined;
  const [old, now] = [minorOf(from), minorOf(to)];
  return refused(old, now) ? { from, to } : undefined;
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

/** The value at a path of property names. */
function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Properties)[key] : undefined),
      value,
    );
}
