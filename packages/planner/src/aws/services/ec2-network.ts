import type { EipArgs, InternetGatewayArgs, NatGatewayArgs, SubnetArgs, VpcArgs } from "@pulumi/aws/ec2";
import { cidrContains, cidrsOverlap, parseCidr } from "../../../../../components/common/cidr";
import { type AccountView, define, Refusals, type ResourceType } from "../definition";
import { ec2Id, hex, publicAddress } from "../ids";
import { Token } from "../tokens";
import { AwsError, type SimulatedResource } from "../types";

/** The subnet's VPC and zone, as other services ask for them. @throws AwsError InvalidSubnetID.NotFound */
export function subnetOf(account: AccountView, id: string): { vpcId: string; zone: string; zoneId: string } {
  const subnet = account.find(Token.Subnet, id);
  if (!subnet) throw new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
  return {
    vpcId: String(subnet.outputs.vpcId),
    zone: String(subnet.outputs.availabilityZone),
    zoneId: String(subnet.outputs.availabilityZoneId),
  };
}

/** Refuses a VPC that does not exist. */
export function vpcErrors(account: AccountView, vpcId: unknown): AwsError[] {
  if (vpcId === undefined || account.find(Token.Vpc, vpcId)) return [];
  return [new AwsError("InvalidVpcID.NotFound", `The vpc ID '${vpcId}' does not exist`)];
}

const vpc = define<VpcArgs>(Token.Vpc, {
  id: ({ seed }) => ec2Id("vpc", seed),
  check: ({ inputs }) => {
    const block = parseCidr(inputs.cidrBlock ?? "");
    // EC2 takes /16 to /28; IPAM pools are not simulated, so a block must be given.
    const fits = block !== undefined && block.prefix >= 16 && block.prefix <= 28;
    return new Refusals().when(
      !fits,
      () =>
        new AwsError(
          "InvalidVpc.Range",
          `The CIDR '${inputs.cidrBlock}' is invalid: a network of /16 to /28 is needed`,
        ),
    ).errors;
  },
  outputs: ({ seed, inputs, account }, id) => ({
    arn: account.arn("ec2", `vpc/${id}`),
    ownerId: account.accountId,
    enableDnsSupport: inputs.enableDnsSupport ?? true,
    enableDnsHostnames: inputs.enableDnsHostnames ?? false,
    instanceTenancy: inputs.instanceTenancy ?? "default",
    defaultSecurityGroupId: ec2Id("sg", "default", seed),
    defaultRouteTableId: ec2Id("rtb", "main", seed),
    mainRouteTableId: ec2Id("rtb", "main", seed),
    defaultNetworkAclId: ec2Id("acl", seed),
    dhcpOptionsId: ec2Id("dopt", account.region),
  }),
  checkDelete: (resource, account) => {
    const inside = [
      Token.Subnet,
      Token.SecurityGroup,
      Token.InternetGateway,
      Token.RouteTable,
      Token.VpcEndpoint,
    ]
      .flatMap((type) => account.all(type))
      .filter((other) => other.outputs.vpcId === resource.id)
      .map((other) => other.id);
    const interfaces = account
      .interfaces()
      .filter((entry) => entry.vpcId === resource.id)
      .map((entry) => `${entry.id} (${entry.description})`);
    const left = [...inside, ...interfaces, ...account.outsideSecurityGroups(resource.id)];
    if (left.length === 0) return undefined;
    return new AwsError(
      "DependencyViolation",
      `The vpc '${resource.id}' has dependencies and cannot be deleted: ${left.join(", ")}`,
    );
  },
});

const subnet = define<SubnetArgs>(Token.Subnet, {
  id: ({ seed }) => ec2Id("subnet", seed),
  check: ({ inputs, account, existing }) => {
    const errors = vpcErrors(account, inputs.vpcId);
    const outer = parseCidr(String(account.find(Token.Vpc, inputs.vpcId)?.inputs.cidrBlock ?? ""));
    const inner = parseCidr(inputs.cidrBlock ?? "");
    const refusals = new Refusals()
      .when(
        inner === undefined || inner.prefix < 16 || inner.prefix > 28,
        () =>
          new AwsError(
            "InvalidSubnet.Range",
            `The CIDR '${inputs.cidrBlock}' is invalid: a network of /16 to /28 is needed`,
          ),
      )
      .when(
        outer !== undefined && inner !== undefined && !cidrContains(outer, inner),
        () => new AwsError("InvalidSubnet.Range", `The CIDR '${inputs.cidrBlock}' is not inside the VPC's`),
      )
      .when(
        !zoneOf(account, inputs),
        () =>
          new AwsError(
            "InvalidParameterValue",
            `Value (${inputs.availabilityZone ?? inputs.availabilityZoneId}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${account.zones.map((zone) => zone.name).join(", ")}`,
          ),
      );
    for (const other of account.all(Token.Subnet)) {
      const block = parseCidr(String(other.inputs.cidrBlock));
      if (other === existing || other.inputs.vpcId !== inputs.vpcId || !inner || !block) continue;
      refusals.when(
        cidrsOverlap(inner, block),
        () =>
          new AwsError(
            "InvalidSubnet.Conflict",
            `The CIDR '${inputs.cidrBlock}' conflicts with another subnet: ${other.id} (${other.inputs.cidrBlock})`,
          ),
      );
    }
    return [...errors, ...refusals.errors];
  },
  outputs: ({ inputs, account }, id) => ({
    arn: account.arn("ec2", `subnet/${id}`),
    ownerId: account.accountId,
    availabilityZone: zoneOf(account, inputs)?.name,
    availabilityZoneId: zoneOf(account, inputs)?.id,
    mapPublicIpOnLaunch: inputs.mapPublicIpOnLaunch ?? false,
  }),
  checkDelete: (resource, account) => {
    const users = account.interfaces().filter((entry) => entry.subnetId === resource.id);
    if (users.length === 0) return undefined;
    const names = users.map((entry) => `${entry.id} (${entry.description})`).join(", ");
    return new AwsError(
      "DependencyViolation",
      `The subnet '${resource.id}' has dependencies and cannot be deleted: ${names}`,
    );
  },
});

