import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type * as pulumi from "@pulumi/pulumi";

/** The class of volumes that claims get when they name none: encrypted gp3, in the zone where the pod was placed. */
export function createDefaultStorageClass(name: string, opts: pulumi.CustomResourceOptions): StorageClass {
  return new StorageClass(
    `${name}-gp3`,
    {
      metadata: {
        name: "gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
        labels: {
          "app.kubernetes.io/name": "gp3",
          "app.kubernetes.io/component": "storage",
          "app.kubernetes.io/part-of": "inference-platform",
          "app.kubernetes.io/managed-by": "pulumi",
        },
      },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      // A volume stays in its zone: binding before scheduling could put it where the pod cannot run.
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
    },
    opts,
  );
}
