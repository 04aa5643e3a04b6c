import type { Rendered } from "./helm";

/**
 * What the Pod Security level `restricted` would say against a pod, after the standard of Kubernetes 1.35: the checks
 * that a chart can fail (host access, privileges, user, capabilities, seccomp, volume types). Empty when it is admitted.
 */
export function restrictedViolations(pod: Rendered): string[] {
  const found: string[] = [];
  for (const field of ["hostNetwork", "hostPID", "hostIPC"]) if (pod[field]) found.push(field);
  const volumeTypes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"];
  for (const volume of pod.volumes ?? []) {
    const [type] = Object.keys(volume).filter((key) => key !== "name");
    if (type && ![...volumeTypes, "projected", "secret"].includes(type))
      found.push(`volume ${volume.name}: ${type}`);
  }
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    const own = container.securityContext ?? {};
    const say = (what: string) => found.push(`${container.name}: ${what}`);
    if (own.privileged) say("privileged");
    if (own.allowPrivilegeEscalation !== false) say("allowPrivilegeEscalation is not false");
    if (!(own.runAsNonRoot ?? pod.securityContext?.runAsNonRoot)) say("runAsNonRoot is not true");
    if ((own.runAsUser ?? pod.securityContext?.runAsUser) === 0) say("runAsUser is 0");
    if (!(own.capabilities?.drop ?? []).includes("ALL")) say("capabilities.drop lacks ALL");
    const added = (own.capabilities?.add ?? []).filter((one: string) => one !== "NET_BIND_SERVICE");
    if (added.length > 0) say(`capabilities.add ${added}`);
    const seccomp = (own.seccompProfile ?? pod.securityContext?.seccompProfile)?.type;
    if (seccomp !== "RuntimeDefault" && seccomp !== "Localhost") say("seccompProfile is not set");
    if ((container.ports ?? []).some((port: Rendered) => port.hostPort)) say("hostPort");
  }
  return found;
}
