import type * as pulumi from "@pulumi/pulumi";
import type { EvictionPolicy } from "./valkey";

/** A namespace whose pods may connect to a Redis. */
export interface AdmittedNamespace {
  /** Its name. */
  name: string;
  /** The name as an output of what creates the namespace, so that the Secret waits for it. @default it exists already */
  ready?: pulumi.Input<string>;
}

/** Arguments of `Redis`. */
export interface RedisArgs {
  /** Namespace of the server. Its Pod Security level may be `restricted`. */
  namespace: pulumi.Input<string>;
  /**
   * Namespaces whose pods may connect. Each gets the connection Secret. An empty list is refused: in a network policy it
   * would admit everybody.
   */
  admittedNamespaces: AdmittedNamespace[];
  /** Memory limit of the server, MiB, at least 64; data may take 70 % of it. */
  memoryMiB: number;
  /**
   * Keep the data in an append-only file on a gp3 volume; at most the last second is lost. Without it everything is
   * lost when the pod restarts. Turning it on or off empties the server.
   */
  persistence: boolean;
  /** Size of the volume, GiB, at least 3 times the memory. It can grow later, never shrink. Not used without `persistence`. */
  storageGiB: number;
  /** Storage class of the volume. @default gp3 */
  storageClass?: string;
  /** What happens to writes when the memory is full. @default noeviction */
  evictionPolicy?: EvictionPolicy;
  /** Export metrics for Prometheus, through a ServiceMonitor; needs the Prometheus operator's types in the cluster. */
  metrics: boolean;
  /** Namespace of Prometheus, whose pods may then read the metrics. @default monitoring */
  monitoringNamespace?: string;
  /** Folder or repository of charts to use in place of the publisher's. @default the publisher's repository */
  chartMirror?: string;
}
