import { Token } from "./tokens";

/** Argument names of a type. */
export interface Arguments {
  required: string[];
  optional: string[];
}

const named = (required: string, optional: string): Arguments => ({
  required: required.split(" ").filter(Boolean),
  optional: optional.split(" ").filter(Boolean),
});

/** The arguments of each type in the SDK (@pulumi/aws 7.48.0); a test compares them with the installed SDK. */
export const argumentsOf: Record<string, Arguments> = {
  [Token.Vpc]: named(
    "",
    "assignGeneratedIpv6CidrBlock cidrBlock enableDnsHostnames enableDnsSupport enableNetworkAddressUsageMetrics instanceTenancy ipv4IpamPoolId ipv4NetmaskLength ipv6CidrBlock ipv6CidrBlockNetworkBorderGroup ipv6IpamPoolId ipv6NetmaskLength region tags",
  ),
  [Token.Subnet]: named(
    "vpcId",
    "assignIpv6AddressOnCreation availabilityZone availabilityZoneId cidrBlock customerOwnedIpv4Pool enableDns64 enableLniAtDeviceIndex enableResourceNameDnsARecordOnLaunch enableResourceNameDnsAaaaRecordOnLaunch ipv4IpamPoolId ipv4NetmaskLength ipv6CidrBlock ipv6IpamPoolId ipv6Native ipv6NetmaskLength mapCustomerOwnedIpOnLaunch mapPublicIpOnLaunch outpostArn privateDnsHostnameTypeOnLaunch region tags",
  ),
  [Token.InternetGateway]: named("", "region tags vpcId"),
  [Token.Eip]: named(
    "",
    "address associateWithPrivateIp customerOwnedIpv4Pool domain instance ipamPoolId networkBorderGroup networkInterface publicIpv4Pool region tags",
  ),
  [Token.NatGateway]: named(
    "",
    "allocationId availabilityMode availabilityZoneAddresses connectivityType privateIp region secondaryAllocationIds secondaryPrivateIpAddressCount secondaryPrivateIpAddresses subnetId tags vpcId",
  ),
  [Token.RouteTable]: named("vpcId", "propagatingVgws region routes tags"),
  [Token.Route]: named(
    "routeTableId",
    "carrierGatewayId coreNetworkArn destinationCidrBlock destinationIpv6CidrBlock destinationPrefixListId egressOnlyGatewayId gatewayId localGatewayId natGatewayId networkInterfaceId odbNetworkArn region transitGatewayId vpcEndpointId vpcPeeringConnectionId",
  ),
  [Token.RouteTableAssociation]: named("routeTableId", "gatewayId region subnetId"),
  [Token.VpcEndpoint]: named(
    "vpcId",
    "autoAccept dnsOptions ipAddressType policy privateDnsEnabled region resourceConfigurationArn routeTableIds securityGroupIds serviceName serviceNetworkArn serviceRegion subnetConfigurations subnetIds tags vpcEndpointType",
  ),
  [Token.DefaultSecurityGroup]: named("", "egress ingress region revokeRulesOnDelete tags vpcId"),
  [Token.SecurityGroup]: named(
    "",
    "description egress ingress name namePrefix region revokeRulesOnDelete tags vpcId",
  ),
  [Token.SecurityGroupIngressRule]: named(
    "ipProtocol securityGroupId",
    "cidrIpv4 cidrIpv6 description fromPort prefixListId referencedSecurityGroupId region tags toPort",
  ),
  [Token.SecurityGroupEgressRule]: named(
    "ipProtocol securityGroupId",
    "cidrIpv4 cidrIpv6 description fromPort prefixListId referencedSecurityGroupId region tags toPort",
  ),
  [Token.FlowLog]: named(
    "",
    "deliverCrossAccountRole destinationOptions eniId iamRoleArn logDestination logDestinationType logFormat maxAggregationInterval region regionalNatGatewayId subnetId tagFieldSpecifications tags trafficType transitGatewayAttachmentId transitGatewayId vpcId",
  ),
  [Token.LaunchTemplate]: named(
    "",
    "blockDeviceMappings capacityReservationSpecification cpuOptions creditSpecification defaultVersion description disableApiStop disableApiTermination ebsOptimized enclaveOptions hibernationOptions iamInstanceProfile imageId instanceInitiatedShutdownBehavior instanceMarketOptions instanceRequirements instanceType kernelId keyName licenseSpecifications maintenanceOptions metadataOptions monitoring name namePrefix networkInterfaces networkPerformanceOptions placement privateDnsNameOptions ramDiskId region secondaryInterfaces securityGroupNames tagSpecifications tags updateDefaultVersion userData vpcSecurityGroupIds",
  ),
  [Token.Cluster]: named(
    "roleArn vpcConfig",
    "accessConfig bootstrapSelfManagedAddons computeConfig controlPlaneScalingConfig defaultAddonsToRemoves deletionProtection enabledClusterLogTypes encryptionConfig forceUpdateVersion kubeApiServerConfig kubeControllerManagerConfig kubeSchedulerConfig kubernetesNetworkConfig name outpostConfig region remoteNetworkConfig storageConfig tags upgradePolicy version zonalShiftConfig",
  ),
  [Token.NodeGroup]: named(
    "clusterName nodeRoleArn scalingConfig subnetIds",
    "amiType capacityType diskSize forceUpdateVersion instanceTypes labels launchTemplate nodeGroupName nodeGroupNamePrefix nodeRepairConfig region releaseVersion remoteAccess tags taints updateConfig version warmPoolConfig",
  ),
  [Token.Addon]: named(
    "addonName clusterName",
    "addonVersion configurationValues namespaceConfig podIdentityAssociations preserve region resolveConflictsOnCreate resolveConflictsOnUpdate serviceAccountRoleArn tags",
  ),
  [Token.AccessEntry]: named("clusterName principalArn", "kubernetesGroups region tags type userName"),
  [Token.AccessPolicyAssociation]: named("accessScope clusterName policyArn principalArn", "region"),
  [Token.PodIdentityAssociation]: named(
    "clusterName namespace roleArn serviceAccount",
    "disableSessionTags policy region tags targetRoleArn",
  ),
  [Token.Role]: named(
    "assumeRolePolicy",
    "description forceDetachPolicies inlinePolicies managedPolicyArns maxSessionDuration name namePrefix path permissionsBoundary tags",
  ),
  [Token.Policy]: named("policy", "delayAfterPolicyCreationInMs description name namePrefix path tags"),
  [Token.RolePolicy]: named("policy role", "name namePrefix"),
  [Token.RolePolicyAttachment]: named("policyArn role", ""),
  [Token.Key]: named(
    "",
    "bypassPolicyLockoutSafetyCheck customKeyStoreId customerMasterKeySpec deletionWindowInDays description enableKeyRotation isEnabled keyUsage multiRegion policy region rotationPeriodInDays tags xksKeyId",
  ),
  [Token.Alias]: named("targetKeyId", "name namePrefix region"),
  [Token.KeyPolicy]: named("keyId policy", "bypassPolicyLockoutSafetyCheck region"),
  [Token.LogGroup]: named(
    "",
    "deletionProtectionEnabled kmsKeyId logGroupClass name namePrefix region retentionInDays skipDestroy tags",
  ),
  [Token.AutoScalingTag]: named("autoscalingGroupName tag", "region"),
  [Token.Certificate]: named(
    "",
    "certificateAuthorityArn certificateBody certificateChain domainName earlyRenewalDuration keyAlgorithm options privateKey privateKeyWo privateKeyWoVersion region subjectAlternativeNames tags validationMethod validationOptions",
  ),
  [Token.CertificateValidation]: named("certificateArn", "region validationRecordFqdns"),
  [Token.Record]: named(
    "name type zoneId",
    "aliases allowOverwrite cidrRoutingPolicy failoverRoutingPolicies geolocationRoutingPolicies geoproximityRoutingPolicy healthCheckId latencyRoutingPolicies multivalueAnswerRoutingPolicy records setIdentifier ttl weightedRoutingPolicies",
  ),
};
