import { LimitRange, Namespace, ResourceQuota } from "@pulumi/kubernetes/core/v1";
import type { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import { after } from "../common/outputs";
import { refuse } from "../common/refuse";
import { namespaceProblems } from "./checks";
import { platformLabels } from "./labels";
import { closeNamespace } from "./traffic";

/** Pod Security Standards: what the pods of a namespace may ask of their node. */
export const PodSecurityLevel = {
  /** Non-root, no capabilities, no host access. */
  Restricted: "restricted",
  /** No privileged pods, no host namespaces or paths. */
  Baseline: "baseline",
  /** Anything; for agents that work on the node itself. */
  Privileged: "privileged",
} as const;
export type PodSecurityLevel = (typeof PodSecurityLevel)[keyof typeof PodSecurityLevel];

/** What a container gets that declares no resources of its own. Kubernetes quantities: `100m`, `256Mi`. */
export interface ContainerDefaults {
  /** CPU request. */
  cpuRequest: string;
  /** Memory request. */
  memoryRequest: string;
  /** CPU limit. @default none: CPU may be used when it is idle */
  cpuLimit?: string;
  /** Memory limit. */
  memoryLimit: string;
}

/** Arguments of `WorkloadNamespace`. */
export interface WorkloadNamespaceArgs {
  /** Name in Kubernetes. Changing it replaces the namespace with everything in it. */
  name: string;
  /** Pod Security level: pods that ask for more are refused. */
  podSecurity: PodSecurityLevel;
  /** Further labels of the namespace. @default none */
  labels?: Record<string, string>;
  /**
   * Highest number of GPUs that all pods together may request, as `{ "requests.nvidia.com/gpu": "2" }`. Keys that start
   * with `limits.` are refused: the API accepts them and never enforces them. @default no quota
   */
  gpuQuota?: Record<string, string>;
  /** Highest number of pods. @default no quota */
  podQuota?: number;
  /** Resources of containers that declare none. @default none */
  containerDefaults?: ContainerDefaults;
  /**
   * Close the namespace for all traffic, in and out, but DNS look-ups; what else is needed must be allowed by network
   * policies of its own. @default true
   */
  denyByDefault?: boolean;
  /**
   * Pods become Ready only once the load balancer has found them healthy, so that a rollout never leaves a target group
   * without targets. The Ingress must exist before the pods. @default false
   */
  readinessGates?: boolean;
}

/**
 * A namespace with its rules: Pod Security, quota, defaults for containers, closed for traffic unless allowed.
 *
 * @example
 * ```ts
 * const namespace = new WorkloadNamespace(
 *   "llm",
 *   { name: "llm", podSecurity: "restricted", gpuQuota: poolQuota(pool) },
 *   { provider },
 * );
 * ```
 */
export class WorkloadNamespace extends pulumi.ComponentResource {
  /** Name of the namespace; who uses it waits for the rules, too: they hold for the first pod. */
  readonly namespaceName: pulumi.Output<string>;

  constructor(name: string, args: WorkloadNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:WorkloadNamespace", name, {}, opts);
    refuse(this, name, namespaceProblems(args));

    const labels = platformLabels(args.name, "namespace");
    const namespace = new Namespace(
      `${name}-namespace`,
      { metadata: { name: args.name, labels: { ...labels, ...namespaceLabels(args) } } },
      { parent: this },
    );
    const metadata = (object: string) => ({ name: object, namespace: namespace.metadata.name, labels });
    const rules: (ResourceQuota | LimitRange | NetworkPolicy)[] = [];

    const hard = quota(args);
    if (Object.keys(hard).length > 0) {
      const spec = { metadata: metadata("quota"), spec: { hard } };
      rules.push(new ResourceQuota(`${name}-quota`, spec, { parent: this }));
    }
    if (args.containerDefaults) {
      const limits = [containerLimits(args.containerDefaults)];
      rules.push(
        new LimitRange(
          `${name}-limits`,
          { metadata: metadata("limits"), spec: { limits } },
          { parent: this },
        ),
      );
    }
    if (args.denyByDefault ?? true)
      rules.push(...closeNamespace(name, { namespace: namespace.metadata.name, labels }, this));

    this.namespaceName = after(
      args.name,
      [namespace, ...rules].map((object) => object.metadata.name),
    );
    this.registerOutputs({ namespaceName: this.namespaceName });
  }
}

function namespaceLabels(args: WorkloadNamespaceArgs): Record<string, string> {
  return {
    ...args.labels,
    "pod-security.kubernetes.io/enforce": args.podSecurity,
    // `enforce` looks at pods only; these report a Deployment whose pods would be refused when it is applied.
    "pod-security.kubernetes.io/warn": args.podSecurity,
    "pod-security.kubernetes.io/audit": args.podSecurity,
    ...(args.readinessGates ? { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" } : {}),
  };
}

function quota(args: WorkloadNamespaceArgs): Record<string, string> {
  return { ...args.gpuQuota, ...(args.podQuota === undefined ? {} : { pods: String(args.podQuota) }) };
}

function containerLimits(defaults: ContainerDefaults) {
  return {
    type: "Container",
    defaultRequest: { cpu: defaults.cpuRequest, memory: defaults.memoryRequest },
    default: { ...(defaults.cpuLimit ? { cpu: defaults.cpuLimit } : {}), memory: defaults.memoryLimit },
  };
}
