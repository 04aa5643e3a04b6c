import type { ApiCall, RequestedResource } from "@inference-platform/planner";

const account = "eu-west-1:111122223333";
const ec2 = (path: string) => `arn:aws:ec2:${account}:${path}`;
const elb = (path: string) => `arn:aws:elasticloadbalancing:${account}:${path}`;

/**
 * What the AWS Load Balancer Controller asks AWS for from the first Ingress of an IngressClass to the last: a load balancer with
 * its groups, target group, listeners, rules, certificates and targets, their changes, and their end. Every creation carries the
 * tags of the controller's tracking provider. Source: pkg/deploy/{ec2,elbv2} of kubernetes-sigs/aws-load-balancer-controller
 * (3.x, read 2026-11); which resources an action is about: the Service Authorization Reference.
 */
export function controllerRequests(clusterName: string, vpcId: string): ApiCall[] {
  const tags = { "elbv2.k8s.aws/cluster": clusterName };
  const requested = { "aws:RequestTag/elbv2.k8s.aws/cluster": clusterName, "aws:TagKeys": Object.keys(tags) };
  const retagged = { "aws:RequestTag/team": "a", "aws:TagKeys": ["team"] };

  const reads = (...actions: string[]): ApiCall[] => actions.map((action) => ({ action, resources: [] }));
  const on = (arn: string, ...actions: string[]): ApiCall[] =>
    actions.map((action) => ({ action, resources: [{ arn, tags }] }));
  const made = (action: string, kind: string, parents: RequestedResource[] = []): ApiCall[] => [
    {
      action: `elasticloadbalancing:${action}`,
      resources: parents.length > 0 ? parents : [{ arn: elb(kind) }],
      context: requested,
    },
    {
      action: "elasticloadbalancing:AddTags",
      resources: [{ arn: elb(kind) }],
      context: { ...requested, "elasticloadbalancing:CreateAction": action },
    },
  ];
  const balancing = (...names: string[]) => names.map((name) => `elasticloadbalancing:${name}`);

  const group = ec2("security-group/sg-1");
  const balancer = elb("loadbalancer/app/k8s-one/1");
  const targets = elb("targetgroup/k8s-one/1");
  const listener = elb("listener/app/k8s-one/1/1");
  const rule = elb("listener-rule/app/k8s-one/1/1/1");
  const nodes: RequestedResource = {
    arn: ec2("security-group/sg-nodes"),
    tags: { [`kubernetes.io/cluster/${clusterName}`]: "owned" },
  };

  return [
    ...reads(
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
      "elasticloadbalancing:DescribeListenerCertificates",
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeLoadBalancerAttributes",
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeRules",
      "elasticloadbalancing:DescribeTags",
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
      "acm:ListCertificates",
    ),
    {
      action: "iam:CreateServiceLinkedRole",
      resources: [
        {
          arn: "arn:aws:iam::111122223333:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing",
        },
      ],
      context: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" },
    },
    {
      action: "ec2:CreateSecurityGroup",
      resources: [{ arn: ec2("security-group/*") }, { arn: ec2(`vpc/${vpcId}`) }],
      context: requested,
    },
    {
      action: "ec2:CreateTags",
      resources: [{ arn: ec2("security-group/*") }],
      context: { ...requested, "ec2:CreateAction": "CreateSecurityGroup" },
    },
    ...on(group, "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"),
    ...["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"].map((action) => ({
      action,
      resources: [nodes],
    })),
    ...["ec2:CreateTags", "ec2:DeleteTags"].map((action) => ({
      action,
      resources: [{ arn: group, tags }],
      context: retagged,
    })),
    ...made("CreateLoadBalancer", "loadbalancer/app/k8s-one/1"),
    ...made("CreateTargetGroup", "targetgroup/k8s-one/1"),
    ...made("CreateListener", "listener/app/k8s-one/1/1", [{ arn: balancer, tags }]),
    ...made("CreateRule", "listener-rule/app/k8s-one/1/1/1", [{ arn: listener, tags }]),
    ...on(
      targets,
      ...balancing(
        "RegisterTargets",
        "DeregisterTargets",
        "ModifyTargetGroup",
        "ModifyTargetGroupAttributes",
      ),
    ),
    ...on(
      listener,
      ...balancing(
        "AddListenerCertificates",
        "RemoveListenerCertificates",
        "ModifyListener",
        "ModifyListenerAttributes",
      ),
    ),
    ...on(rule, ...balancing("ModifyRule", "SetRulePriorities")),
    ...on(
      balancer,
      ...balancing("ModifyLoadBalancerAttributes", "SetIpAddressType", "SetSecurityGroups", "SetSubnets"),
    ),
    ...balancing("AddTags", "RemoveTags").map((action) => ({
      action,
      resources: [{ arn: balancer, tags }],
      context: retagged,
    })),
    ...on(rule, ...balancing("DeleteRule")),
    ...on(listener, ...balancing("DeleteListener")),
    ...on(balancer, ...balancing("DeleteLoadBalancer")),
    ...on(targets, ...balancing("DeleteTargetGroup")),
    ...on(group, "ec2:DeleteSecurityGroup"),
  ];
}
