import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cidrsOverlap, parseCidr } from "../../../../components/common/cidr";
import { SimulatedAws } from "../../src/aws/account";
import { Token } from "../../src/aws/tokens";
import { Stack, trust } from "./stack";

const subnet = (stack: Stack, cidrBlock: string, zone = "a") =>
  stack.make(Token.Subnet, `extra-${cidrBlock}`, {
    vpcId: stack.id("vpc"),
    cidrBlock,
    availabilityZone: `eu-west-1${zone}`,
  });

describe("the account itself", () => {
  it("gives the same ids to the same program, shaped as AWS shapes them", () => {
    const [one, other] = [new Stack().readyForNodes(), new Stack().readyForNodes()];
    expect(one.aws.toJSON()).toEqual(other.aws.toJSON());
    expect(one.id("vpc")).toMatch(/^vpc-0[0-9a-f]{16}$/);
    expect(one.aws.read(Token.Cluster, "prod")?.outputs).toMatchObject({
      arn: "arn:aws:eks:eu-west-1:123456789012:cluster/prod",
      vpcConfig: { vpcId: one.id("vpc") },
    });
  });

  it("gives a new id to what is created again under the same name", () => {
    const { aws } = new Stack();
    const first = aws.create(Token.Eip, "nat", { domain: "vpc" });
    const second = aws.create(Token.Eip, "nat", { domain: "vpc" });
    expect(second.id).not.toBe(first.id);
    aws.delete(Token.Eip, first.id);
    expect(aws.read(Token.Eip, second.id)).toBeDefined();
  });

  it("goes on after a snapshot where it stopped", () => {
    const { aws } = new Stack().readyForNodes();
    const copy = SimulatedAws.fromJSON(JSON.parse(JSON.stringify(aws)));
    expect(copy.create(Token.Eip, "nat", {})).toEqual(aws.create(Token.Eip, "nat", {}));
    expect(copy.resources()).toEqual(aws.resources());
  });

  it.each([
    ["an unknown type", "aws:s3/bucket:Bucket", {}, /UnknownResourceType: .*aws:s3\/bucket:Bucket/],
    ["an unknown argument", Token.Eip, { adress: "1" }, /UnknownParameter: .*Eip has no argument adress/],
    [
      "a missing argument",
      Token.Subnet,
      { cidrBlock: "10.0.0.0/24" },
      /MissingParameter: .*Subnet must have vpcId/,
    ],
    ["a reserved tag", Token.Eip, { tags: { "aws:x": "1" } }, /InvalidTag: .*reserved/],
  ])("refuses %s by name", (_what, type, inputs, message) => {
    expect(() => new Stack().aws.create(type, "x", inputs)).toThrow(message);
  });

  it("refuses functions and regions that it does not know", () => {
    expect(() => new Stack().aws.invoke("aws:ec2/getAmi:getAmi", {})).toThrow(/UnknownFunction: .*getAmi/);
    expect(() => new SimulatedAws({ region: "eu-west-9" })).toThrow(/InvalidRegion: 'eu-west-9'/);
  });

  it("answers who the caller is, and the role behind the session", () => {
    const { aws } = new Stack();
    const { arn } = aws.invoke("aws:index/getCallerIdentity:getCallerIdentity", {});
    const context = aws.invoke("aws:iam/getSessionContext:getSessionContext", { arn });
    expect(context.issuerArn).toBe("arn:aws:iam::123456789012:role/deployer");
  });

  it("leaves out the zones that it is told to leave out", () => {
    const { aws } = new Stack("us-east-1");
    const token = "aws:index/getAvailabilityZones:getAvailabilityZones";
    const { names } = aws.invoke(token, { state: "available", excludeZoneIds: ["use1-az3"] });
    expect(names).toEqual(["a", "b", "c", "d", "f"].map((letter) => `us-east-1${letter}`));
  });
});

