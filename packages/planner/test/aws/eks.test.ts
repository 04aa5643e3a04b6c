import { describe, expect, it } from "vitest";
import { Token } from "../../src/aws/tokens";
import type { AccountEvent } from "../../src/aws/types";
import { Stack, trust } from "./stack";

const admin = "arn:aws:iam::123456789012:role/admin";

describe("clusters", () => {
  it("needs subnets in two zones", () => {
    const stack = new Stack().network();
    const vpcConfig = { subnetIds: [stack.id("private-a")] };
    expect(() => stack.cluster({ vpcConfig })).toThrow(/InvalidParameterException: .*two different AZs/);
  });

  it("cannot be in a zone that EKS does not support", () => {
    const stack = new Stack("us-east-1").network();
    stack.make(Token.Subnet, "private-e", {
      vpcId: stack.id("vpc"),
      cidrBlock: "10.0.64.0/20",
      availabilityZone: "us-east-1e",
    });
    const vpcConfig = { subnetIds: [stack.id("private-a"), stack.id("private-e")] };
    expect(() => stack.cluster({ vpcConfig })).toThrow(/UnsupportedAvailabilityZoneException: .*use1-az3/);
  });

  it.each([
    ["a version that EKS does not offer", { version: "1.29" }, /unsupported Kubernetes version 1.29/],
    ["an endpoint for nobody", { vpcConfig: { endpointPublicAccess: false } }, /cannot both be false/],
    [
      "a key that does not exist",
      { encryptionConfig: { resources: ["secrets"], provider: { keyArn: "arn:k" } } },
      /Key 'arn:k' does not exist/,
    ],
    ["a log type that does not exist", { enabledClusterLogTypes: ["apiserver"] }, /log type apiserver/],
  ])("refuses %s", (_what, overrides, message) => {
    const stack = new Stack().network();
    const vpcConfig = { subnetIds: stack.subnets, ...(overrides as { vpcConfig?: object }).vpcConfig };
    expect(() => stack.cluster({ ...overrides, vpcConfig })).toThrow(message);
  });

  it("needs a role that exists, that EKS can assume and that carries its policy", () => {
    const stack = new Stack().network();
    const make = (roleArn: string) =>
      stack.make(Token.Cluster, "c", { name: "c", roleArn, vpcConfig: { subnetIds: stack.subnets } });
    expect(() => make(admin)).toThrow(/Role with arn: .*admin does not exist/);
    const foreign = stack.role("foreign", trust("ec2.amazonaws.com"), "AmazonEKSClusterPolicy");
    expect(() => make(foreign)).toThrow(/does not allow eks.amazonaws.com/);
    const bare = stack.role("bare", trust("eks.amazonaws.com"));
    expect(() => make(bare)).toThrow(/policy is attached: AmazonEKSClusterPolicy/);
  });

  it("stays in its VPC", () => {
    const stack = new Stack().cluster();
    stack.make(Token.Vpc, "other", { cidrBlock: "10.1.0.0/16" });
    const subnetIds = ["a", "b"].map((zone, i) => {
      const inputs = {
        vpcId: stack.id("other"),
        cidrBlock: `10.1.${i}.0/24`,
        availabilityZone: `eu-west-1${zone}`,
      };
      return stack.make(Token.Subnet, `other-${zone}`, inputs) && stack.id(`other-${zone}`);
    });
    const { inputs = {} } = stack.aws.read(Token.Cluster, "prod") ?? {};
    const moved = { ...inputs, vpcConfig: { ...(inputs.vpcConfig as object), subnetIds } };
    expect(() => stack.aws.update(Token.Cluster, "prod", moved)).toThrow(/clusters cannot move/);
  });

  it("keeps its zones, whatever subnets it has in them", () => {
    const stack = new Stack().cluster();
    const { inputs = {} } = stack.aws.read(Token.Cluster, "prod") ?? {};
    const { subnetIds } = inputs.vpcConfig as { subnetIds: string[] };
    const zoneOf = (id: string) => String(stack.aws.read(Token.Subnet, id)?.outputs.availabilityZone);
    const update = (ids: string[]) => () =>
      stack.aws.update(Token.Cluster, "prod", {
        ...inputs,
        vpcConfig: { ...(inputs.vpcConfig as object), subnetIds: ids },
      });
    const [first = "", ...others] = subnetIds;
    expect(update(others)).toThrow(
      /InvalidParameterException: Provided subnets belong to the AZs .* exact set of AZs 'eu-west-1a,eu-west-1b,eu-west-1c'/,
    );
    stack.make(Token.Subnet, "second", {
      vpcId: stack.id("vpc"),
      cidrBlock: "10.0.128.0/20",
      availabilityZone: zoneOf(first),
    });
    expect(update([stack.id("second"), ...others])).not.toThrow();
  });

  it("goes one minor version at a time, and never back", () => {
    const stack = new Stack().cluster({ version: "1.34" });
    const { inputs = {} } = stack.aws.read(Token.Cluster, "prod") ?? {};
    const to = (version: string) => () => stack.aws.update(Token.Cluster, "prod", { ...inputs, version });
    expect(to("1.36")).toThrow(/one minor version at a time/);
    expect(to("1.33")).toThrow(/cannot be downgraded/);
    expect(to("1.35")().outputs.version).toBe("1.35");
  });

  it("cannot be deleted while it is protected or has node groups", () => {
    const stack = new Stack().readyForNodes();
    const { inputs = {} } = stack.aws.read(Token.Cluster, "prod") ?? {};
    stack.aws.update(Token.Cluster, "prod", { ...inputs, deletionProtection: true });
    expect(() => stack.aws.delete(Token.Cluster, "prod")).toThrow(
      /InvalidRequestException: .*deletion protection/,
    );
    stack.aws.update(Token.Cluster, "prod", { ...inputs, deletionProtection: false });
    stack.make(Token.NodeGroup, "system", stack.nodeGroup());
    expect(() => stack.aws.delete(Token.Cluster, "prod")).toThrow(/ResourceInUseException: .*system/);
    stack.aws.delete(Token.NodeGroup, "prod:system");
    stack.aws.delete(Token.Cluster, "prod");
  });
});

