/** Fields of Kubernetes objects that cannot be changed in place. */
export interface ImmutableFields {
  paths: string[];
  /** Where that is said. */
  source: string;
}

const provider = "pulumi-kubernetes provider/pkg/provider/diff.go";
const api = "kubernetes pkg/apis";

/**
 * What the provider replaces, by kind. For an object that a Helm release makes there is no such choice: the API server
 * refuses the change and the upgrade fails; `refused` has the differences.
 */
const byKind: Record<string, ImmutableFields> = {
  DaemonSet: { paths: ["spec.selector"], source: provider },
  Deployment: { paths: ["spec.selector"], source: provider },
  StatefulSet: {
    paths: [
      "spec.podManagementPolicy",
      "spec.revisionHistoryLimit",
      "spec.selector",
      "spec.serviceName",
      "spec.volumeClaimTemplates",
    ],
    source: provider,
  },
  Job: {
    paths: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
    source: provider,
  },
  PersistentVolumeClaim: {
    paths: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
    source: provider,
  },
  PersistentVolume: { paths: ["spec.csi", "spec.hostPath", "spec.local", "spec.nfs"], source: provider },
  // All but a few of a pod's fields; images and tolerations are the exceptions that matter in practice.
  Pod: { paths: ["spec"], source: provider },
  Service: { paths: ["spec.clusterIP"], source: provider },
  ResourceQuota: { paths: ["spec.scopes"], source: provider },
  RoleBinding: { paths: ["roleRef"], source: provider },
  ClusterRoleBinding: { paths: ["roleRef"], source: provider },
  StorageClass: { paths: ["parameters", "provisioner"], source: provider },
  Secret: { paths: ["type", "data", "stringData"], source: `${provider}: unless enableSecretMutable is set` },
  ConfigMap: { paths: ["data", "binaryData"], source: `${provider}: unless enableConfigMapMutable is set` },
};

/** What the API server refuses to change, where it differs from what the provider replaces. */
const refused: Record<string, ImmutableFields> = {
  Secret: { paths: ["type"], source: `${api}/core/validation: ValidateSecretUpdate` },
  ConfigMap: { paths: [], source: "" },
  // The limit of revisions can be changed since 1.33, parallelism always.
  StatefulSet: {
    paths: ["spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"],
    source: `${api}/apps/validation: ValidateStatefulSetUpdate`,
  },
  Job: {
    paths: ["spec.selector", "spec.template"],
    source: `${api}/batch/validation: ValidateJobSpecUpdate`,
  },
  StorageClass: {
    paths: ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
    source: `${api}/storage/validation: ValidateStorageClassUpdate`,
  },
};

/** The fields whose change makes Pulumi replace an object of this kind. */
export function replacingFields(kind: string, options: { mutableData: boolean }): ImmutableFields {
  const own = byKind[kind];
  if (options.mutableData && (kind === "Secret" || kind === "ConfigMap")) {
    return kind === "Secret" ? { paths: ["type"], source: provider } : { paths: [], source: "" };
  }
  return {
    paths: ["metadata.name", "metadata.namespace", ...(own?.paths ?? [])],
    source: own?.source ?? provider,
  };
}

/** The fields whose change the API server refuses: an upgrade of a release that changes one fails. */
export function refusedFields(kind: string): ImmutableFields {
  return refused[kind] ?? byKind[kind] ?? { paths: [], source: "" };
}

/** True for kinds whose objects hold data, or whose deletion deletes data. */
export function holdsData(kind: string): boolean {
  return ["PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "Namespace"].includes(kind);
}

/** The kind in a type token: `kubernetes:apps/v1:Deployment`. Undefined for releases and other providers. */
export function kubernetesKind(type: string): string | undefined {
  return /^kubernetes:(?!helm\.sh\/).+\/v[^/:]+:(\w+)$/.exec(type)?.[1];
}
