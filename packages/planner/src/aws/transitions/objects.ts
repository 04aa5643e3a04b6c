import { isGuarded } from "../../../../../components/ingress/guard";
import { shrinks, sizeChanges } from "../../../../../components/safeguards/volumes";
import type { Properties } from "../../program/monitor";
import { at, Outcome, type Step, type Transition } from "./types";

const replaced =
  "kubernetes-sigs/aws-load-balancer-controller, pkg/deploy/elbv2/load_balancer_synthesizer.go: isSDKLoadBalancerRequiresReplacement; #2940, 2022-12-21; pull request 4860, 2026-07-27";

const newAddress =
  "the controller deletes the load balancer, whose deletion protection it takes off by itself, and makes another one: minutes without an answer, another host name and other addresses";

const follow =
  "What this program makes follows by itself (the Ingress is made anew, its DNS records point to the new name); tell those who use the host name or its addresses";

const tellClients =
  "Tell those who use the host name or its addresses, and look at the DNS records afterwards";

/** A change of one value, unless it is absent on both sides. */
function change(before: unknown, after: unknown, fallback?: string): Step | undefined {
  const [from, to] = [before ?? fallback, after ?? fallback];
  if (from === to) return undefined;
  return { from: String(from ?? "none"), to: String(to ?? "none") };
}

const annotation = (object: Properties, name: string) =>
  (at(object, "metadata.annotations") as Properties | undefined)?.[name];

/** The first of these annotations that changes. */
function annotationChange(names: string[], before: Properties, after: Properties): Step | undefined {
  return names
    .map((name) => change(annotation(before, name), annotation(after, name)))
    .find((step) => step !== undefined);
}

const schemeOf = (params: Properties) => at(params, "spec.scheme");

/** True for parameters that this project's ingress made: its guard refuses the change. */
const isOwn = (params: Properties) =>
  (at(params, "metadata.labels") as Properties | undefined)?.["app.kubernetes.io/part-of"] ===
  "inference-platform";

const isGuardedByUs = (params: Properties) => isOwn(params) && isGuarded(params);

/** Load balancers, as their controller keeps them. */
const loadBalancers: Transition[] = [
  {
    of: "IngressClassParams",
    outcome: Outcome.Refused,
    between: (before, after) =>
      isGuardedByUs(before) ? change(schemeOf(before), schemeOf(after), "internal") : undefined,
    text: ({ from, to }) =>
      `another scheme (${from} to ${to}) makes another load balancer, and this one has deletion protection`,
    steps:
      "Set cluster.deletionProtection false in an up of its own first (docs/deploying.md, Taking it away); then the host name and the addresses change, after minutes without an answer",
    source: `components/ingress/guard.ts; ${replaced}`,
  },
  {
    of: "IngressClassParams",
    outcome: Outcome.Loss,
    between: (before, after) =>
      isGuardedByUs(before) ? undefined : change(schemeOf(before), schemeOf(after), "internal"),
    text: ({ from, to }) => `**another load balancer** (${from} to ${to}): ${newAddress}`,
    steps: follow,
    source: replaced,
  },
  {
    of: "IngressClassParams",
    outcome: Outcome.Loss,
    between: (before, after) => change(at(before, "spec.group.name"), at(after, "spec.group.name")),
    text: ({ from, to }) =>
      `**another load balancer** (group ${from} to ${to}): a group has its own, with another host name and other addresses; the old one goes with its last Ingress`,
    steps: tellClients,
    source: "aws-load-balancer-controller docs/guide/ingress/annotations.md, group.name; 2026-11-25",
  },
  {
    of: "Ingress",
    outcome: Outcome.Loss,
    between: (before, after) => {
      const names = ["scheme", "group.name"].map((name) => `alb.ingress.kubernetes.io/${name}`);
      return annotationChange(names, before, after);
    },
    text: ({ from, to }) => `**another load balancer** (${from} to ${to}): ${newAddress}`,
    steps: tellClients,
    source: replaced,
  },
  {
    of: "Ingress",
    outcome: Outcome.Loss,
    between: (before, after) =>
      change(at(before, "spec.ingressClassName"), at(after, "spec.ingressClassName")),
    text: ({ from, to }) =>
      `**another load balancer** (class ${from} to ${to}), with another host name and other addresses`,
    steps: tellClients,
    source: "kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class, 2026-11-25",
  },
  {
    of: "Service",
    outcome: Outcome.Loss,
    between: (before, after) => {
      if (at(before, "spec.type") !== "LoadBalancer" || at(after, "spec.type") !== "LoadBalancer") {
        return undefined;
      }
      const names = ["scheme", "type", "internal"].map(
        (name) => `service.beta.kubernetes.io/aws-load-balancer-${name}`,
      );
      return annotationChange(names, before, after);
    },
    text: ({ from, to }) => `**another load balancer** (${from} to ${to}): ${newAddress}`,
    steps: tellClients,
    source: replaced,
  },
  {
    of: "Service",
    outcome: Outcome.Loss,
    between: (before, after) =>
      at(before, "spec.type") === "LoadBalancer" && at(after, "spec.type") !== "LoadBalancer"
        ? { from: "LoadBalancer", to: String(at(after, "spec.type") ?? "ClusterIP") }
        : undefined,
    text: ({ to }) => `**its load balancer is deleted** (type ${to}): its host name and addresses are gone`,
    steps: "Move its clients first",
    source: "kubernetes.io/docs/concepts/services-networking/service/#loadbalancer, 2026-11-25",
  },
];

