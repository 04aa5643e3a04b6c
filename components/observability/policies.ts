import { exporterPort as dcgmPort } from "../gpu/names";
import { prometheusPodLabels } from "../namespace/labels";
import {
  internetEgress,
  kubernetesApi,
  podsWith,
  privateAddresses,
  type TrafficPeer,
  type TrafficPolicy,
  tcp,
} from "../namespace/traffic";

/** Label by which the pods of every chart here can be told apart. */
const nameLabel = "app.kubernetes.io/name";
const named = (...values: string[]): TrafficPeer => ({
  podSelector: { matchExpressions: [{ key: nameLabel, operator: "In", values }] },
});

const prometheus = podsWith(prometheusPodLabels);
const [prometheusPort, reloaderPort, alertmanagerPort] = [9090, 8080, 9093];
/** Ports of nodes: the Kubernetes API on its Service, the kubelet, the node exporter. */
const nodePorts = tcp(443, 10250, 9100);

const into = (name: string, ...ingress: NonNullable<TrafficPolicy["ingress"]>): TrafficPolicy => ({
  podSelector: { matchLabels: { [nameLabel]: name } },
  policyTypes: ["Ingress"],
  ingress,
});

/**
 * Who talks to whom in the namespace of Prometheus, which is closed otherwise: by the name of each policy. The node exporter
 * is not in it: its pods have the network of their node, which policies do not reach.
 *
 * What the API server calls (the operator's webhook, the metrics API) can be called from any private address: the API
 * server's own are those of the subnets that pods are in, too. Both speak TLS and ask who calls.
 */
export const monitoringPolicies: Record<string, TrafficPolicy> = {
  // Everything here asks the Kubernetes API, but for Alertmanager and the exporter.
  "allow-kubernetes-api": kubernetesApi({
    matchExpressions: [{ key: nameLabel, operator: "NotIn", values: ["alertmanager", "dcgm-exporter"] }],
  }),
  prometheus: {
    podSelector: { matchLabels: prometheusPodLabels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: [named("grafana", "prometheus", "prometheus-adapter")], ports: tcp(prometheusPort) },
      { from: [prometheus], ports: tcp(reloaderPort) },
    ],
    // It reads whatever a monitor names: pods say themselves whom they admit.
    egress: [
      { to: [{ namespaceSelector: {} }], ports: [{ protocol: "TCP" }] },
      { to: privateAddresses, ports: nodePorts },
    ],
  },
  grafana: {
    podSelector: { matchLabels: { [nameLabel]: "grafana" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [prometheus], ports: tcp(3000) }],
    egress: [
      { to: [prometheus], ports: tcp(prometheusPort) },
      { to: [named("alertmanager")], ports: tcp(alertmanagerPort) },
    ],
  },
  alertmanager: {
    podSelector: { matchLabels: { [nameLabel]: "alertmanager" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: [prometheus], ports: tcp(alertmanagerPort, reloaderPort) },
      { from: [named("grafana")], ports: tcp(alertmanagerPort) },
    ],
    // Where alerts are sent to.
    egress: [internetEgress],
  },
  "prometheus-adapter": {
    podSelector: { matchLabels: { [nameLabel]: "prometheus-adapter" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: privateAddresses, ports: tcp(6443) }],
    egress: [{ to: [prometheus], ports: tcp(prometheusPort) }],
  },
  "prometheus-operator": {
    podSelector: { matchLabels: { "app.kubernetes.io/component": "prometheus-operator" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: privateAddresses, ports: tcp(10250) }],
  },
  "kube-state-metrics": into("kube-state-metrics", { from: [prometheus], ports: tcp(8080) }),
  "dcgm-exporter": into("dcgm-exporter", { from: [prometheus], ports: tcp(dcgmPort) }),
};
