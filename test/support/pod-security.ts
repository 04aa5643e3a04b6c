import type { Rendered } from "./helm";

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

/** Why a namespace of Pod Security level `restricted` would refuse a pod; empty when it admits it. */
export function restrictedViolations(pod: Rendered): string[] {
  const found: string[] = [];
  const own = pod.securityContext ?? {};
  for (const host of ["hostNetwork", "hostPID", "hostIPC"]) if (pod[host]) found.push(host);
  for (const volume of pod.volumes ?? []) {
    const type = Object.keys(volume).find((key) => key !== "name") ?? "";
    if (!volumeTypes.includes(type)) found.push(`volume ${volume.name} of type ${type}`);
  }
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    const context = container.securityContext ?? {};
    const say = (what: string) => found.push(`${container.name}: ${what}`);
    if (context.privileged) say("privileged");
    if (context.allowPrivilegeEscalation !== false) say("may escalate");
    if (!context.capabilities?.drop?.includes("ALL")) say("keeps capabilities");
    if ((context.capabilities?.add ?? []).some((name: string) => name !== "NET_BIND_SERVICE"))
      say("adds capabilities");
    if ((context.runAsNonRoot ?? own.runAsNonRoot) !== true) say("may run as root");
    if ((context.runAsUser ?? own.runAsUser) === 0) say("runs as root");
    const seccomp = (context.seccompProfile ?? own.seccompProfile)?.type;
    if (seccomp !== "RuntimeDefault" && seccomp !== "Localhost") say("no seccomp profile");
    for (const port of container.ports ?? []) if (port.hostPort) say("host port");
  }
  return found;
}
