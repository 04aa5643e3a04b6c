import { createHash } from "node:crypto";
import { path } from "../kube/client";
import type { StandIn } from "./standin";

const provisioner = "ebs.csi.aws.com";
const addonType = "aws:eks/addon:Addon";

/** Claims get volumes in the zone of the node that the scheduler chose, as the EBS CSI driver does it. */
export const volumeStandIn: StandIn = {
  name: "volumes",
  playing:
    "the EBS CSI driver: volumes for claims of its storage classes, attached, and deleted with their claims",
  async reconcile(stage, state) {
    const installed = state.resources.some(
      (resource) => resource.type === addonType && resource.inputs.addonName === "aws-ebs-csi-driver",
    );
    if (!installed) return;
    const classes = new Map(
      stage.storageClasses.all
        .filter((entry) => entry.provisioner === provisioner)
        .map((entry) => [entry.metadata.name, entry]),
    );
    for (const claim of stage.claims.all) {
      const chosen = claim.metadata.annotations?.["volume.kubernetes.io/selected-node"];
      const storageClass = classes.get(claim.spec.storageClassName);
      if (!storageClass || !chosen || claim.spec.volumeName || claim.metadata.deletionTimestamp) continue;
      const zone = stage.nodes.objects.get(`/${chosen}`)?.metadata.labels?.["topology.kubernetes.io/zone"];
      if (!zone) continue;
      const name = `pvc-${claim.metadata.uid}`;
      const size = claim.spec.resources.requests.storage;
      await stage.client.ensure(path("v1", "persistentvolumes"), {
        metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
        spec: {
          capacity: { storage: size },
          accessModes: claim.spec.accessModes,
          persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
          storageClassName: storageClass.metadata.name,
          claimRef: {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            name: claim.metadata.name,
            namespace: claim.metadata.namespace,
            uid: claim.metadata.uid,
          },
          csi: { driver: provisioner, volumeHandle: volumeId(name), fsType: "ext4" },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: [zone] }],
                },
              ],
            },
          },
        },
      });
      stage.note(`${claim.metadata.namespace}/${claim.metadata.name}: ${size}`);
    }
    for (const volume of stage.volumes.all) {
      const ours = volume.spec.csi?.driver === provisioner && volume.status?.phase === "Released";
      if (
        ours &&
        volume.spec.persistentVolumeReclaimPolicy === "Delete" &&
        !volume.metadata.deletionTimestamp
      ) {
        await stage.client.remove(path("v1", "persistentvolumes", undefined, volume.metadata.name));
      }
    }
    for (const attachment of stage.attachments.all) {
      if (attachment.spec.attacher !== provisioner || attachment.status?.attached) continue;
      await stage.client.patch(
        `${path("storage.k8s.io/v1", "volumeattachments", undefined, attachment.metadata.name)}/status`,
        { status: { attached: true } },
      );
    }
  },
};

const volumeId = (name: string) => `vol-0${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
