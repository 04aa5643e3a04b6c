import { Token } from "../../tokens";
import { type ApiCall, type RequestedResource, requestTags } from "../request";
import {
  about,
  anywhere,
  type Calls,
  ec2Create,
  ec2Known,
  ec2Resource,
  ec2Retag,
  ec2Self,
  isTagged,
  type Scene,
  type TypeCalls,
  tagContext,
} from "./scene";

const eks = ({ account }: Scene, path: string): RequestedResource => ({ arn: account.arn("eks", path) });
const nameOf = ({ inputs }: Scene) => String(inputs.clusterName);
const clusterOf = (scene: Scene) => [eks(scene, `cluster/${nameOf(scene)}`)];
/** The last part of EKS's ARNs is a UUID that it makes up. */
const uuid = "00000000-0000-0000-0000-000000000000";
const nodegroup = (scene: Scene) => [
  eks(scene, `nodegroup/${nameOf(scene)}/${scene.inputs.nodeGroupName}/${uuid}`),
];
const addon = (scene: Scene) => [eks(scene, `addon/${nameOf(scene)}/${scene.inputs.addonName}/${uuid}`)];
const podIdentity = (scene: Scene) => [eks(scene, `podidentityassociation/${nameOf(scene)}/${uuid}`)];
const accessEntry = (scene: Scene) => {
  const [, account, kind, name] =
    /:iam::(\d+):(role|user)\/(.+)$/.exec(String(scene.inputs.principalArn)) ?? [];
  return [eks(scene, `access-entry/${nameOf(scene)}/${kind}/${account}/${name}/${uuid}`)];
};

/** A role that a service is given; EKS looks at it in the name of whoever asks. */
const pass = (role: unknown, service: string, ...reads: string[]): ApiCall[] => [
  ...about([{ arn: String(role) }], reads),
  ...about([{ arn: String(role) }], ["iam:PassRole"], { "iam:PassedToService": service }),
];

/** A role that AWS makes for one of its services, once in an account. */
const serviceLinked = ({ account }: Scene, service: string, role: string): RequestedResource => ({
  arn: account.globalArn("iam", `role/aws-service-role/${service}/${role}`),
});

/**
 * EKS looks whether its roles are there, in the name of whoever asks, and makes them. The error without `iam:GetRole`:
 * "Failed to validate if SLR: AWSServiceRoleForAmazonEKSNodegroup already exists due to missing permissions for
 * 'iam:GetRole'" (terraform-aws-modules/terraform-aws-eks#823, #2018).
 */
const needsServiceLinked = (scene: Scene, service: string, role: string): ApiCall[] => {
  const linked = [serviceLinked(scene, service, role)];
  return [
    ...about(linked, ["iam:GetRole"]),
    ...about(linked, ["iam:CreateServiceLinkedRole"], { "iam:AWSServiceName": service }),
  ];
};

const tagCalls = (self: (scene: Scene) => RequestedResource[]): Record<string, Calls> => ({
  tags: (scene) => [
    ...about(self(scene), ["eks:TagResource"], tagContext(scene)),
    ...about(self(scene), ["eks:UntagResource"], { "aws:TagKeys": ["old"] }),
  ],
});

/** With tags in a request, EKS asks for `eks:TagResource` too. */
const tagged = (scene: Scene, self: RequestedResource[]): ApiCall[] =>
  isTagged(scene) ? about(self, ["eks:TagResource"], tagContext(scene)) : [];

const each = (properties: string[], calls: Calls): Record<string, Calls> =>
  Object.fromEntries(properties.map((property) => [property, calls]));

/** An update that EKS carries out by and by, and that the provider waits for. */
const eventually =
  (resources: (scene: Scene) => RequestedResource[], action: string): Calls =>
  (scene) => [
    ...about(resources(scene), [action]),
    ...about([...clusterOf(scene), ...resources(scene)], ["eks:DescribeUpdate"]),
  ];

const ownCluster = (scene: Scene) => [eks(scene, `cluster/${scene.inputs.name}`)];
const clusterUpdate =
  (action: string): Calls =>
  (scene) =>
    about(ownCluster(scene), [action, "eks:DescribeUpdate"]);