const grownSet =
  "For more room: `kubectl patch pvc` each claim to the new size, `kubectl delete statefulset --cascade=orphan`, then the update. For less: a new StatefulSet under another name, and the data copied";

/** Volumes, as the API server, the storage driver and the operators keep them. */
const volumes: Transition[] = [
  {
    of: "PersistentVolumeClaim",
    outcome: Outcome.Refused,
    between: (before, after) => {
      const [from, to] = [before, after].map((claim) => at(claim, "spec.resources.requests.storage"));
      return typeof from === "string" && typeof to === "string" && shrinks({ from, to })
        ? { from, to }
        : undefined;
    },
    text: ({ from, to }) => `a volume cannot shrink from ${from} to ${to}`,
    steps: "Keep the size, or make another claim and copy the data",
    source: "kubernetes pkg/apis/core/validation: ValidatePersistentVolumeClaimUpdate, 1.35",
  },
  {
    of: "StatefulSet",
    outcome: Outcome.Refused,
    between: (before, after) => {
      const [from, to] = [before, after].map((set) => JSON.stringify(sizesOf(set)));
      return change(from, to);
    },
    text: ({ from, to }) => `the sizes of a StatefulSet's claims cannot be changed (${from} to ${to})`,
    steps: grownSet,
    source:
      "kubernetes pkg/apis/apps/validation: ValidateStatefulSetUpdate, 1.35; prometheus-operator.dev/docs/platform/storage, 2026-11-25",
  },
  {
    of: "kubernetes:helm.sh/v3:Release",
    outcome: Outcome.Refused,
    between: (before, after) => sizesBetween(before, after, true),
    text: ({ from, to }) => `a volume cannot shrink from ${from} to ${to}`,
    steps: "Keep the size. To lose the data: delete the claim and its pod first, with the old size in place",
    source:
      "components/safeguards/volumes.ts; kubernetes pkg/apis/core/validation: ValidatePersistentVolumeClaimUpdate, 1.35",
  },
  {
    of: "kubernetes:helm.sh/v3:Release",
    outcome: Outcome.Done,
    between: (before, after) => sizesBetween(before, after, false),
    text: ({ from, to }) => `its volume grows from ${from} to ${to} while it is in use`,
    steps: "AWS limits how often: after one change of a volume, the next can be hours away",
    source:
      "components/safeguards/volumes.ts; prometheus-operator.dev/docs/platform/storage, Resizing volumes, 2026-11-25; helm-charts#3746; docs.aws.amazon.com/ebs/latest/userguide/modify-volume-requirements.html, 2026-11-25",
  },
];

function sizesBetween(before: Properties, after: Properties, smaller: boolean): Step | undefined {
  const found = sizeChanges(before.values, after.values).filter((size) => shrinks(size) === smaller);
  const joined = (side: "from" | "to") => found.map((size) => size[side]).join(", ");
  return found.length > 0 ? { from: joined("from"), to: joined("to") } : undefined;
}

/** The sizes of the claims that a StatefulSet makes, by the names of its templates; absent without any. */
function sizesOf(set: Properties): Record<string, unknown> | undefined {
  const templates = at(set, "spec.volumeClaimTemplates");
  if (!Array.isArray(templates) || templates.length === 0) return undefined;
  return Object.fromEntries(
    templates.map((template) => [
      String(at(template, "metadata.name")),
      at(template, "spec.resources.requests.storage"),
    ]),
  );
}

/** Kubernetes objects, and the releases that make them. */
export const objects: Transition[] = [...loadBalancers, ...volumes];
