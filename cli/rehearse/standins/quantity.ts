const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity as a number: `"250m"` is 0.25, `"1Gi"` is 1073741824. Not a number gives NaN. */
export function quantity(text: string | number | undefined): number {
  if (text === undefined) return 0;
  const match = /^([0-9.]+(?:e[0-9]+)?)([a-zA-Z]*)$/.exec(String(text));
  return match ? Number(match[1]) * (factors[match[2] ?? ""] ?? Number.NaN) : Number.NaN;
}

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
