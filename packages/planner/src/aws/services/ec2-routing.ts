import type {
  FlowLogArgs,
  RouteArgs,
  RouteTableArgs,
  RouteTableAssociationArgs,
  VpcEndpointArgs,
} from "@pulumi/aws/ec2";
import { parseCidr } from "../../../../../components/common/cidr";
import { type AccountView, define, Refusals, type ResourceType } from "../definition";
import { ec2Id, hex } from "../ids";
import { Token } from "../tokens";
import { AwsError } from "../types";
import { subnetOf, vpcErrors } from "./ec2-network";
import { serviceRoleErrors } from "./iam-trust";

const routeTable = define<RouteTableArgs>(Token.RouteTable, {
  id: ({ seed }) => ec2Id("rtb", seed),
  check: ({ inputs, account }) => [
    ...vpcErrors(account, inputs.vpcId),
    ...(inputs.routes ?? []).flatMap((route) => [
      ...destinationErrors(route.cidrBlock),
      ...targetErrors(account, route),
    ]),
  ],
  outputs: ({ account }, id) => ({
    arn: account.arn("ec2", `route-table/${id}`),
    ownerId: account.accountId,
  }),
  checkDelete: (resource, account) => {
    const used = account
      .all(Token.RouteTableAssociation)
      .filter((other) => other.inputs.routeTableId === resource.id);
    if (used.length === 0) return undefined;
    return new AwsError(
      "DependencyViolation",
      `The routeTable '${resource.id}' has dependencies and cannot be deleted: ${used.map((other) => other.id).join(", ")}`,
    );
  },
});

/** A route table made by the program, or the main one of a VPC. */
function routeTableVpc(account: AccountView, id: unknown): string | undefined {
  const own = account.find(Token.RouteTable, id);
  const main = account.all(Token.Vpc).find((vpc) => vpc.outputs.mainRouteTableId === id);
  return own ? String(own.inputs.vpcId) : main?.id;
}

function routeTableErrors(account: AccountView, id: unknown): AwsError[] {
  if (routeTableVpc(account, id) !== undefined) return [];
  return [new AwsError("InvalidRouteTableID.NotFound", `The routeTable ID '${id}' does not exist`)];
}

function destinationErrors(cidr: string | undefined): AwsError[] {
  if (cidr === undefined || parseCidr(cidr)) return [];
  return [
    new AwsError("InvalidParameterValue", `Value (${cidr}) for parameter destinationCidrBlock is invalid`),
  ];
}

function targetErrors(
  account: AccountView,
  target: { gatewayId?: string; natGatewayId?: string },
): AwsError[] {
  const { gatewayId, natGatewayId } = target;
  return new Refusals()
    .when(
      gatewayId !== undefined && gatewayId !== "local" && !account.find(Token.InternetGateway, gatewayId),
      () =>
        new AwsError(
          "InvalidInternetGatewayID.NotFound",
          `The internetGateway ID '${gatewayId}' does not exist`,
        ),
    )
    .when(
      natGatewayId !== undefined && !account.find(Token.NatGateway, natGatewayId),
      () =>
        new AwsError("InvalidNatGatewayID.NotFound", `The natGateway ID '${natGatewayId}' does not exist`),
    ).errors;
}

const destinationOf = (inputs: {
  destinationCidrBlock?: string;
  destinationIpv6CidrBlock?: string;
  destinationPrefixListId?: string;
}) => inputs.destinationCidrBlock ?? inputs.destinationIpv6CidrBlock ?? inputs.destinationPrefixListId;

const route = define<RouteArgs>(Token.Route, {
  id: ({ inputs }) => `r-${inputs.routeTableId}${Number.parseInt(hex(8, destinationOf(inputs) ?? ""), 16)}`,
  check: ({ inputs, account, existing }) => {
    const destination = destinationOf(inputs);
    const targets = [
      inputs.gatewayId,
      inputs.natGatewayId,
      inputs.egressOnlyGatewayId,
      inputs.networkInterfaceId,
      inputs.transitGatewayId,
      inputs.vpcEndpointId,
      inputs.vpcPeeringConnectionId,
    ].filter((target) => target !== undefined);
    const same = account
      .all(Token.Route)
      .find(
        (other) =>
          other !== existing &&
          other.inputs.routeTableId === inputs.routeTableId &&
          destinationOf(other.inputs) === destination,
      );
    return [
      ...routeTableErrors(account, inputs.routeTableId),
      ...destinationErrors(inputs.destinationCidrBlock),
      ...targetErrors(account, inputs),
      ...new Refusals()
        .when(
          destination === undefined || targets.length !== 1,
          () =>
            new AwsError(
              "InvalidParameterCombination",
              "A route needs one destination and exactly one target",
            ),
        )
        .when(
          same !== undefined,
          () => new AwsError("RouteAlreadyExists", `The route identified by ${destination} already exists.`),
        ).errors,
    ];
  },
  outputs: () => ({ origin: "CreateRoute", state: "active" }),
});

