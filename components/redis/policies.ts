import type * as pulumi from "@pulumi/pulumi";
import { namespaceNameLabel, prometheusPodLabels } from "../namespace/labels";
import type { RedisArgs } from "./args";
import { exporterPort, redisClientLabel, redisPort } from "./valkey";

/** The labels by which the chart's own Service finds its pods. */
export function serverPods(release: string): Record<string, string> {
  return { "app.kubernetes.io/name": "valkey", "app.kubernetes.io/instance": release };
}

/** The server: in from labelled pods of the admitted namespaces and from Prometheus, out nowhere. */
export function serverPolicySpec(release: string, args: RedisArgs) {
  const clients = {
    from: args.admittedNamespaces.map(({ name }) => ({
      namespaceSelector: { matchLabels: { [namespaceNameLabel]: name } },
      podSelector: { matchLabels: { [redisClientLabel]: "true" } },
    })),
    ports: [{ protocol: "TCP", port: redisPort }],
  };
  const prometheus = {
    from: [
      {
        namespaceSelector: {
          matchLabels: { [namespaceNameLabel]: args.monitoringNamespace ?? "monitoring" },
        },
        podSelector: { matchLabels: prometheusPodLabels },
      },
    ],
    ports: [{ protocol: "TCP", port: exporterPort }],
  };
  return {
    podSelector: { matchLabels: serverPods(release) },
    policyTypes: ["Ingress", "Egress"],
    ingress: args.metrics ? [clients, prometheus] : [clients],
  };
}

/**
 * The clients: out to the server. Only labelled pods: any policy for outgoing traffic closes a pod for all else, and
 * the others of a namespace that is not closed by default must not notice.
 */
export function clientPolicySpec(release: string, serverNamespace: pulumi.Input<string>) {
  return {
    podSelector: { matchLabels: { [redisClientLabel]: "true" } },
    policyTypes: ["Egress"],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { [namespaceNameLabel]: serverNamespace } },
            podSelector: { matchLabels: serverPods(release) },
          },
        ],
        ports: [{ protocol: "TCP", port: redisPort }],
      },
    ],
  };
}