/** The group that EKS makes for a cluster, with a tag of its own. */
function clusterGroup(scene: Scene): RequestedResource {
  const { account, inputs } = scene;
  const id = inputs.securityGroupId;
  const cluster = account
    .all(Token.Cluster)
    .find(
      ({ outputs }) =>
        (outputs.vpcConfig as { clusterSecurityGroupId?: string }).clusterSecurityGroupId === id,
    );
  return ec2Resource(scene, "security-group", id, { "aws:eks:cluster-name": String(cluster?.id) });
}

/** The launch template of a node group, as a request to start instances names it. */
function launch(scene: Scene): ApiCall[] {
  const { account, inputs } = scene;
  const { id } = (inputs.launchTemplate ?? {}) as { id?: string };
  if (id === undefined) return [];
  const template = ec2Known(scene, "launch-template", Token.LaunchTemplate, id);
  const context = { "ec2:LaunchTemplate": template.arn, "ec2:IsLaunchTemplateResource": "true" };
  const subnets = ((inputs.subnetIds ?? []) as string[]).map((subnet) =>
    ec2Known(scene, "subnet", Token.Subnet, subnet),
  );
  const made = ["instance", "volume", "network-interface"].map((kind) => ec2Resource(scene, kind, "*"));
  const image = { arn: `arn:${account.partition}:ec2:${account.region}::image/ami-0` };
  const group = ec2Resource(scene, "security-group", "sg-0", { "aws:eks:cluster-name": nameOf(scene) });
  const resources = [...made, image, group, ...subnets, template];
  const specifications = (account.find(Token.LaunchTemplate, id)?.inputs.tagSpecifications ?? []) as {
    resourceType: string;
    tags: Record<string, string>;
  }[];
  return [
    ...anywhere("ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"),
    ...about(
      resources.map((resource) => ({ ...resource, context })),
      ["ec2:RunInstances"],
    ),
    ...specifications.flatMap(({ resourceType, tags }) =>
      about([ec2Resource(scene, resourceType, "*")], ["ec2:CreateTags"], {
        ...requestTags(tags),
        "ec2:CreateAction": "RunInstances",
      }),
    ),
  ];
}

/**
 * EKS, its nodes and its access. Sources: internal/service/eks of hashicorp/terraform-provider-aws (2026, read 2026-11);
 * what EKS does in the name of whoever asks: the handlers of CloudFormation's schemas (2026-08) and "Amazon EKS
 * identity-based policy examples".
 */
