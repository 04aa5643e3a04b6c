/** Labels that every Kubernetes object of this project carries. */
export function platformLabels(name: string, component: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/instance": name,
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/part-of": "inference-platform",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** Selects a namespace by its name; Kubernetes sets this label, and only this one, on every namespace by itself. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";

/**
 * Label of Prometheus' pods, as its operator and its community's chart set it. Who may read metrics is told by it: other pods
 * of the same namespace are not Prometheus.
 */
export const prometheusPodLabels = { "app.kubernetes.io/name": "prometheus" };
