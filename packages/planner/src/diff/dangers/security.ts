import type { Manifest } from "../../plan/types";
import { code } from "../markup";
import { type Danger, DangerKind } from "../types";
import { type Facts, type Leaf, subjectOf } from "./facts";
import { turnsStorageOff } from "./loss";

/** A value whose change makes something less safe. */
interface Relaxation {
  path: RegExp;
  when: (before: unknown, after: unknown) => boolean;
  text: string;
  kind?: DangerKind;
}

const is = (value: unknown, wanted: boolean) => String(value) === String(wanted);
const off = (before: unknown, after: unknown) => is(before, true) && !is(after, true);
const on = (before: unknown, after: unknown) => !is(before, true) && is(after, true);
const lower = (before: unknown, after: unknown) => Number(after) < Number(before);
const gone = (before: unknown, after: unknown) => before !== undefined && after === undefined;
const { Protection } = DangerKind;

const relaxations: Relaxation[] = [
  { path: /(^|\.)encrypted$/, when: off, text: "**encryption off** for new volumes" },
  { path: /^encryptionConfig\./, when: gone, text: "**encryption of Kubernetes Secrets removed**" },
  { path: /^enableKeyRotation$/, when: off, text: "**key rotation off**" },
  {
    path: /httpTokens$/,
    when: (before, after) => before === "required" && after !== "required",
    text: "**IMDSv1 allowed**: instance credentials can be taken through a forged request",
  },
  {
    path: /httpPutResponseHopLimit$/,
    when: (before, after) => Number(after ?? 1) > Number(before ?? 1),
    text: "**pods can reach the instance metadata**, and with it the node's role",
  },
  { path: /^enabledClusterLogTypes/, when: gone, text: "**a control plane log is switched off**" },
  {
    path: /^accessConfig\.authenticationMode$/,
    when: (before) => before === "API",
    text: "**access by the aws-auth ConfigMap** is possible again",
  },
  { path: /\.privileged$/, when: on, text: "**a container becomes privileged**: root on its node" },
  {
    path: /\.allowPrivilegeEscalation$/,
    when: (b, a) => is(b, false) && !is(a, false),
    text: "**privilege escalation allowed**",
  },
  { path: /\.runAsNonRoot$/, when: off, text: "**containers may run as root**" },
  { path: /\.readOnlyRootFilesystem$/, when: off, text: "**a container can write to its root file system**" },
  { path: /\.host(Network|PID|IPC)$/, when: on, text: "**pods share a namespace of their node**" },
  {
    path: /\.capabilities\.add\[/,
    when: (before) => before === undefined,
    text: "**a container gets a capability**",
  },
  {
    path: /seccompProfile\.type$/,
    when: (_, after) => after === "Unconfined",
    text: "**system calls are not filtered**",
  },
  {
    path: /automountServiceAccountToken$/,
    when: (b, a) => is(b, false) && !is(a, false),
    text: "**pods get a token for the Kubernetes API**",
  },
  {
    path: /(sslPolicy|ssl-policy\]?)$/,
    when: (before, after) => before !== undefined && before !== after,
    text: "**another TLS policy**: check that it is no weaker",
  },
  { path: /^deletionProtection$/, when: off, text: "**deletion protection off**", kind: Protection },
  {
    path: /loadBalancerAttributes\[deletion_protection\.enabled\]\.value$/,
    when: off,
    text: "**deletion protection of the load balancer off**",
    kind: Protection,
  },
  {
    path: /^option protect$/,
    when: off,
    text: "**protect removed**: Pulumi may delete it",
    kind: Protection,
  },
  {
    path: /^option retainOnDelete$/,
    when: off,
    text: "**retainOnDelete removed**: deleting it here deletes it in the cloud",
    kind: Protection,
  },
  {
    path: /^deletionWindowInDays$/,
    when: lower,
    text: "**shorter time to take back a deletion**",
    kind: Protection,
  },
  { path: /^retentionInDays$/, when: lower, text: "**logs are kept for a shorter time**", kind: Protection },
  { path: /\.keepPvc$/, when: off, text: "**volumes go with the release**", kind: Protection },
  {
    path: /^reclaimPolicy$/,
    when: (before, after) => before === "Retain" && after !== "Retain",
    text: "**volumes go with their claims**",
    kind: Protection,
  },
];

