import type { Properties } from "../program/monitor";
import type { Manifest, PlannedRelease, PlannedResource } from "./types";

/** A Kubernetes object of the plan, whether rendered from a chart or created by the program. */
export interface PlannedObject {
  /** Where it is from: `release <name>` or `resource <name>`. */
  origin: string;
  manifest: Manifest;
}

/** A container as far as checks read it. */
export interface Container {
  name: string;
  image?: string;
  args?: string[];
  command?: string[];
  resources?: { requests?: Record<string, unknown>; limits?: Record<string, unknown> };
  securityContext?: Properties;
  startupProbe?: { periodSeconds?: number; failureThreshold?: number; initialDelaySeconds?: number };
  lifecycle?: { preStop?: { sleep?: { seconds?: number }; exec?: { command?: string[] } } };
  ports?: { name?: string; containerPort?: number; hostPort?: number }[];
  restartPolicy?: string;
}

/** A pod's spec as far as checks read it. */
export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  nodeSelector?: Record<string, string>;
  tolerations?: { key?: string; operator?: string; value?: string; effect?: string }[];
  affinity?: { nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector } };
  securityContext?: Properties;
  terminationGracePeriodSeconds?: number;
  volumes?: Properties[];
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
}

/** Terms of which one must match, each with expressions that must all match. */
export interface NodeSelector {
  nodeSelectorTerms: { matchExpressions?: { key: string; operator: string; values?: string[] }[] }[];
}

/** All Kubernetes objects of a plan. */
export function objectsOf(resources: PlannedResource[], releases: PlannedRelease[]): PlannedObject[] {
  const direct = resources.flatMap((resource) => {
    const manifest = asManifest(resource);
    return manifest ? [{ origin: `resource ${resource.name}`, manifest }] : [];
  });
  const rendered = releases.flatMap((release) =>
    (release.manifests ?? []).map((manifest) => ({ origin: `release ${release.name}`, manifest })),
  );
  return [...direct, ...rendered];
}

/** The Kubernetes object that a resource is; undefined for releases, providers and other clouds. */
export function asManifest(resource: PlannedResource): Manifest | undefined {
  const match = /^kubernetes:(.+)\/(v[^/:]+):(\w+)$/.exec(resource.type);
  if (!match || match[1] === "helm.sh") return undefined;
  const [, group, version, kind] = match;
  const metadata = (resource.inputs.metadata ?? {}) as Partial<Manifest["metadata"]>;
  return {
    ...resource.inputs,
    apiVersion: group === "core" ? `${version}` : `${group}/${version}`,
    kind: `${kind}`,
    metadata: { ...metadata, name: metadata.name ?? resource.name },
  };
}

/** The object's namespace as the API server would fill it in. */
export function namespaceOf(manifest: Manifest): string {
  return manifest.metadata.namespace ?? "default";
}

/** `Deployment inference/chat`. */
export function describeObject({ manifest }: PlannedObject): string {
  return `${manifest.kind} ${namespaceOf(manifest)}/${manifest.metadata.name}`;
}

/** True for objects that exist only while helm works: tests, installation jobs. */
export function isHook(manifest: Manifest): boolean {
  return manifest.metadata.annotations?.["helm.sh/hook"] !== undefined;
}

/** True for objects that only `helm test` makes. */
export function isTest(manifest: Manifest): boolean {
  return (manifest.metadata.annotations?.["helm.sh/hook"] ?? "").startsWith("test");
}

/** The pod that an object makes; undefined for objects that make none. */
export function podOf(manifest: Manifest): PodSpec | undefined {
  const spec = manifest.spec as Properties | undefined;
  switch (manifest.kind) {
    case "Pod":
      return spec as unknown as PodSpec;
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
    case "ReplicaSet":
    case "Job":
      return (spec?.template as { spec?: PodSpec } | undefined)?.spec;
    case "CronJob":
      return (spec?.jobTemplate as { spec?: { template?: { spec?: PodSpec } } } | undefined)?.spec?.template
        ?.spec;
    default:
      return undefined;
  }
}

/** Metadata of the pods that an object makes. */
export function podLabels(manifest: Manifest): Record<string, string> {
  const template = (manifest.spec as Properties | undefined)?.template as
    | { metadata?: { labels?: Record<string, string> } }
    | undefined;
  return template?.metadata?.labels ?? {};
}

/** Every container of a pod, those of initialisation included. */
export function containersOf(pod: PodSpec): Container[] {
  return [...(pod.initContainers ?? []), ...(pod.containers ?? [])];
}
