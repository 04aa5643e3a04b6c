import { beforeAll, describe, expect, it } from "vitest";
import { NatGateways, Network, type NetworkArgs } from "../../components/network/network";
import { type Expected, type Recording, record, unwrapSecrets } from "../support/components";

const ec2 = [
  "vpc:Vpc",
  "defaultSecurityGroup:DefaultSecurityGroup",
  "internetGateway:InternetGateway",
  "routeTable:RouteTable",
  "route:Route",
  "routeTableAssociation:RouteTableAssociation",
  "subnet:Subnet",
  "eip:Eip",
  "natGateway:NatGateway",
  "vpcEndpoint:VpcEndpoint",
  "flowLog:FlowLog",
];
const logGroupArn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vpc/demo-test/flow-logs";
const expected: Expected = {
  resources: {
    ...Object.fromEntries(
      ec2.map((token) => [`aws:ec2/${token}`, (_: unknown, name: string) => ({ id: name })]),
    ),
    "aws:cloudwatch/logGroup:LogGroup": () => ({ arn: logGroupArn }),
    "aws:iam/role:Role": (_, name) => ({ name, arn: `arn:aws:iam::111122223333:role/${name}` }),
    "aws:iam/rolePolicy:RolePolicy": () => ({}),
  },
  functions: {
    "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
      names: ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
      zoneIds: ["euw1-az1", "euw1-az2", "euw1-az3"],
    }),
  },
};
const args: NetworkArgs = {
  clusterName: "demo-test",
  region: "eu-west-1",
  zones: ["eu-west-1a", "eu-west-1b"],
};
const build = (changes: Partial<NetworkArgs> = {}) =>
  record(() => new Network("network", { ...args, ...changes }), expected);

/** Target of the default route of each private route table, by zone. */
function natByZone(recording: Recording): Record<string, unknown> {
  const routes = recording.ofType("aws:ec2/route:Route").filter((route) => route.inputs.natGatewayId);
  return Object.fromEntries(routes.map((route) => [route.inputs.routeTableId, route.inputs.natGatewayId]));
}