describe("node groups", () => {
  const scaling = (minSize: number, desiredSize: number, maxSize: number) => ({
    scalingConfig: { minSize, desiredSize, maxSize },
  });

  it.each([
    ["min above max", scaling(3, 3, 2), /minSize 3 can't be greater than maxSize 2/],
    ["desired above max", scaling(1, 4, 3), /desired capacity 4 can't be greater than max size 3/],
    ["no room at all", scaling(0, 0, 0), /maxSize 0 must be at least 1/],
    [
      "an instance type that does not exist",
      { instanceTypes: ["g6.3xlarge"] },
      /do not exist: \[g6.3xlarge\]/,
    ],
    [
      "GPUs with the ordinary AMI",
      { instanceTypes: ["g6.xlarge"] },
      /\[g6.xlarge\] is not a valid instance type/,
    ],
    [
      "the GPU AMI without GPUs",
      { amiType: "AL2023_x86_64_NVIDIA" },
      /\[m7i.large\] is not a valid instance type/,
    ],
    ["Graviton with an x86 AMI", { instanceTypes: ["m7g.large"] }, /\[m7g.large\] is not a valid/],
    ["an AMI that is no more", { amiType: "AL2_x86_64_GPU" }, /AL2_x86_64_GPU is not offered/],
    [
      "a taint in Kubernetes' spelling",
      { taints: [{ key: "a", effect: "NoSchedule" }] },
      /Taint effect 'NoSchedule'/,
    ],
    [
      "a reserved label",
      { labels: { "kubernetes.io/role": "gpu" } },
      /reserved prefixes.*kubernetes.io\/role/,
    ],
    ["nodes newer than the cluster", { version: "1.36" }, /1.36 cannot be newer than the cluster's 1.35/],
    ["a cluster that does not exist", { clusterName: "other" }, /ResourceNotFoundException: .*other/],
    ["a role that does not exist", { nodeRoleArn: admin }, /Role with arn: .*admin does not exist/],
  ])("refuses %s", (_what, overrides, message) => {
    const stack = new Stack().readyForNodes();
    expect(() => stack.make(Token.NodeGroup, "g", stack.nodeGroup(overrides))).toThrow(message);
  });

  it("says everything that is wrong at once", () => {
    const stack = new Stack().readyForNodes();
    const bad = stack.nodeGroup({ ...scaling(3, 3, 2), instanceTypes: ["nope.large"], version: "1.36" });
    expect(() => stack.make(Token.NodeGroup, "g", bad)).toThrow(/maxSize 2.*nope.large.*1.36/s);
  });

  it("refuses what belongs into the launch template, and the other way round", () => {
    const stack = new Stack().readyForNodes();
    stack.make(Token.LaunchTemplate, "lt", { name: "nodes", instanceType: "m7i.large" });
    const launchTemplate = { id: stack.id("lt"), version: "1" };
    const make = (overrides: object) =>
      stack.make(Token.NodeGroup, "g", stack.nodeGroup({ launchTemplate, ...overrides }));
    expect(() => make({ diskSize: 50, instanceTypes: undefined })).toThrow(
      /Disk size must be specified within/,
    );
    expect(() => make({})).toThrow(/Cannot specify instance types in launch template and API request/);
    expect(() =>
      make({ instanceTypes: undefined, launchTemplate: { ...launchTemplate, version: "2" } }),
    ).toThrow(/version 2 does not exist: the latest is 1/);
    expect(make({ instanceTypes: undefined }).instanceTypes).toEqual(["m7i.large"]);
  });

  it("does not get Ready without a CNI", () => {
    const stack = new Stack().cluster().nat();
    stack.role(
      "node",
      trust("ec2.amazonaws.com"),
      "AmazonEKSWorkerNodePolicy",
      "AmazonEC2ContainerRegistryPullOnly",
    );
    expect(() => stack.make(Token.NodeGroup, "g", stack.nodeGroup())).toThrow(
      /NodeCreationFailure: .*vpc-cni/,
    );
    stack.make(Token.NodeGroup, "g", stack.nodeGroup(scaling(0, 0, 2)));
  });

  it("does not get Ready while the CNI has no credentials", () => {
    const stack = new Stack().readyForNodes();
    stack.aws.delete(Token.RolePolicyAttachment, stack.id("node-AmazonEKS_CNI_Policy"));
    const make = () => stack.make(Token.NodeGroup, "g", stack.nodeGroup());
    const roleArn = stack.role("cni", trust("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession"));
    const association = {
      clusterName: "prod",
      namespace: "kube-system",
      serviceAccount: "aws-node",
      roleArn,
    };
    stack.make(Token.PodIdentityAssociation, "cni-role", association);
    expect(make).toThrow(/NodeCreationFailure: .*the CNI has no credentials/);
    stack.make(Token.Addon, "agent", { clusterName: "prod", addonName: "eks-pod-identity-agent" });
    make();
  });

  it("does not get Ready where images cannot be pulled from", () => {
    const stack = new Stack().readyForNodes();
    const make = (subnetIds: string[]) => stack.make(Token.NodeGroup, "g", stack.nodeGroup({ subnetIds }));
    stack.aws.delete(Token.Route, stack.id("private-out"));
    expect(() => make(stack.subnets)).toThrow(/NodeCreationFailure: .*private-a has no route/);
    expect(() => make([stack.id("public-a")])).toThrow(/Ec2SubnetInvalidConfiguration: .*public IP/);
    stack.make(Token.VpcEndpoint, "ecr", {
      vpcId: stack.id("vpc"),
      vpcEndpointType: "Interface",
      serviceName: "com.amazonaws.eu-west-1.ecr.dkr",
    });
    make(stack.subnets);
  });

  it("may lag behind its cluster by three minor versions", () => {
    const stack = new Stack().readyForNodes();
    const { inputs = {} } = stack.aws.read(Token.Cluster, "prod") ?? {};
    stack.aws.update(Token.Cluster, "prod", { ...inputs, version: "1.36" });
    const at = (version: string) => stack.make(Token.NodeGroup, "g", stack.nodeGroup({ version }));
    expect(() => at("1.32")).toThrow(/more than three minor versions behind/);
    expect(at("1.33").version).toBe("1.33");
  });

  it("is scaled from outside within its bounds, and the program's figures stay", () => {
    const stack = new Stack().readyForNodes();
    stack.make(Token.NodeGroup, "system", stack.nodeGroup());
    const [group] = stack.aws.nodeGroups();
    const name = group?.autoScalingGroup ?? "";
    const seen: AccountEvent[] = [];
    stack.aws.onChange((event) => seen.push(event));
    stack.aws.setDesiredCapacity(name, 3);
    expect(stack.aws.nodeGroups()[0]).toMatchObject({
      min: 1,
      max: 3,
      desired: 3,
      zones: ["a", "b", "c"].map((z) => `eu-west-1${z}`),
    });
    expect(stack.aws.read(Token.NodeGroup, "prod:system")?.inputs.scalingConfig).toMatchObject({
      desiredSize: 2,
    });
    expect(seen.map((event) => event.kind)).toEqual(["scaled"]);
    expect(() => stack.aws.setDesiredCapacity(name, 4)).toThrow(/above max value 3/);
    expect(() => stack.aws.setDesiredCapacity(name, 0)).toThrow(/below min value 1/);
    expect(() => stack.aws.setDesiredCapacity("other", 1)).toThrow(/not found - other/);
  });

  it("shows taints as the API server spells them", () => {
    const stack = new Stack().readyForNodes();
    const taints = [{ key: "nvidia.com/gpu", value: "true", effect: "NO_SCHEDULE" }];
    stack.make(Token.NodeGroup, "system", stack.nodeGroup({ taints }));
    expect(stack.aws.nodeGroups()[0]?.taints).toEqual([
      { key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" },
    ]);
  });
});
