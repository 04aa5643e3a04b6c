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

/**
 * What the AWS Load Balancer Controller 3.5 may do: the actions of the policy that its project publishes for this
 * version (docs/install/iam_policy.json) with three differences. The actions for WAF, Shield, Cognito and server
 * certificates of IAM are left out, because those features are off. What the published policy allows on anything that
 * carries the controller's tag is allowed only where the tag names this cluster, so that two clusters of an account
 * cannot touch each other's load balancers. Rules of security groups that it did not make may be changed only where the
 * group belongs to this cluster, as the project's installation guide advises.
 */
export function controllerPolicy(clusterName: string, region: string): PolicyDocument {
  const partition = partitionOf(region);
  const loadBalancing = (path: string) => `arn:${partition}:elasticloadbalancing:${region}:*:${path}`;
  const securityGroups = `arn:${partition}:ec2:${region}:*:security-group/*`;
  const taggable = ["targetgroup/*/*", "loadbalancer/net/*/*", "loadbalancer/app/*/*"].map(loadBalancing);
  const listeners = ["listener", "listener-rule"].flatMap((kind) =>
    ["net", "app"].map((type) => loadBalancing(`${kind}/${type}/*/*/*`)),
  );
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
      allow(["iam:CreateServiceLinkedRole"], "*", {
        StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" },
      }),
      allow([...ec2Reads, ...elbReads, "acm:DescribeCertificate", "acm:ListCertificates"]),
      allow(ec2("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"), "*", {
        Null: { [`aws:ResourceTag/kubernetes.io/cluster/${clusterName}`]: "false" },
      }),
      allow(ec2("CreateSecurityGroup")),
      allow(ec2("CreateTags"), securityGroups, {
        StringEquals: { "ec2:CreateAction": "CreateSecurityGroup", ...requested },
      }),
      allow(ec2("CreateTags", "DeleteTags"), securityGroups, retag),
      allow(ec2("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress", "DeleteSecurityGroup"), "*", {
        StringEquals: owned,
      }),
      allow(elb("CreateLoadBalancer", "CreateTargetGroup"), "*", { StringEquals: requested }),
      allow(elb("CreateListener", "DeleteListener", "CreateRule", "DeleteRule")),
      allow(elb("AddTags", "RemoveTags"), taggable, retag),
      allow(elb("AddTags", "RemoveTags"), listeners),
      allow(elb("AddTags"), taggable, {
        StringEquals: {
          "elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateLoadBalancer"],
          ...requested,
        },
      }),
      allow(elb(...ownedWrites), "*", { StringEquals: owned }),
      allow(elb("RegisterTargets", "DeregisterTargets"), loadBalancing("targetgroup/*/*")),
      allow(elb(...listenerWrites)),
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
  "DeleteLoadBalancer",
  "DeleteTargetGroup",
  "ModifyCapacityReservation",
  "ModifyIpPools",
  "ModifyListenerAttributes",
  "ModifyLoadBalancerAttributes",
  "ModifyTargetGroup",
  "ModifyTargetGroupAttributes",
  "SetIpAddressType",
  "SetSecurityGroups",
  "SetSubnets",
];

const listenerWrites = [
  "AddListenerCertificates",
  "ModifyListener",
  "ModifyRule",
  "RemoveListenerCertificates",
  "SetRulePriorities",
];
