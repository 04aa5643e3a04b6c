import { quantity } from "@inference-platform/planner";

/** Requests of a pod by resource: the sum of its containers, or an init container's where that is more. */
export function podRequests(spec: {
  containers: Container[];
  initContainers?: Container[];
}): Record<string, number> {
  const total: Record<string, number> = {};
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  for (const container of [...spec.containers, ...sidecars]) {
    for (const [name, value] of Object.entries(requestsOf(container))) {
      total[name] = (total[name] ?? 0) + quantity(value);
    }
  }
  for (const container of (spec.initContainers ?? []).filter((each) => each.restartPolicy !== "Always")) {
    for (const [name, value] of Object.entries(requestsOf(container))) {
      total[name] = Math.max(total[name] ?? 0, quantity(value));
    }
  }
  return total;
}

interface Container {
  restartPolicy?: string;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
}

/** A limit without a request is a request too. */
const requestsOf = (container: Container) => ({
  ...container.resources?.limits,
  ...container.resources?.requests,
});
