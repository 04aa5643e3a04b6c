import { partitionOf } from "../common/partition";

/** A statement of an IAM policy, as IAM reads it. */
export interface PolicyStatement {
  Effect: "Allow";
  Action: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** A policy document. */
export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: PolicyStatement[];
}

/** The tag that the controller puts on all it makes; its value is the name of the cluster. */
const ownTag = "elbv2.k8s.aws/cluster";

const ec2 = (...actions: string[]) => actions.map((action) => `ec2:${action}`);
const elb = (...actions: string[]) => actions.map((action) => `elasticloadbalancing:${action}`);

/** What the controller works for. */
export interface ControllerScope {
  /** Name of the cluster: the value of the controller's tag. */
  clusterName: string;
  region: string;
  /** VPC in which it makes security groups. */
  vpcId: string;
}

/**
 * What the AWS Load Balancer Controller 3.5 may do: the actions of the policy that its project publishes for this
 * version (docs/install/iam_policy.json), with less reach. The actions for WAF, Shield, Cognito and server
 * certificates of IAM are left out, because those features are off. What exists may be changed only where the controller's tag
 * names this cluster, listeners, rules and registered targets too, which the published policy leaves open: the controller tags
 * all of them as it makes them (its feature gate `ListenerRulesTagging` is on), so two clusters of an account cannot touch each
 * other's load balancers. Security groups are made in the cluster's VPC. Rules of groups that it did not make may be
 * changed only where the group belongs to this cluster, as the project's installation guide advises.
 */
export function controllerPolicy({ clusterName, region, vpcId }: ControllerScope): PolicyDocument {
  const partition = partitionOf(region);
  const inEc2 = (path: string) => `arn:${partition}:ec2:${region}:*:${path}`;
  const balancing = `arn:${partition}:elasticloadbalancing:${region}:*:*`;
  const groups = inEc2("security-group/*");
  const requested = { [`aws:RequestTag/${ownTag}`]: clusterName };
  const owned = { [`aws:ResourceTag/${ownTag}`]: clusterName };
  /** Tags of what it owns may change, but not the tag that says who owns it. */
  const retag = { StringEquals: owned, Null: { [`aws:RequestTag/${ownTag}`]: "true" } };

  const allow = (
    Action: string[],
    Resource: string | string[] = "*",
    Condition?: PolicyStatement["Condition"],
  ): PolicyStatement => ({ Effect: "Allow", Action, Resource, ...(Condition ? { Condition } : {}) });

  return {
    Version: "2012-10-17",
    Statement: [
      allow(["iam:CreateServiceLinkedRole"], `arn:${partition}:iam::*:role/aws-service-role/*`, {
        StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" },
      }),
      allow([...ec2Reads, ...elbReads, "acm:DescribeCertificate", "acm:ListCertificates"]),
      allow(ec2("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"), groups, {
        Null: { [`aws:ResourceTag/kubernetes.io/cluster/${clusterName}`]: "false" },
      }),
      allow(ec2("CreateSecurityGroup"), groups, { StringEquals: requested }),
      allow(ec2("CreateSecurityGroup"), inEc2(`vpc/${vpcId}`)),
      allow(ec2("CreateTags"), groups, {
        StringEquals: { "ec2:CreateAction": "CreateSecurityGroup", ...requested },
      }),
      allow(ec2("CreateTags", "DeleteTags"), groups, retag),
      allow(
        ec2("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress", "DeleteSecurityGroup"),
        groups,
        {
          StringEquals: owned,
        },
      ),
      allow(elb("CreateLoadBalancer", "CreateTargetGroup"), balancing, { StringEquals: requested }),
      allow(elb("AddTags"), balancing, {
        StringEquals: {
          "elasticloadbalancing:CreateAction": [
            "CreateListener",
            "CreateLoadBalancer",
            "CreateRule",
            "CreateTargetGroup",
          ],
          ...requested,
        },
      }),
      allow(elb("AddTags", "RemoveTags"), balancing, retag),
      allow(elb(...ownedWrites), balancing, { StringEquals: owned }),
      // The reference knows no tags for it.
      allow(elb("SetRulePriorities"), balancing),
    ],
  };
}

const ec2Reads = ec2(
  "DescribeAccountAttributes",
  "DescribeAddresses",
  "DescribeAvailabilityZones",
  "DescribeCoipPools",
  "DescribeInstances",
  "DescribeInternetGateways",
  "DescribeIpamPools",
  "DescribeNetworkInterfaces",
  "DescribeRouteTables",
  "DescribeSecurityGroups",
  "DescribeSubnets",
  "DescribeTags",
  "DescribeVpcPeeringConnections",
  "DescribeVpcs",
  "GetCoipPoolUsage",
  "GetSecurityGroupsForVpc",
);

const elbReads = elb(
  "DescribeCapacityReservation",
  "DescribeListenerAttributes",
  "DescribeListenerCertificates",
  "DescribeListeners",
  "DescribeLoadBalancerAttributes",
  "DescribeLoadBalancers",
  "DescribeRules",
  "DescribeSSLPolicies",
  "DescribeTags",
  "DescribeTargetGroupAttributes",
  "DescribeTargetGroups",
  "DescribeTargetHealth",
  "DescribeTrustStores",
);

const ownedWrites = [
  "AddListenerCertificates",
  "CreateListener",
  "CreateRule",
  "DeleteListener",
  "DeleteLoadBalancer",
  "DeleteRule",
  "DeleteTargetGroup",
  "DeregisterTargets",
  "ModifyCapacityReservation",
  "ModifyIpPools",
  "ModifyListener",
  "ModifyListenerAttributes",
  "ModifyLoadBalancerAttributes",
  "ModifyRule",
  "ModifyTargetGroup",
  "ModifyTargetGroupAttributes",
  "RegisterTargets",
  "RemoveListenerCertificates",
  "SetIpAddressType",
  "SetSecurityGroups",
  "SetSubnets",
];
