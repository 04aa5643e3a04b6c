import { SimulatedAws } from "../../src/aws/account";
import { Token } from "../../src/aws/tokens";
import type { Properties } from "../../src/program/monitor";

/** A trust policy for a service. */
export const trust = (service: string, ...actions: string[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: actions.length > 0 ? actions : ["sts:AssumeRole"],
      },
    ],
  });

/** An account with a network, as the tests' own program would leave it. */
export class Stack {
  readonly aws: SimulatedAws;
  readonly ids: Record<string, string> = {};

  constructor(region = "eu-west-1") {
    this.aws = new SimulatedAws({ region });
  }

  /** Creates and remembers the id under the logical name. */
  make(type: string, name: string, inputs: Properties): Properties {
    const { id, outputs } = this.aws.create(type, name, inputs);
    this.ids[name] = id;
    return outputs;
  }

  /** The id of what was made under `name`. */
  id(name: string): string {
    const id = this.ids[name];
    if (id === undefined) throw new Error(`the test made no ${name}`);
    return id;
  }

  network(): this {
    this.make(Token.Vpc, "vpc", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true });
    for (const [i, zone] of ["a", "b", "c"].entries()) {
      this.make(Token.Subnet, `private-${zone}`, {
        vpcId: this.id("vpc"),
        cidrBlock: `10.0.${i * 16}.0/20`,
        availabilityZone: `${this.aws.options.region}${zone}`,
      });
    }
    return this;
  }

  /** A way out of the private subnets, through a public one. */
  nat(): this {
    const vpcId = this.id("vpc");
    const availabilityZone = `${this.aws.options.region}a`;
    this.make(Token.InternetGateway, "igw", { vpcId });
    this.make(Token.Subnet, "public-a", { vpcId, cidrBlock: "10.0.240.0/24", availabilityZone });
    this.make(Token.Eip, "eip", { domain: "vpc" });
    this.make(Token.NatGateway, "nat", { subnetId: this.id("public-a"), allocationId: this.id("eip") });
    for (const [name, subnets, target] of [
      ["public", [this.id("public-a")], { gatewayId: this.id("igw") }],
      ["private", this.subnets, { natGatewayId: this.id("nat") }],
    ] as const) {
      this.make(Token.RouteTable, name, { vpcId });
      const routeTableId = this.id(name);
      this.make(Token.Route, `${name}-out`, { routeTableId, destinationCidrBlock: "0.0.0.0/0", ...target });
      for (const subnetId of subnets)
        this.make(Token.RouteTableAssociation, subnetId, { routeTableId, subnetId });
    }
    return this;
  }

  get subnets(): string[] {
    return ["private-a", "private-b", "private-c"].map((name) => this.id(name));
  }

  role(name: string, assumeRolePolicy: string, ...policies: string[]): string {
    const { arn } = this.make(Token.Role, name, { name, assumeRolePolicy });
    for (const policy of policies) {
      const policyArn = `arn:aws:iam::aws:policy/${policy}`;
      this.make(Token.RolePolicyAttachment, `${name}-${policy}`, { role: name, policyArn });
    }
    return String(arn);
  }

  /** The network and a cluster in it, `prod`. */
  cluster(overrides: Properties = {}): this {
    if (!this.ids.vpc) this.network();
    const roleArn = this.role("control-plane", trust("eks.amazonaws.com"), "AmazonEKSClusterPolicy");
    this.make(Token.Cluster, "cluster", {
      name: "prod",
      roleArn,
      version: "1.35",
      vpcConfig: { subnetIds: this.subnets, endpointPrivateAccess: true },
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      bootstrapSelfManagedAddons: false,
      ...overrides,
    });
    return this;
  }

  /** The cluster, a way out of its subnets, its CNI and the role of its nodes. */
  readyForNodes(): this {
    this.cluster().nat();
    this.make(Token.Addon, "vpc-cni", { clusterName: "prod", addonName: "vpc-cni" });
    this.role(
      "node",
      trust("ec2.amazonaws.com"),
      "AmazonEKSWorkerNodePolicy",
      "AmazonEC2ContainerRegistryPullOnly",
      "AmazonEKS_CNI_Policy",
    );
    return this;
  }

  /** Inputs of a node group that AWS would take. */
  nodeGroup(overrides: Properties = {}): Properties {
    return {
      clusterName: "prod",
      nodeGroupName: "system",
      nodeRoleArn: this.aws.read(Token.Role, "node")?.outputs.arn,
      subnetIds: this.subnets,
      instanceTypes: ["m7i.large"],
      scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 2 },
      ...overrides,
    };
  }
}