const association = define<RouteTableAssociationArgs>(Token.RouteTableAssociation, {
  id: ({ seed }) => ec2Id("rtbassoc", seed),
  check: ({ inputs, account, existing }) => {
    const { subnetId, routeTableId } = inputs;
    const refusals = new Refusals().when(
      (subnetId === undefined) === (inputs.gatewayId === undefined),
      () => new AwsError("InvalidParameterCombination", "Give either subnetId or gatewayId"),
    );
    if (subnetId !== undefined) {
      const placed = refusals.attempt(() => subnetOf(account, subnetId));
      const vpcId = routeTableVpc(account, routeTableId);
      const other = account
        .all(Token.RouteTableAssociation)
        .find((known) => known !== existing && known.inputs.subnetId === subnetId);
      refusals
        .when(
          placed !== undefined && vpcId !== undefined && placed.vpcId !== vpcId,
          () =>
            new AwsError(
              "InvalidParameterValue",
              `Route table ${routeTableId} and subnet ${subnetId} belong to different networks`,
            ),
        )
        .when(
          other !== undefined,
          () =>
            new AwsError(
              "Resource.AlreadyAssociated",
              `The specified association for subnet ${subnetId} conflicts with ${other?.id}`,
            ),
        );
    }
    return [...routeTableErrors(account, routeTableId), ...refusals.errors];
  },
});

const vpcEndpoint = define<VpcEndpointArgs>(Token.VpcEndpoint, {
  id: ({ seed }) => ec2Id("vpce", seed),
  check: ({ inputs, account }) => {
    const type = inputs.vpcEndpointType ?? "Gateway";
    const service = inputs.serviceName ?? "";
    const refusals = new Refusals()
      .when(
        !/^(com|cn|aws)\./.test(service) || !service.includes(`.${account.region}.`),
        () => new AwsError("InvalidServiceName", `The Vpc Endpoint Service '${service}' does not exist`),
      )
      .when(
        type === "Gateway" && !/\.(s3|dynamodb)$/.test(service),
        () =>
          new AwsError(
            "InvalidParameter",
            `Endpoint type (Gateway) does not match available service types of ${service}`,
          ),
      )
      .when(
        type === "Gateway" && (inputs.subnetIds ?? []).length > 0,
        () => new AwsError("InvalidParameter", "Subnets cannot be specified for endpoints of type Gateway"),
      )
      .when(
        type === "Interface" && (inputs.routeTableIds ?? []).length > 0,
        () =>
          new AwsError(
            "InvalidParameter",
            "Route tables cannot be specified for endpoints of type Interface",
          ),
      );
    for (const id of inputs.subnetIds ?? []) refusals.attempt(() => subnetOf(account, id));
    return [
      ...vpcErrors(account, inputs.vpcId),
      ...refusals.errors,
      ...(inputs.routeTableIds ?? []).flatMap((id) => routeTableErrors(account, id)),
    ];
  },
  outputs: ({ seed, inputs, account }, id) => ({
    arn: account.arn("ec2", `vpc-endpoint/${id}`),
    ownerId: account.accountId,
    vpcEndpointType: inputs.vpcEndpointType ?? "Gateway",
    prefixListId: ec2Id("pl", inputs.serviceName ?? ""),
    state: "available",
    requesterManaged: false,
    networkInterfaceIds: (inputs.subnetIds ?? []).map((subnet) => ec2Id("eni", id, subnet)),
    dnsEntries:
      inputs.vpcEndpointType === "Interface" ? [{ dnsName: `${id}-${hex(8, seed)}.vpce.amazonaws.com` }] : [],
  }),
});

const flowLog = define<FlowLogArgs>(Token.FlowLog, {
  id: ({ seed }) => ec2Id("fl", seed),
  check: ({ inputs, account }) => {
    const { maxAggregationInterval = 600, logDestinationType = "cloud-watch-logs" } = inputs;
    const sources = [inputs.vpcId, inputs.subnetId, inputs.eniId, inputs.transitGatewayId].filter(Boolean);
    return [
      ...vpcErrors(account, inputs.vpcId),
      ...new Refusals()
        .when(
          ![60, 600].includes(maxAggregationInterval),
          () =>
            new AwsError(
              "InvalidParameter",
              `maxAggregationInterval ${maxAggregationInterval} must be 60 or 600`,
            ),
        )
        .when(
          sources.length !== 1,
          () => new AwsError("InvalidParameter", "A flow log has exactly one source"),
        )
        .when(
          logDestinationType === "cloud-watch-logs" && inputs.iamRoleArn === undefined,
          () => new AwsError("MissingParameter", "DeliverLogsPermissionArn is needed for CloudWatch Logs"),
        )
        .when(
          logDestinationType === "cloud-watch-logs" &&
            !account.all(Token.LogGroup).some((group) => group.outputs.arn === inputs.logDestination),
          () => new AwsError("InvalidParameter", `The log group ${inputs.logDestination} does not exist`),
        ).errors,
      ...(inputs.iamRoleArn
        ? serviceRoleErrors(
            account,
            inputs.iamRoleArn,
            "vpc-flow-logs.amazonaws.com",
            ["sts:AssumeRole"],
            "InvalidParameter",
          )
        : []),
    ];
  },
  outputs: ({ account }, id) => ({ arn: account.arn("ec2", `vpc-flow-log/${id}`) }),
});

/** Route tables, endpoints, flow logs. Errors: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const routing: ResourceType[] = [routeTable, route, association, vpcEndpoint, flowLog];