function zoneOf(account: AccountView, inputs: { availabilityZone?: string; availabilityZoneId?: string }) {
  const { availabilityZone: name, availabilityZoneId: id } = inputs;
  if (name === undefined && id === undefined) return account.zones[0];
  return account.zones.find(
    (zone) => (name === undefined || zone.name === name) && (id === undefined || zone.id === id),
  );
}

const internetGateway = define<InternetGatewayArgs>(Token.InternetGateway, {
  id: ({ seed }) => ec2Id("igw", seed),
  check: ({ inputs, account, existing }) => {
    const attached = account
      .all(Token.InternetGateway)
      .find(
        (other) => other !== existing && inputs.vpcId !== undefined && other.inputs.vpcId === inputs.vpcId,
      );
    return [
      ...vpcErrors(account, inputs.vpcId),
      ...new Refusals().when(
        attached !== undefined,
        () =>
          new AwsError(
            "Resource.AlreadyAssociated",
            `network ${inputs.vpcId} already has the gateway ${attached?.id}`,
          ),
      ).errors,
    ];
  },
  outputs: ({ account }, id) => ({
    arn: account.arn("ec2", `internet-gateway/${id}`),
    ownerId: account.accountId,
  }),
  checkDelete: (resource, account) => {
    const mapped = account
      .interfaces()
      .filter((entry) => entry.publicAddress && entry.vpcId === resource.inputs.vpcId);
    if (mapped.length === 0) return undefined;
    return new AwsError(
      "DependencyViolation",
      `Network ${resource.inputs.vpcId} has some mapped public address(es). Please unmap those before detaching the gateway: ${mapped.map((entry) => entry.description).join(", ")}`,
    );
  },
});

const eip = define<EipArgs>(Token.Eip, {
  id: ({ seed }) => ec2Id("eipalloc", seed),
  check: ({ inputs }) =>
    new Refusals().when(
      inputs.domain !== undefined && inputs.domain !== "vpc",
      () =>
        new AwsError(
          "InvalidParameterValue",
          `Value (${inputs.domain}) for parameter domain is invalid: vpc`,
        ),
    ).errors,
  outputs: ({ seed, account }, id) => {
    const publicIp = publicAddress(seed);
    return {
      allocationId: id,
      arn: account.arn("ec2", `elastic-ip/${id}`),
      domain: "vpc",
      publicIp,
      publicDns: `ec2-${publicIp.replaceAll(".", "-")}.${account.region}.compute.amazonaws.com`,
      networkBorderGroup: account.region,
    };
  },
  checkDelete: (resource, account) => {
    const nat = natOf(account, resource.id);
    return nat && new AwsError("InvalidIPAddress.InUse", `Address ${resource.id} is in use by ${nat.id}`);
  },
});

function natOf(account: AccountView, allocationId: unknown): SimulatedResource | undefined {
  return account.all(Token.NatGateway).find((nat) => nat.inputs.allocationId === allocationId);
}

const natGateway = define<NatGatewayArgs>(Token.NatGateway, {
  id: ({ seed }) => `nat-0${hex(16, "nat", seed)}`,
  check: ({ inputs, account, existing }) => {
    const { subnetId, allocationId, connectivityType = "public", availabilityMode = "zonal" } = inputs;
    const isPublic = connectivityType === "public" && availabilityMode === "zonal";
    const user = natOf(account, allocationId);
    const refusals = new Refusals()
      .when(
        isPublic && allocationId === undefined,
        () => new AwsError("MissingParameter", "The request must contain the parameter AllocationId"),
      )
      .when(
        allocationId !== undefined && !account.find(Token.Eip, allocationId),
        () =>
          new AwsError("InvalidAllocationID.NotFound", `The allocation ID '${allocationId}' does not exist`),
      )
      .when(
        allocationId !== undefined && user !== undefined && user !== existing,
        () =>
          new AwsError(
            "Resource.AlreadyAssociated",
            `${allocationId} is already associated with ${user?.id}`,
          ),
      )
      .when(
        subnetId === undefined && availabilityMode === "zonal",
        () => new AwsError("MissingParameter", "The request must contain the parameter SubnetId"),
      );
    if (subnetId !== undefined) {
      const placed = refusals.attempt(() => subnetOf(account, subnetId));
      const gateways = account.all(Token.InternetGateway);
      refusals.when(
        placed !== undefined &&
          isPublic &&
          !gateways.some((gateway) => gateway.inputs.vpcId === placed.vpcId),
        () =>
          new AwsError("Gateway.NotAttached", `Network ${placed?.vpcId} has no Internet gateway attached`),
      );
    }
    return refusals.errors;
  },
  outputs: ({ seed, inputs, account }, id) => ({
    connectivityType: inputs.connectivityType ?? "public",
    publicIp: account.find(Token.Eip, inputs.allocationId)?.outputs.publicIp,
    associationId: ec2Id("eipassoc", seed),
    networkInterfaceId: inputs.subnetId === undefined ? undefined : ec2Id("eni", id, inputs.subnetId),
  }),
});

/** VPCs, subnets and their ways out. Errors: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const network: ResourceType[] = [vpc, subnet, internetGateway, eip, natGateway];