describe("networks", () => {
  it.each([
    ["outside of the VPC", "10.1.0.0/24", "InvalidSubnet.Range"],
    ["partly outside of the VPC", "10.2.0.0/17", "InvalidSubnet.Range"],
    ["with host bits", "10.0.200.1/24", "InvalidSubnet.Range"],
    ["smaller than /28", "10.0.200.0/29", "InvalidSubnet.Range"],
    ["that overlaps another", "10.0.15.0/24", "InvalidSubnet.Conflict"],
  ])("refuses a subnet %s", (_what, cidr, code) => {
    const stack = new Stack().network();
    if (cidr === "10.2.0.0/17") stack.make(Token.Vpc, "vpc", { cidrBlock: "10.2.0.0/18" });
    expect(() => subnet(stack, cidr)).toThrow(code);
  });

  it("knows an overlap from either side", () => {
    const block = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 16, max: 24 }))
      .map(([third, prefix]) => {
        const size = 2 ** (24 - prefix);
        return {
          first: Math.floor(third / size) * size,
          size,
          cidr: `10.0.${Math.floor(third / size) * size}.0/${prefix}`,
        };
      });
    fc.assert(
      fc.property(block, block, (a, b) => {
        const shared = Array.from({ length: 256 }, (_, third) => third).some((third) =>
          [a, b].every(({ first, size }) => third >= first && third < first + size),
        );
        const [one, other] = [parseCidr(a.cidr), parseCidr(b.cidr)];
        expect(one && other && cidrsOverlap(one, other)).toBe(shared);
      }),
    );
  });

  it("refuses a zone that the region does not have, and names those that it has", () => {
    expect(() => subnet(new Stack().network(), "10.0.200.0/24", "d")).toThrow(
      /InvalidParameterValue: Value \(eu-west-1d\).*eu-west-1a, eu-west-1b, eu-west-1c/,
    );
  });

  it("refuses a NAT gateway without an address, and one before the internet gateway", () => {
    const stack = new Stack().network();
    stack.make(Token.Eip, "eip", { domain: "vpc" });
    const nat = { subnetId: stack.id("private-a"), allocationId: stack.id("eip") };
    expect(() => stack.make(Token.NatGateway, "nat", { subnetId: nat.subnetId })).toThrow(/AllocationId/);
    expect(() => stack.make(Token.NatGateway, "nat", nat)).toThrow("Gateway.NotAttached");
    stack.make(Token.InternetGateway, "igw", { vpcId: stack.id("vpc") });
    expect(stack.make(Token.NatGateway, "nat", nat).publicIp).toMatch(/^203\.0\.113\./);
  });

  it("refuses a second route to one destination, and a target that does not exist", () => {
    const stack = new Stack().network();
    stack.make(Token.InternetGateway, "igw", { vpcId: stack.id("vpc") });
    stack.make(Token.RouteTable, "public", { vpcId: stack.id("vpc") });
    const route = {
      routeTableId: stack.id("public"),
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: stack.id("igw"),
    };
    stack.make(Token.Route, "default", route);
    expect(() => stack.make(Token.Route, "again", route)).toThrow("RouteAlreadyExists");
    expect(() => stack.make(Token.Route, "lost", { ...route, gatewayId: "igw-1" })).toThrow(
      "InvalidInternetGatewayID.NotFound",
    );
  });

  it("refuses flow logs whose role does not let the service in", () => {
    const stack = new Stack().network();
    const { arn: logDestination } = stack.make(Token.LogGroup, "logs", { name: "/flow", retentionInDays: 7 });
    const flowLog = { vpcId: stack.id("vpc"), trafficType: "ALL", logDestination };
    const wrong = stack.role("wrong", trust("ec2.amazonaws.com"));
    expect(() => stack.make(Token.FlowLog, "fl", { ...flowLog, iamRoleArn: wrong })).toThrow(
      /vpc-flow-logs.amazonaws.com sts:AssumeRole/,
    );
    const right = stack.role("right", trust("vpc-flow-logs.amazonaws.com"));
    stack.make(Token.FlowLog, "fl", { ...flowLog, iamRoleArn: right });
  });
});

describe("deletion of networks", () => {
  it("keeps a VPC as long as an Ingress's load balancer is in it, and says which", () => {
    const stack = new Stack().network();
    const balancer = { name: "k8s-inference", vpcId: stack.id("vpc"), subnetIds: stack.subnets };
    stack.aws.addLoadBalancer({ ...balancer, securityGroupIds: ["sg-1"] });
    expect(() => stack.aws.delete(Token.Subnet, stack.id("private-a"))).toThrow(
      /DependencyViolation: .*load balancer k8s-inference/,
    );
    expect(() => stack.aws.delete(Token.Vpc, stack.id("vpc"))).toThrow(/DependencyViolation: .*sg-1/);

    stack.aws.removeLoadBalancer("k8s-inference");
    for (const id of stack.subnets) stack.aws.delete(Token.Subnet, id);
    stack.aws.delete(Token.Vpc, stack.id("vpc"));
    expect(stack.aws.resources()).toEqual([]);
  });

  it("keeps an internet gateway while public addresses are mapped", () => {
    const stack = new Stack().network();
    stack.make(Token.InternetGateway, "igw", { vpcId: stack.id("vpc") });
    stack.make(Token.Eip, "eip", {});
    stack.make(Token.NatGateway, "nat", { subnetId: stack.id("private-a"), allocationId: stack.id("eip") });
    expect(() => stack.aws.delete(Token.InternetGateway, stack.id("igw"))).toThrow(/mapped public address/);
    expect(() => stack.aws.delete(Token.Eip, stack.id("eip"))).toThrow("InvalidIPAddress.InUse");
    stack.aws.delete(Token.NatGateway, stack.id("nat"));
    stack.aws.delete(Token.InternetGateway, stack.id("igw"));
  });

  it("keeps a subnet while a cluster or a stray interface is in it", () => {
    const stack = new Stack().cluster();
    expect(() => stack.aws.delete(Token.Subnet, stack.id("private-a"))).toThrow(/EKS cluster prod/);
    stack.aws.delete(Token.Cluster, "prod");
    const { id } = stack.aws.addNetworkInterface(stack.id("private-a"), "aws-K8S-pod");
    expect(() => stack.aws.delete(Token.Subnet, stack.id("private-a"))).toThrow(/aws-K8S-pod/);
    stack.aws.removeNetworkInterface(id);
    stack.aws.delete(Token.Subnet, stack.id("private-a"));
  });
});