/** Values that make something less safe, and protection that is taken away. */
export function relaxedValues({ leaves }: Facts): Danger[] {
  const found = leaves.flatMap((leaf): Danger[] => {
    if (leaf.disclosed) {
      const text = `${code(leaf.path)} **is no longer secret**: it will be readable in the state and in diffs`;
      return [{ kind: DangerKind.Security, subject: leaf.subject, text }];
    }
    // What the rendered objects show is told of them; protection often shows in the values only.
    const rules = leaf.rendered ? relaxations.filter(({ kind }) => kind === Protection) : relaxations;
    const rule = rules.find(({ path, when }) => path.test(leaf.path) && when(leaf.before, leaf.after));
    // Without storage there is nothing to keep; that is told as a loss.
    if (
      /keepPvc$/.test(leaf.path) &&
      leaves.some((other) => other.subject === leaf.subject && turnsStorageOff(other))
    ) {
      return [];
    }
    return rule
      ? [{ kind: rule.kind ?? DangerKind.Security, subject: leaf.subject, text: textOf(rule, leaf) }]
      : [];
  });
  return found.filter(
    ({ subject, text }, i) =>
      found.findIndex((other) => other.subject === subject && other.text === text) === i,
  );
}

function textOf({ text, when }: Relaxation, { before, after }: Leaf): string {
  return when === lower ? `${text}: ${String(before)} → ${String(after)} days` : text;
}

const levels = ["restricted", "baseline", "privileged"];

/** Namespaces in which pods may do more than before. */
export function relaxedPodSecurity({ objects }: Facts): Danger[] {
  return objects.flatMap((pair): Danger[] => {
    const { before, after } = pair;
    if (before?.kind !== "Namespace" || !after) return [];
    const [from, to] = [levelOf(before), levelOf(after)];
    if (levels.indexOf(to) <= levels.indexOf(from)) return [];
    const text = `**pod security lowered** from ${code(from)} to ${code(to)}`;
    return [{ kind: DangerKind.Security, subject: subjectOf(pair), text }];
  });
}

function levelOf({ metadata }: Manifest): string {
  // A namespace without a level admits everything.
  return metadata.labels?.["pod-security.kubernetes.io/enforce"] ?? "privileged";
}

/** Network policies and disruption budgets that go, while what they were for stays. */
export function policiesRemoved({ objects }: Facts): Danger[] {
  return objects.flatMap((pair): Danger[] => {
    if (!pair.before || pair.after || !pair.ownerStays) return [];
    const subject = subjectOf(pair);
    if (pair.before.kind === "NetworkPolicy") {
      return [
        { kind: DangerKind.Security, subject, text: "**removed**: the connections that it refused are open" },
      ];
    }
    if (pair.before.kind === "PodDisruptionBudget") {
      return [{ kind: Protection, subject, text: "**removed**: a drain may stop all its pods at once" }];
    }
    return [];
  });
}

/** Load balancers that no longer speak TLS. */
export function relaxedTls({ objects }: Facts): Danger[] {
  return objects.flatMap((pair): Danger[] => {
    const { before, after } = pair;
    if (before?.kind !== "Ingress" || !after || !hasTls(before) || hasTls(after)) return [];
    return [
      {
        kind: DangerKind.Security,
        subject: subjectOf(pair),
        text: "**TLS off**: requests and API keys travel in plain text",
      },
    ];
  });
}

function hasTls({ metadata, spec }: Manifest): boolean {
  const annotations = metadata.annotations ?? {};
  const listens = annotations["alb.ingress.kubernetes.io/listen-ports"] ?? "";
  const tls = (spec as { tls?: unknown[] } | undefined)?.tls ?? [];
  return listens.includes("HTTPS") || (listens === "" && tls.length > 0);
}
