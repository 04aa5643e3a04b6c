import type { Problem } from "../common/problem";
import type { WorkloadNamespaceArgs } from "./namespace";

/** What is wrong with the arguments of a `WorkloadNamespace`; empty when nothing is. */
export function namespaceProblems(args: WorkloadNamespaceArgs): Problem[] {
  return [...nameProblems(args.name), ...gpuQuotaProblems(args.gpuQuota ?? {}), ...podQuotaProblems(args)];
}

function nameProblems(name: string): Problem[] {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return [];
  const message =
    "must be 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends";
  return [{ path: "name", value: name, message }];
}

function gpuQuotaProblems(quota: Record<string, string>): Problem[] {
  return Object.entries(quota).flatMap(([key, value]): Problem[] => {
    const path = `gpuQuota["${key}"]`;
    if (key.startsWith("limits.")) {
      // The API server accepts any qualified name here, and the quota controller then never counts it.
      const message =
        "is accepted by the Kubernetes API and never enforced: of GPUs only requests are counted";
      return [{ path, value, message, fix: `Write requests.${key.slice("limits.".length)}.` }];
    }
    if (!/^requests\.[a-z0-9.-]+\/[A-Za-z0-9._-]+$/.test(key)) {
      return [{ path, value, message: "must have a key such as requests.nvidia.com/gpu" }];
    }
    if (!/^\d+$/.test(value))
      return [{ path, value, message: 'must be a whole number as text, such as "2"' }];
    return [];
  });
}

function podQuotaProblems({ podQuota }: WorkloadNamespaceArgs): Problem[] {
  if (podQuota === undefined || (Number.isInteger(podQuota) && podQuota >= 1)) return [];
  return [{ path: "podQuota", value: podQuota, message: "must be a whole number of at least 1" }];
}
