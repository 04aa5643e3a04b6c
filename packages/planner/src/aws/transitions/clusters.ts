import type { Properties } from "../../program/monitor";
import { minorOf } from "../kubernetes-versions";
import { Token } from "../tokens";
import { at, Outcome, type Step, type SubnetLookup, type Transition } from "./types";

const invalid = "InvalidParameterException";

/** EKS clusters. */
export const clusters: Transition[] = [
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
