import type { Properties } from "../../program/monitor";
import { containersOf, describeObject, isTest, namespaceOf, type PodSpec, podOf } from "../objects";
import { isOwnChart } from "../render";
import type { Check } from "../types";
import { counted, type Facts, verdict } from "./facts";

const enforceLabel = "pod-security.kubernetes.io/enforce";

/** Volume types that the level `restricted` allows. */
const volumeTypes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** Capabilities that the level `baseline` lets a container add. */
const baselineCapabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

/** Pods meet the Pod Security level of their namespace: the API server would refuse them otherwise. */
export function podSecurity(facts: Facts): Check {
  const levels = new Map(
    facts.objects
      .filter(({ manifest }) => manifest.kind === "Namespace")
      .map(({ manifest }) => [manifest.metadata.name, manifest.metadata.labels?.[enforceLabel]]),
  );
  const published = new Set(
    facts.releases.filter((release) => !isOwnChart(release)).map((release) => `release ${release.name}`),
  );
  const pods = facts.objects.flatMap((object) => {
    // Tests that charts of others bring run only for who asks helm for them.
    if (published.has(object.origin) && isTest(object.manifest)) return [];
    const pod = podOf(object.manifest);
    const level = levels.get(namespaceOf(object.manifest));
    return pod && level && level !== "privileged" ? [{ object, pod, level }] : [];
  });
  const problems = pods.flatMap(({ object, pod, level }) => {
    const broken = [...baseline(pod), ...(level === "restricted" ? restricted(pod) : [])];
    return broken.length > 0 ? [`${describeObject(object)} (${level}): ${broken.join(", ")}`] : [];
  });
  return verdict(
    "pod-security",
    problems,
    "Change the pod's securityContext, or the level of its namespace.",
    `${counted(pods.length, "workload")} in ${counted([...levels.values()].filter(Boolean).length, "namespace")} with a level`,
  );
}

interface Context extends Properties {
  capabilities?: { add?: string[]; drop?: string[] };
  seccompProfile?: { type?: string };
}

/** What the level `baseline` forbids and the pod does. */
export function baseline(pod: PodSpec): string[] {
  const problems: string[] = [];
  if (pod.hostNetwork || pod.hostPID || pod.hostIPC) problems.push("uses a namespace of the host");
  if ((pod.volumes ?? []).some((volume) => "hostPath" in volume)) problems.push("mounts a path of the host");
  for (const container of containersOf(pod)) {
    const context = (container.securityContext ?? {}) as Context;
    if (context.privileged) problems.push(`${container.name} is privileged`);
    if ((container.ports ?? []).some((port) => (port.hostPort ?? 0) > 0)) {
      problems.push(`${container.name} takes a port of the host`);
    }
    const added = (context.capabilities?.add ?? []).filter((name) => !baselineCapabilities.includes(name));
    if (added.length > 0) problems.push(`${container.name} adds ${added.join("+")}`);
  }
  return problems;
}

/** What the level `restricted` asks for beyond `baseline` and the pod lacks. */
export function restricted(pod: PodSpec): string[] {
  const problems: string[] = [];
  const shared = (pod.securityContext ?? {}) as Context;
  const foreign = (pod.volumes ?? [])
    .filter((volume) => !("hostPath" in volume))
    .filter(
      (volume) => !Object.keys(volume).some((key) => (key === "name" ? false : volumeTypes.includes(key))),
    )
    .map((volume) => String(volume.name));
  if (foreign.length > 0) problems.push(`volume types of ${foreign.join("+")}`);
  for (const container of containersOf(pod)) {
    const own = (container.securityContext ?? {}) as Context;
    if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true)
      problems.push(`${container.name} may run as root`);
    if ((own.runAsUser ?? shared.runAsUser) === 0) problems.push(`${container.name} runs as user 0`);
    if (own.allowPrivilegeEscalation !== false) problems.push(`${container.name} may escalate privileges`);
    if (!own.capabilities?.drop?.includes("ALL")) problems.push(`${container.name} keeps capabilities`);
    if (own.capabilities?.add?.some((name) => name !== "NET_BIND_SERVICE")) {
      problems.push(`${container.name} adds capabilities`);
    }
    const seccomp = (own.seccompProfile ?? shared.seccompProfile)?.type;
    if (seccomp !== "RuntimeDefault" && seccomp !== "Localhost") {
      problems.push(`${container.name} has no seccomp profile`);
    }
  }
  return problems;
}
