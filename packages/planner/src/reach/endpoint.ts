import { type Cidr, parseCidr } from "../../../../components/common/cidr";
import { containersOf, namespaceOf, type PlannedObject, podOf } from "../plan/objects";
import type { Manifest } from "../plan/types";
import type { Policy } from "./policy";

/** One side of a connection: pods of one kind, or addresses. */
export interface Endpoint {
  /** For people: `monitoring/grafana`, `the load balancer`. */
  name: string;
  /** Of pods. */
  namespace?: string;
  /** Of pods. */
  labels?: Record<string, string>;
  /** Of the namespace of pods. */
  namespaceLabels?: Record<string, string>;
  /** True for pods with the network of their node. */
  hostNetwork?: boolean;
  /** Blocks that its addresses may lie in. */
  addresses: Cidr[];
  /** Ports of its containers. */
  ports: { name?: string; number: number }[];
}

/** Blocks of text. Throws for what is none. */
export function blocks(...texts: string[]): Cidr[] {
  return texts.map((text) => {
    const cidr = parseCidr(text);
    if (!cidr) throw new Error(`${text} is no address block`);
    return cidr;
  });
}

interface OperatedPods {
  labels: Record<string, string>;
  ports: number[];
}

/**
 * Pods that the operator makes from its custom resources. Source: prometheus-operator, pkg/prometheus and pkg/alertmanager,
 * statefulset.go; the sidecar that reloads the configuration listens on 8080.
 */
function operatedPods({ kind, metadata }: Manifest): OperatedPods | undefined {
  const shared = {
    "app.kubernetes.io/instance": metadata.name,
    "app.kubernetes.io/managed-by": "prometheus-operator",
  };
  if (kind === "Prometheus")
    return {
      labels: {
        ...shared,
        "app.kubernetes.io/name": "prometheus",
        "operator.prometheus.io/name": metadata.name,
        prometheus: metadata.name,
      },
      ports: [9090, 8080],
    };
  if (kind === "Alertmanager")
    return {
      labels: { ...shared, "app.kubernetes.io/name": "alertmanager", alertmanager: metadata.name },
      ports: [9093, 8080, 9094],
    };
  return undefined;
}

interface PodTemplate {
  metadata?: { labels?: Record<string, string> };
}

function podLabels(manifest: Manifest): Record<string, string> {
  if (manifest.kind === "Pod") return manifest.metadata.labels ?? {};
  const spec = manifest.spec as {
    template?: PodTemplate;
    jobTemplate?: { spec?: { template?: PodTemplate } };
  };
  const template = spec.jobTemplate?.spec?.template ?? spec.template;
  return template?.metadata?.labels ?? {};
}

/**
 * The pods of a plan.
 *
 * @param addresses Blocks that pods have their addresses from.
 */
export function podEndpoints(objects: PlannedObject[], addresses: Cidr[]): Endpoint[] {
  const namespaces = new Map(
    objects
      .filter(({ manifest }) => manifest.kind === "Namespace")
      .map(({ manifest }) => [manifest.metadata.name, manifest.metadata.labels ?? {}]),
  );
  const at = (manifest: Manifest): Pick<Endpoint, "name" | "namespace" | "namespaceLabels" | "addresses"> => {
    const namespace = namespaceOf(manifest);
    return {
      name: `${namespace}/${manifest.metadata.name}`,
      namespace,
      namespaceLabels: { ...namespaces.get(namespace), "kubernetes.io/metadata.name": namespace },
      addresses,
    };
  };
  return objects.flatMap(({ manifest }): Endpoint[] => {
    const operated = operatedPods(manifest);
    if (operated)
      return [
        { ...at(manifest), labels: operated.labels, ports: operated.ports.map((number) => ({ number })) },
      ];
    const pod = podOf(manifest);
    if (!pod) return [];
    const ports = containersOf(pod).flatMap(({ ports = [] }) =>
      ports.flatMap(({ name, containerPort }) =>
        containerPort === undefined ? [] : [{ ...(name && { name }), number: containerPort }],
      ),
    );
    return [{ ...at(manifest), labels: podLabels(manifest), hostNetwork: pod.hostNetwork ?? false, ports }];
  });
}

/** The network policies of a plan. */
export function policiesOf(objects: PlannedObject[]): Policy[] {
  return objects
    .filter(({ manifest }) => manifest.kind === "NetworkPolicy")
    .map(({ manifest }) => ({
      namespace: namespaceOf(manifest),
      spec: (manifest.spec ?? {}) as Policy["spec"],
    }));
}
