import type { LaunchTemplateArgs } from "@pulumi/aws/ec2";
import { clusterTags } from "../common/tags";

/** What differs between the launch templates of the cluster's node groups. */
export interface NodeLaunchTemplate {
  /** Name of the cluster; part of the instances' names. */
  clusterName: string;
  /** Name of the node group inside the cluster; part of the instances' names. */
  nodeGroupName: string;
  /** Size of the root volume, GiB. Images, container layers and `emptyDir` volumes live there. */
  diskGiB: number;
}

/**
 * The launch template of a managed node group with an AL2023 image. What it leaves out matters as much:
 *
 * - no security groups: EKS then gives the nodes the cluster's own group, which allows what the control plane, the
 *   webhooks and the metrics APIs need, and is the only one with the cluster's tag (the load balancer controller
 *   refuses two);
 * - no instance type and no image: the node group names them, so that EKS can update the image;
 * - no user data: AL2023 gets the cluster's address from EKS.
 */
export function nodeLaunchTemplateArgs(node: NodeLaunchTemplate): LaunchTemplateArgs {
  const tags = clusterTags(node.clusterName, `${node.clusterName}-${node.nodeGroupName}`);
  return {
    description: `Nodes ${node.nodeGroupName} of EKS cluster ${node.clusterName}`,
    // A hop limit of 1 keeps pods away from the node's credentials; what needs AWS uses Pod Identity.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [
      {
        // The root device of AL2023 images.
        deviceName: "/dev/xvda",
        ebs: {
          volumeType: "gp3",
          volumeSize: node.diskGiB,
          encrypted: "true",
          deleteOnTermination: "true",
        },
      },
    ],
    // The tags of a node group reach neither its instances nor their volumes.
    tagSpecifications: [
      { resourceType: "instance", tags },
      { resourceType: "volume", tags },
    ],
    updateDefaultVersion: true,
    tags,
  };
}
