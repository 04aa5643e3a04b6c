import { Token } from "./tokens";
import type { ReplacementRule } from "./types";

/**
 * Which property changes replace a resource. Everything that is not listed is updated in place.
 *
 * The provider decides: a property replaces when its schema in hashicorp/terraform-provider-aws, which
 * @pulumi/aws 7 wraps, says `ForceNew` (or `RequiresReplace`). The source of a rule is that file; rules that hold
 * for some changes only come from its CustomizeDiff and say what they look at.
 */
const table: Record<string, ReplacementRule[]> = {
  ...forced(Token.Vpc, "ec2/vpc_.go", ["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"]),
  ...forced(Token.Subnet, "ec2/vpc_subnet.go", [
    "vpcId",
    "cidrBlock",
    "availabilityZone",
    "availabilityZoneId",
    "ipv6Native",
    "outpostArn",
  ]),
  ...forced(Token.Eip, "ec2/ec2_eip.go", [
    "domain",
    "address",
    "networkBorderGroup",
    "publicIpv4Pool",
    "ipamPoolId",
  ]),
  ...forced(Token.NatGateway, "ec2/vpc_nat_gateway.go", [
    "allocationId",
    "subnetId",
    "connectivityType",
    "privateIp",
    "availabilityMode",
    "vpcId",
  ]),
  ...forced(Token.RouteTable, "ec2/vpc_route_table.go", ["vpcId"]),
  ...forced(Token.Route, "ec2/vpc_route.go", [
    "routeTableId",
    "destinationCidrBlock",
    "destinationIpv6CidrBlock",
    "destinationPrefixListId",
  ]),
  ...forced(Token.RouteTableAssociation, "ec2/vpc_route_table_association.go", ["subnetId", "gatewayId"]),
  ...forced(Token.VpcEndpoint, "ec2/vpc_endpoint.go", [
    "vpcId",
    "serviceName",
    "serviceRegion",
    "vpcEndpointType",
    "resourceConfigurationArn",
    "serviceNetworkArn",
  ]),
  ...forced(Token.DefaultSecurityGroup, "ec2/vpc_default_security_group.go", ["vpcId"]),
  ...forced(Token.SecurityGroup, "ec2/vpc_security_group.go", ["name", "namePrefix", "description", "vpcId"]),
  ...forced(Token.SecurityGroupIngressRule, "ec2/vpc_security_group_ingress_rule.go", ["securityGroupId"]),
  ...forced(Token.SecurityGroupEgressRule, "ec2/vpc_security_group_ingress_rule.go", ["securityGroupId"]),
  ...forced(Token.FlowLog, "ec2/vpc_flow_log.go", [
    "vpcId",
    "subnetId",
    "eniId",
    "trafficType",
    "iamRoleArn",
    "logDestination",
    "logDestinationType",
    "logFormat",
    "maxAggregationInterval",
    "destinationOptions",
    "deliverCrossAccountRole",
  ]),
  ...forced(Token.LaunchTemplate, "ec2/ec2_launch_template.go", ["name", "namePrefix"]),
  ...forced(Token.Cluster, "eks/cluster.go", [
    "name",
    "roleArn",
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "bootstrapSelfManagedAddons",
    "kubernetesNetworkConfig.ipFamily",
    "kubernetesNetworkConfig.serviceIpv4Cidr",
    "outpostConfig",
  ]),
  ...forced(Token.NodeGroup, "eks/node_group.go", [
    "clusterName",
    "nodeGroupName",
    "nodeGroupNamePrefix",
    "nodeRoleArn",
    "subnetIds",
    "amiType",
    "capacityType",
    "diskSize",
    "instanceTypes",
    "remoteAccess",
    "launchTemplate.id",
    "launchTemplate.name",
  ]),
  ...forced(Token.Addon, "eks/addon.go", ["clusterName", "addonName", "namespaceConfig"]),
  ...forced(Token.AccessEntry, "eks/access_entry.go", ["clusterName", "principalArn", "type"]),
  ...forced(Token.AccessPolicyAssociation, "eks/access_policy_association.go", [
    "clusterName",
    "principalArn",
    "policyArn",
    "accessScope",
  ]),
  ...forced(Token.PodIdentityAssociation, "eks/pod_identity_association.go", [
    "clusterName",
    "namespace",
    "serviceAccount",
  ]),
  ...forced(Token.Role, "iam/role.go", ["name", "namePrefix", "path"]),
  ...forced(Token.Policy, "iam/policy.go", ["name", "namePrefix", "path", "description"]),
  ...forced(Token.RolePolicy, "iam/role_policy.go", ["name", "namePrefix", "role"]),
  ...forced(Token.RolePolicyAttachment, "iam/role_policy_attachment.go", ["role", "policyArn"]),
  ...forced(Token.Key, "kms/key.go", [
    "customKeyStoreId",
    "customerMasterKeySpec",
    "keyUsage",
    "multiRegion",
    "xksKeyId",
  ]),
  ...forced(Token.Alias, "kms/alias.go", ["name", "namePrefix"]),
  ...forced(Token.KeyPolicy, "kms/key_policy.go", ["keyId"]),
  ...forced(Token.LogGroup, "logs/group.go", ["name", "namePrefix", "logGroupClass"]),
  ...forced(Token.AutoScalingTag, "autoscaling/tag.go", ["autoscalingGroupName", "tag.key"]),
  ...forced(Token.Certificate, "acm/certificate.go", [
    "certificateAuthorityArn",
    "domainName",
    "keyAlgorithm",
    "subjectAlternativeNames",
    "validationMethod",
    "validationOptions",
  ]),
  ...forced(Token.CertificateValidation, "acm/certificate_validation.go", [
    "certificateArn",
    "validationRecordFqdns",
  ]),
  ...forced(Token.Record, "route53/record.go", ["zoneId", "name"]),
};