export const clusterCalls: Record<string, TypeCalls> = {
  // launch_template.go
  [Token.LaunchTemplate]: {
    create: (scene) => ec2Create(scene, "CreateLaunchTemplate", "launch-template"),
    read: () => anywhere("ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"),
    update: {
      ...each(
        ["blockDeviceMappings", "description", "metadataOptions", "tagSpecifications", "userData"],
        (scene) =>
          about(
            [ec2Self(scene, "launch-template")],
            ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
          ),
      ),
      tags: ec2Retag("launch-template"),
    },
    delete: (scene) => about([ec2Self(scene, "launch-template")], ["ec2:DeleteLaunchTemplate"]),
  },
  // cluster.go
  [Token.Cluster]: {
    create: (scene) => {
      const { roleArn, encryptionConfig } = scene.inputs as {
        roleArn: string;
        encryptionConfig?: { provider: { keyArn: string } };
      };
      const key = encryptionConfig && [{ arn: encryptionConfig.provider.keyArn }];
      return [
        { action: "eks:CreateCluster", resources: [], context: tagContext(scene) },
        ...tagged(scene, ownCluster(scene)),
        ...anywhere("ec2:DescribeSubnets", "ec2:DescribeVpcs"),
        ...pass(roleArn, "eks.amazonaws.com", "iam:GetRole", "iam:ListAttachedRolePolicies"),
        ...needsServiceLinked(scene, "eks.amazonaws.com", "AWSServiceRoleForAmazonEKS"),
        // The key may be seconds old: KMS knows its tags by and by. EKS asks in the name of the caller.
        ...(key
          ? about(key, ["kms:DescribeKey", "kms:CreateGrant"], {
              "kms:ViaService": `eks.${scene.account.region}.amazonaws.com`,
            })
          : []),
      ];
    },
    read: (scene) => about(ownCluster(scene), ["eks:DescribeCluster"]),
    update: {
      version: clusterUpdate("eks:UpdateClusterVersion"),
      ...each(
        [
          "accessConfig",
          "deletionProtection",
          "enabledClusterLogTypes",
          "kubernetesNetworkConfig",
          "upgradePolicy",
          "vpcConfig",
          "zonalShiftConfig",
        ],
        clusterUpdate("eks:UpdateClusterConfig"),
      ),
      ...tagCalls(ownCluster),
    },
    delete: (scene) => about(ownCluster(scene), ["eks:DeleteCluster"]),
  },
  // node_group.go
  [Token.NodeGroup]: {
    create: (scene) => [
      ...about(clusterOf(scene), ["eks:CreateNodegroup"], tagContext(scene)),
      ...tagged(scene, nodegroup(scene)),
      ...anywhere(
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ),
      ...pass(scene.inputs.nodeRoleArn, "ec2.amazonaws.com", "iam:GetRole", "iam:ListAttachedRolePolicies"),
      ...needsServiceLinked(scene, "eks-nodegroup.amazonaws.com", "AWSServiceRoleForAmazonEKSNodegroup"),
      ...needsServiceLinked(scene, "autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
      ...(scene.inputs.capacityType === "SPOT"
        ? needsServiceLinked(scene, "spot.amazonaws.com", "AWSServiceRoleForEC2Spot")
        : []),
      ...launch(scene),
    ],
    read: (scene) => about(nodegroup(scene), ["eks:DescribeNodegroup"]),
    update: {
      ...each(["launchTemplate", "releaseVersion", "version"], (scene) => [
        ...eventually(nodegroup, "eks:UpdateNodegroupVersion")(scene),
        ...pass(scene.inputs.nodeRoleArn, "ec2.amazonaws.com", "iam:GetRole"),
        ...launch(scene),
      ]),
      ...each(
        ["labels", "nodeRepairConfig", "scalingConfig", "taints", "updateConfig"],
        eventually(nodegroup, "eks:UpdateNodegroupConfig"),
      ),
      ...tagCalls(nodegroup),
    },
    delete: (scene) => about(nodegroup(scene), ["eks:DeleteNodegroup"]),
  },
  // addon.go; pod identities are made, changed and deleted by EKS in the name of the caller.
  [Token.Addon]: {
    create: (scene) => [
      ...about(clusterOf(scene), ["eks:CreateAddon"], tagContext(scene)),
      ...tagged(scene, addon(scene)),
      ...identitiesOf(scene).flatMap(({ roleArn }) => [
        ...about(clusterOf(scene), ["eks:CreatePodIdentityAssociation"]),
        ...pass(roleArn, "pods.eks.amazonaws.com", "iam:GetRole"),
      ]),
    ],
    read: (scene) => [
      ...about(addon(scene), ["eks:DescribeAddon"]),
      ...(identitiesOf(scene).length > 0
        ? about(podIdentity(scene), ["eks:DescribePodIdentityAssociation"])
        : []),
    ],
    update: {
      ...each(
        ["addonVersion", "configurationValues", "resolveConflictsOnUpdate"],
        eventually(addon, "eks:UpdateAddon"),
      ),
      podIdentityAssociations: (scene) => [
        ...eventually(addon, "eks:UpdateAddon")(scene),
        ...about(podIdentity(scene), [
          "eks:UpdatePodIdentityAssociation",
          "eks:DeletePodIdentityAssociation",
        ]),
        ...identitiesOf(scene).flatMap(({ roleArn }) =>
          pass(roleArn, "pods.eks.amazonaws.com", "iam:GetRole"),
        ),
      ],
      ...tagCalls(addon),
    },
    delete: (scene) => [
      ...about(addon(scene), ["eks:DeleteAddon"]),
      ...(identitiesOf(scene).length > 0
        ? about(podIdentity(scene), ["eks:DeletePodIdentityAssociation"])
        : []),
    ],
  },
  // ec2/vpc_security_group_ingress_rule.go; the group is EKS's, with its tag.
  [Token.SecurityGroupIngressRule]: {
    create: (scene) => about([clusterGroup(scene)], ["ec2:AuthorizeSecurityGroupIngress"]),
    read: () => anywhere("ec2:DescribeSecurityGroupRules"),
    update: Object.fromEntries(
      ["cidrIpv4", "description"].map((property) => [
        property,
        (scene: Scene) => [
          ...about(
            [clusterGroup(scene), ec2Resource(scene, "security-group-rule", scene.id)],
            ["ec2:ModifySecurityGroupRules"],
          ),
        ],
      ]),
    ),
    delete: (scene) => about([clusterGroup(scene)], ["ec2:RevokeSecurityGroupIngress"]),
  },
  // access_entry.go
  [Token.AccessEntry]: {
    create: (scene) => [
      ...about(clusterOf(scene), ["eks:CreateAccessEntry"], tagContext(scene)),
      ...tagged(scene, accessEntry(scene)),
    ],
    read: (scene) => about(accessEntry(scene), ["eks:DescribeAccessEntry"]),
    update: {
      ...each(["kubernetesGroups", "userName"], (scene) =>
        about(accessEntry(scene), ["eks:UpdateAccessEntry"]),
      ),
      ...tagCalls(accessEntry),
    },
    delete: (scene) => about(accessEntry(scene), ["eks:DeleteAccessEntry"]),
  },
  // access_policy_association.go
  [Token.AccessPolicyAssociation]: {
    create: (scene) => about(accessEntry(scene), ["eks:AssociateAccessPolicy"]),
    read: (scene) => about(accessEntry(scene), ["eks:ListAssociatedAccessPolicies"]),
    update: {},
    delete: (scene) => about(accessEntry(scene), ["eks:DisassociateAccessPolicy"]),
  },
  // pod_identity_association.go
  [Token.PodIdentityAssociation]: {
    create: (scene) => [
      ...about(clusterOf(scene), ["eks:CreatePodIdentityAssociation"], tagContext(scene)),
      ...tagged(scene, podIdentity(scene)),
      ...pass(scene.inputs.roleArn, "pods.eks.amazonaws.com", "iam:GetRole"),
    ],
    read: (scene) => about(podIdentity(scene), ["eks:DescribePodIdentityAssociation"]),
    update: {
      roleArn: (scene) => [
        ...about(podIdentity(scene), ["eks:UpdatePodIdentityAssociation"]),
        ...pass(scene.inputs.roleArn, "pods.eks.amazonaws.com", "iam:GetRole"),
      ],
      ...tagCalls(podIdentity),
    },
    delete: (scene) => about(podIdentity(scene), ["eks:DeletePodIdentityAssociation"]),
  },
  // internal/service/autoscaling/tag.go; the groups are EKS's, with its tags.
  [Token.AutoScalingTag]: {
    create: (scene) => autoScalingTag(scene, "autoscaling:CreateOrUpdateTags"),
    read: () => anywhere("autoscaling:DescribeTags"),
    update: { tag: (scene) => autoScalingTag(scene, "autoscaling:CreateOrUpdateTags") },
    delete: (scene) => autoScalingTag(scene, "autoscaling:DeleteTags"),
  },
};

const identitiesOf = ({ inputs }: Scene) => (inputs.podIdentityAssociations ?? []) as { roleArn: string }[];

function autoScalingTag({ account, inputs }: Scene, action: string): ApiCall[] {
  const name = String(inputs.autoscalingGroupName);
  const group = account
    .all(Token.NodeGroup)
    .find(({ outputs }) => JSON.stringify(outputs.resources ?? "").includes(`"${name}"`));
  const { key, value } = inputs.tag as { key: string; value: string };
  const arn = account.arn("autoscaling", `autoScalingGroup:${uuid}:autoScalingGroupName/${name}`);
  const tags = { "eks:cluster-name": String(group?.inputs.clusterName) };
  return about([{ arn, tags }], [action], requestTags({ [key]: value }));
}
