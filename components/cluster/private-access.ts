import { SecurityGroupIngressRule } from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Lets blocks of addresses reach the API's private endpoint. EKS admits only members of the cluster's security group there: not
 * a VPN, a peered network, nor a machine of the VPC that is no node.
 * Source: Amazon EKS User Guide, "Cluster API server endpoint", section on access from within the VPC (November 2026).
 */
export function createPrivateAccess(
  name: string,
  cidrs: string[],
  securityGroupId: pulumi.Input<string>,
  parent: pulumi.Resource,
): SecurityGroupIngressRule[] {
  return cidrs.map(
    (cidrIpv4) =>
      new SecurityGroupIngressRule(
        `${name}-private-api-${cidrIpv4}`,
        {
          securityGroupId,
          description: "Kubernetes API",
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
          cidrIpv4,
        },
        { parent },
      ),
  );
}