/** Rules that look at the values. */
const conditional: Record<string, ReplacementRule[]> = {
  [Token.Vpc]: [
    {
      path: "instanceTenancy",
      source:
        "terraform-provider-aws internal/service/ec2/vpc_.go: CustomizeDiff, only dedicated to default is in place",
      when: (before, after) => (before ?? "default") !== (after ?? "default") && after === "dedicated",
    },
  ],
  [Token.Cluster]: [
    {
      path: "encryptionConfig",
      source:
        "terraform-provider-aws internal/service/eks/cluster.go: CustomizeDiff, envelope encryption cannot be disabled",
      when: (before, after) => before !== undefined && after === undefined,
    },
  ],
};

/** The lists in which order means nothing: `TypeSet` in the same sources. */
const sets: Record<string, string[]> = {
  [Token.Cluster]: [
    "vpcConfig.subnetIds",
    "vpcConfig.securityGroupIds",
    "vpcConfig.publicAccessCidrs",
    "enabledClusterLogTypes",
    "encryptionConfig.resources",
  ],
  [Token.NodeGroup]: ["subnetIds", "taints", "remoteAccess.sourceSecurityGroupIds"],
  [Token.Addon]: ["podIdentityAssociations"],
  [Token.AccessEntry]: ["kubernetesGroups"],
  [Token.AccessPolicyAssociation]: ["accessScope.namespaces"],
  [Token.SecurityGroup]: ["ingress", "egress"],
  [Token.DefaultSecurityGroup]: ["ingress", "egress"],
  [Token.VpcEndpoint]: ["routeTableIds", "subnetIds", "securityGroupIds"],
  [Token.RouteTable]: ["routes"],
  [Token.LaunchTemplate]: ["vpcSecurityGroupIds"],
  [Token.Certificate]: ["subjectAlternativeNames"],
  [Token.CertificateValidation]: ["validationRecordFqdns"],
  [Token.Record]: ["records"],
};

const regionRule: ReplacementRule = {
  path: "region",
  source: "terraform-provider-aws: the region of a resource is part of its identity",
};

/** The rules of a type; for types that the table does not know, none. */
export function replacementRules(type: string): ReplacementRule[] {
  const own = [...(table[type] ?? []), ...(conditional[type] ?? [])];
  return type.startsWith("aws:") ? [...own, regionRule] : own;
}

/** Paths of the lists that AWS treats as sets. */
export function unordered(type: string): string[] {
  return sets[type] ?? [];
}

function forced(type: string, file: string, paths: string[]): Record<string, ReplacementRule[]> {
  const source = `terraform-provider-aws internal/service/${file}: ForceNew`;
  return { [type]: paths.map((path) => ({ path, source })) };
}

/** What replacing a resource means to its users, for the types where that is worth saying. */
export const replacementEffects: Record<string, string> = {
  [Token.Vpc]: "a new network: everything in it is created anew",
  [Token.Subnet]: "a new subnet: what has interfaces in it is created anew",
  [Token.Cluster]:
    "a new, empty cluster with another endpoint: every workload is created anew, volumes are not moved",
  [Token.NodeGroup]:
    "new nodes, then the old ones go: pods move; GPU nodes need 2 to 5 min and spare capacity",
  [Token.NatGateway]: "outgoing connections break; with a new address, allow-lists elsewhere must follow",
  [Token.Eip]: "another public address",
  [Token.Key]: "another key: what the old one encrypted stays readable only until it is deleted",
  [Token.Certificate]: "a new certificate, which must be validated before listeners can use it",
  [Token.LogGroup]: "the old group goes with its logs",
};
