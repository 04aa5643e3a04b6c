import * as pulumi from "@pulumi/pulumi";
import { promiseOf } from "../common/outputs";
import type { GpuPool } from "../gpu/pool";

/**
 * Version of the shape of {@link PlatformOutputs}. It grows when a field goes or changes its meaning; a new field leaves it
 * as it is.
 */
export const platformSchemaVersion = 1;

/** Where the pods of a cluster reach a service. */
export interface ServiceAddressOutputs {
  /** Namespace of the service. */
  namespace: string;
  /** Name of its Kubernetes Service. */
  serviceName: string;
  /** Port of the Service. */
  port: number;
  /** Address inside the cluster: `http://name.namespace.svc:port`. */
  url: string;
}

/** What a stack tells others, in its output `platform`. Nothing of it is secret. */
export interface PlatformOutputs {
  /** `platformSchemaVersion` of the program that wrote it. */
  schemaVersion: number;
  /** Name of the EKS cluster. */
  clusterName: string;
  /** Its region. */
  region: string;
  /** The pool of GPU nodes. */
  gpuPool: GpuPool;
  /** The services, by name. */
  services: Record<string, ServiceAddressOutputs>;
  /** Addresses for clients outside, by service; of those that the load balancer has a route to. */
  endpoints: Record<string, string>;
  /** Address of Prometheus inside the cluster. */
  prometheusUrl: string;
  /** Namespace of Prometheus. */
  prometheusNamespace: string;
  /** Name of the Secret with the connection to Redis, in the namespace of the services; absent without Redis. */
  redisSecretName?: string;
}

/** A platform as another stack sees it. */
export interface Platform extends PlatformOutputs {
  /** Kubeconfig of the cluster. Secret. */
  kubeconfig: pulumi.Output<string>;
  /** The API key that clients send. Secret. */
  apiKey: pulumi.Output<string>;
}

/**
 * Reads what another stack made with this project. Plain values are plain: they can be arguments that are no inputs, such as
 * a pool. Only the secrets are outputs.
 *
 * @param stack The stack, as its index.ts exports it: outputs `platform`, `kubeconfig` and `apiKey`.
 * @throws RunError when the stack has no such output, or one of another schema version; it names both versions.
 *
 * @example
 * ```ts
 * const platform = await readPlatform(new pulumi.StackReference("acme/inference-platform/prod"));
 * const { gpuPool: pool, kubeconfig } = platform;
 * ```
 */
export async function readPlatform(stack: pulumi.StackReference): Promise<Platform> {
  const [name, { value }] = await Promise.all([promiseOf(stack.name), stack.getOutputDetails("platform")]);
  return {
    ...checkedPlatform(name, value),
    kubeconfig: secretText(stack, "kubeconfig"),
    apiKey: secretText(stack, "apiKey"),
  };
}

/**
 * The output `platform` of a stack, if this version of the package can read it.
 *
 * @throws RunError as {@link readPlatform}.
 *
 * @example
 * ```ts
 * const stack = new pulumi.StackReference("acme/inference-platform/prod");
 * const { services } = checkedPlatform("prod", await stack.getOutputValue("platform"));
 * ```
 */
export function checkedPlatform(stack: string, value: unknown): PlatformOutputs {
  const found = (value as Partial<PlatformOutputs> | undefined)?.schemaVersion;
  if (found === platformSchemaVersion) return value as PlatformOutputs;
  const problem =
    found === undefined
      ? `has no output \`platform\` with a schema version; this package reads version ${platformSchemaVersion}`
      : `has outputs of schema version ${found}, this package reads version ${platformSchemaVersion}`;
  const fix =
    typeof found === "number" && found > platformSchemaVersion
      ? "Update inference-platform in this program."
      : "Deploy the stack with the inference-platform of this program.";
  throw new pulumi.RunError(`Stack ${stack} ${problem}. ${fix}`);
}

function secretText(stack: pulumi.StackReference, output: string): pulumi.Output<string> {
  return pulumi.secret(stack.requireOutput(output) as pulumi.Output<string>);
}