describe("Network", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await build();
  });

  it("has subnets for load balancers, public and internal, and for pods in each zone, without public addresses", () => {
    const subnets = recording.ofType("aws:ec2/subnet:Subnet");
    expect(subnets.map((subnet) => [subnet.inputs.availabilityZone, subnet.inputs.cidrBlock]).sort()).toEqual(
      [
        ["eu-west-1a", "10.0.0.0/20"],
        ["eu-west-1a", "10.0.251.0/24"],
        ["eu-west-1a", "10.0.255.0/24"],
        ["eu-west-1b", "10.0.16.0/20"],
        ["eu-west-1b", "10.0.250.0/24"],
        ["eu-west-1b", "10.0.254.0/24"],
      ],
    );
    for (const subnet of subnets) {
      const roles = Object.keys(subnet.inputs.tags as object).filter((tag) =>
        tag.startsWith("kubernetes.io/role/"),
      );
      const side = subnet.name.split("-")[1] ?? "";
      // The controller puts load balancers where these tags are: never among pods.
      expect([side, roles]).toEqual([
        side,
        { public: ["kubernetes.io/role/elb"], internal: ["kubernetes.io/role/internal-elb"] }[side] ?? [],
      ]);
      expect(subnet.inputs.mapPublicIpOnLaunch).toBe(false);
    }
  });

  it("leaves no rule in the default security group, and makes no other group", () => {
    expect(recording.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs).toMatchObject({
      ingress: [],
      egress: [],
    });
    expect(recording.ofType("aws:ec2/securityGroup:SecurityGroup")).toEqual([]);
  });

  it("resolves names inside the VPC, and reaches S3 past the NAT gateway from every private subnet", () => {
    expect(recording.one("aws:ec2/vpc:Vpc").inputs).toMatchObject({
      enableDnsHostnames: true,
      enableDnsSupport: true,
    });
    expect(recording.one("aws:ec2/vpcEndpoint:VpcEndpoint").inputs).toMatchObject({
      vpcEndpointType: "Gateway",
      serviceName: "com.amazonaws.eu-west-1.s3",
      routeTableIds: ["network-private-eu-west-1a", "network-private-eu-west-1b"],
    });
  });

  it("gives private subnet ids only when nodes there can reach the internet and S3", async () => {
    let waited: string[] = [];
    await record(async () => {
      const network = new Network("network", args);
      // What the SDK tells the engine about users of an output.
      const resources = await (
        network.privateSubnetIds as unknown as { allResources(): Promise<Set<never>> }
      ).allResources();
      waited = await Promise.all(
        [...resources].map((resource: { urn: { promise(): Promise<string> } }) => resource.urn.promise()),
      );
    }, expected);
    const names = waited.map((urn) => urn.split("$").pop());
    expect(names).toEqual(
      expect.arrayContaining([
        "aws:ec2/vpcEndpoint:VpcEndpoint::network-s3",
        "aws:ec2/route:Route::network-private-eu-west-1b-nat",
        "aws:ec2/routeTableAssociation:RouteTableAssociation::network-private-eu-west-1b",
      ]),
    );
  });

  it("starts NAT gateways only when their subnet has a way out", () => {
    const nat = recording.one("aws:ec2/natGateway:NatGateway");
    expect(nat.dependencies).toEqual(
      expect.arrayContaining([expect.stringMatching(/::network-public-internet$/)]),
    );
  });

  it("has one NAT gateway for all zones, or one in each, with the same route tables", async () => {
    expect(Object.values(natByZone(recording))).toEqual(["network-nat-eu-west-1a", "network-nat-eu-west-1a"]);
    const perZone = await build({ natGateways: NatGateways.PerZone });
    expect(natByZone(perZone)).toEqual({
      "network-private-eu-west-1a": "network-nat-eu-west-1a",
      "network-private-eu-west-1b": "network-nat-eu-west-1b",
    });
    expect(Object.keys(natByZone(recording))).toEqual(Object.keys(natByZone(perZone)));
  });

  it("keeps flow logs with a retention, written by a role that can do nothing else", () => {
    expect(recording.one("aws:ec2/flowLog:FlowLog").inputs).toMatchObject({
      trafficType: "ALL",
      maxAggregationInterval: 600,
      logDestination: logGroupArn,
    });
    expect(recording.one("aws:cloudwatch/logGroup:LogGroup").inputs).toMatchObject({ retentionInDays: 30 });
    const policy = JSON.parse(String(recording.one("aws:iam/rolePolicy:RolePolicy").inputs.policy));
    expect(policy.Statement[0].Resource).toBe(`${logGroupArn}:*`);
    const trust = JSON.parse(String(recording.one("aws:iam/role:Role").inputs.assumeRolePolicy));
    expect(trust.Statement[0].Condition.StringEquals["aws:SourceAccount"]).toBe("111122223333");
  });

  it("keeps the existing resources when a zone is added", async () => {
    const more = await build({ zones: [...args.zones, "eu-west-1c"] });
    for (const before of recording.ofType("aws:ec2/subnet:Subnet")) {
      expect(more.one(before.type, before.name).inputs).toEqual(before.inputs);
    }
  });

  it("keeps the control plane in its zones when one is added", async () => {
    const subnets = (from: Recording) => {
      const { urn } = from.one("inference-platform:index:Network");
      return unwrapSecrets(from.outputsOf(urn)?.controlPlaneSubnetIds);
    };
    const [a, b] = ["network-private-eu-west-1a", "network-private-eu-west-1b"];
    expect(subnets(recording)).toEqual([a, b]);
    const zones = [...args.zones, "eu-west-1c"];
    expect(subnets(await build({ zones }))).toEqual([a, b]);
    const chosen = await build({ zones, controlPlaneZones: ["eu-west-1b", "eu-west-1c"] });
    expect(subnets(chosen)).toEqual([b, "network-private-eu-west-1c"]);
  });

  it("refuses everything that is wrong at once, and a zone that the account does not have", async () => {
    await expect(
      build({ cidr: "10.0.0.0/24", zones: ["eu-west-1a"], flowLogRetentionDays: 31 }),
    ).rejects.toThrow(/zones .*\n.*cidr .*\n.*flowLogRetentionDays \(31\)/);
    await expect(build({ zones: ["eu-west-1a", "eu-west-1d"] })).rejects.toThrow(
      "eu-west-1d is not a zone that this account can use. Choose from eu-west-1a, eu-west-1b, eu-west-1c.",
    );
  });
});
