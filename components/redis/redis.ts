import { Secret } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { chartSource, charts } from "../common/charts";
import { after } from "../common/outputs";
import { refuse } from "../common/refuse";
import { platformLabels } from "../namespace/labels";
import type { RedisArgs } from "./args";
import { redisProblems } from "./checks";
import { clientPolicySpec, serverPods, serverPolicySpec } from "./policies";
import { loadSeconds, redisPort, redisUser, valkeyValues } from "./valkey";

/**
 * One Redis server (Valkey), reachable with its password and only from the admitted namespaces, there only from pods
 * labelled `inference-platform/redis-client: "true"`.
 *
 * Services get the connection as a Secret with the keys `host`, `port`, `username`, `password` and `url`, of the same
 * name in every admitted namespace. A changed password reaches server and clients when their pods restart.
 *
 * @example
 * ```ts
 * const redis = new Redis(
 *   "sessions",
 *   {
 *     namespace: "redis",
 *     admittedNamespaces: [{ name: "apps" }],
 *     memoryMiB: 512,
 *     persistence: true,
 *     storageGiB: 10,
 *     metrics: true,
 *   },
 *   { provider },
 * );
 * export const connectionSecret = redis.secretName;
 * ```
 */
export class Redis extends pulumi.ComponentResource {
  /** Host name of the server inside the cluster. */
  readonly host: pulumi.Output<string>;
  /** Port of the server. */
  readonly port: pulumi.Output<number>;
  /** Name of the connection Secret, the same in every admitted namespace. */
  readonly secretName: pulumi.Output<string>;

  constructor(name: string, args: RedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:Redis", name, {}, opts);
    refuse(this, name, redisProblems(args));

    // In full, so that it means the same in every namespace.
    this.host = pulumi.interpolate`${name}.${args.namespace}.svc.cluster.local`;
    this.port = pulumi.output(redisPort);

    // Letters and digits only: the password is part of a URL and of a shell command of the chart.
    const { result: password } = new RandomPassword(
      `${name}-password`,
      { length: 40, special: false },
      { parent: this },
    );
    const labels = platformLabels(name, "redis");
    const metadata = (object: string, namespace: pulumi.Input<string>) => ({
      name: object,
      namespace,
      labels,
    });

    const auth = new Secret(
      `${name}-auth`,
      { metadata: metadata(`${name}-auth`, args.namespace), stringData: { [redisUser]: password } },
      { parent: this },
    );
    const policy = new NetworkPolicy(
      `${name}-server`,
      { metadata: metadata(`${name}-server`, args.namespace), spec: serverPolicySpec(name, args) },
      { parent: this },
    );
    // The chart makes one only for replicas. One pod may always be evicted: a budget of 0 would block node drains.
    new PodDisruptionBudget(
      `${name}-budget`,
      {
        metadata: metadata(name, args.namespace),
        spec: { maxUnavailable: 1, selector: { matchLabels: serverPods(name) } },
      },
      { parent: this },
    );

    const connection = connectionData(this.host, password);
    const secrets = args.admittedNamespaces.map(({ name: admitted, ready }) => {
      const namespace = ready ?? admitted;
      new NetworkPolicy(
        `${name}-client-${admitted}`,
        {
          metadata: metadata(`${name}-client`, namespace),
          spec: clientPolicySpec(name, args.namespace),
        },
        { parent: this },
      );
      return new Secret(
        `${name}-connection-${admitted}`,
        { metadata: metadata(`${name}-connection`, namespace), stringData: connection },
        { parent: this },
      );
    });
    this.secretName = after(
      `${name}-connection`,
      secrets.map((secret) => secret.metadata.name),
    );

    new Release(
      `${name}-release`,
      {
        ...chartSource(charts.valkey, args.chartMirror),
        name,
        namespace: args.namespace,
        values: valkeyValues(name, `${name}-auth`, args),
        // A node for it may have to start first: 10 minutes, then the data is loaded.
        timeout: 600 + loadSeconds(args.memoryMiB),
      },
      // The chart finds the Secret by its name, and the pod must never be open: no output says either.
      { parent: this, dependsOn: [auth, policy] },
    );
    this.registerOutputs({ host: this.host, port: this.port, secretName: this.secretName });
  }
}

function connectionData(host: pulumi.Output<string>, password: pulumi.Output<string>) {
  return {
    host,
    port: String(redisPort),
    username: redisUser,
    password,
    url: pulumi.interpolate`redis://${redisUser}:${password}@${host}:${redisPort}`,
  };
}
