import { retag, type TypePermissions, tagged } from "./grants";

/** EKS, its nodes and its access. See `table.ts`. */
export const clusterPermissions: Record<string, TypePermissions> = {
  "aws:ec2/launchTemplate:LaunchTemplate": {
    read: { region: ["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"] },
    create: { newLaunchTemplate: ["ec2:CreateLaunchTemplate"], ...tagged },
    update: { ec2Own: ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", ...retag.ec2Own] },
    delete: { ec2Own: ["ec2:DeleteLaunchTemplate"] },
  },
  "aws:eks/cluster:Cluster": {
    read: { eksOwn: ["eks:DescribeCluster", "eks:DescribeUpdate", "eks:ListTagsForResource"] },
    create: {
      region: ["eks:CreateCluster"],
      eksOwn: ["eks:TagResource"],
      keysOwn: ["kms:DescribeKey", "kms:CreateGrant"],
      passRole: ["iam:PassRole"],
      serviceLinkedRoles: ["iam:CreateServiceLinkedRole"],
    },
    update: {
      eksOwn: [
        "eks:AssociateEncryptionConfig",
        "eks:UntagResource",
        "eks:UpdateClusterConfig",
        "eks:UpdateClusterVersion",
      ],
    },
    delete: { eksOwn: ["eks:DeleteCluster"] },
  },
  "aws:eks/nodeGroup:NodeGroup": {
    read: { eksOwn: ["eks:DescribeNodegroup", "eks:DescribeUpdate", "eks:ListTagsForResource"] },
    create: {
      eksOwn: ["eks:CreateNodegroup", "eks:TagResource"],
      launch: ["ec2:RunInstances"],
      passRole: ["iam:PassRole"],
      serviceLinkedRoles: ["iam:CreateServiceLinkedRole"],
      ...tagged,
    },
    update: { eksOwn: ["eks:UntagResource", "eks:UpdateNodegroupConfig", "eks:UpdateNodegroupVersion"] },
    delete: { eksOwn: ["eks:DeleteNodegroup"] },
  },
  "aws:eks/addon:Addon": {
    read: {
      eksOwn: ["eks:DescribeAddon", "eks:DescribePodIdentityAssociation", "eks:DescribeUpdate"],
    },
    create: {
      eksOwn: ["eks:CreateAddon", "eks:CreatePodIdentityAssociation", "eks:TagResource"],
      passRole: ["iam:PassRole"],
    },
    update: { eksOwn: ["eks:UpdateAddon", "eks:UpdatePodIdentityAssociation", "eks:UntagResource"] },
    delete: { eksOwn: ["eks:DeleteAddon", "eks:DeletePodIdentityAssociation"] },
  },
  "aws:eks/accessEntry:AccessEntry": {
    read: { eksOwn: ["eks:DescribeAccessEntry"] },
    create: { eksOwn: ["eks:CreateAccessEntry", "eks:TagResource"] },
    update: { eksOwn: ["eks:UpdateAccessEntry", "eks:UntagResource"] },
    delete: { eksOwn: ["eks:DeleteAccessEntry"] },
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    read: { eksOwn: ["eks:ListAssociatedAccessPolicies"] },
    create: { eksOwn: ["eks:AssociateAccessPolicy"] },
    delete: { eksOwn: ["eks:DisassociateAccessPolicy"] },
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    read: { eksOwn: ["eks:DescribePodIdentityAssociation"] },
    create: { eksOwn: ["eks:CreatePodIdentityAssociation", "eks:TagResource"], passRole: ["iam:PassRole"] },
    update: { eksOwn: ["eks:UpdatePodIdentityAssociation", "eks:UntagResource"] },
    delete: { eksOwn: ["eks:DeletePodIdentityAssociation"] },
  },
  "aws:autoscaling/tag:Tag": {
    read: { region: ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeTags"] },
    create: { autoScalingGroups: ["autoscaling:CreateOrUpdateTags"] },
    delete: { autoScalingGroups: ["autoscaling:DeleteTags"] },
  },
};
