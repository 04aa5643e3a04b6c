import type { Properties } from "../../program/monitor";
import { hoursPerMonth } from "../money";
import type { PlannedObject } from "../objects";
import { type NodeGroupInputs, nodeGroupsOf } from "../pools";
import {
  type Cost,
  CostBasis,
  type CostLine,
  type Placement,
  type PlannedRelease,
  type PlannedResource,
  type Range,
} from "../types";
import { type LoadBalancer, loadBalancersOf } from "./load-balancers";
import { instancePrice, type Price, PricedItem, priceOf, standardSupportEnds } from "./prices";
import { volumesOf } from "./volumes";

/** What an estimate is made from. */
export interface EstimateInput {
  region: string;
  resources: PlannedResource[];
  releases: PlannedRelease[];
  objects: PlannedObject[];
  placement: Placement;
  /** The day for which support periods count, `YYYY-MM-DD`. */
  today: string;
}

/** What a stack costs at the floor and at the ceiling of its autoscaling. */
export function estimate(input: EstimateInput): Cost {
  const count = (type: string) => input.resources.filter((resource) => resource.type === type).length;
  const nats = count("aws:ec2/natGateway:NatGateway");
  const balancers = loadBalancersOf(input.objects, input.resources);
  const logGroups = count("aws:cloudwatch/logGroup:LogGroup");
  const storage = volumesOf(input.objects, input.placement, input.resources, input.releases).gibibytes;
  const { region } = input;
  return total(region, [
    ...controlPlanes(input),
    ...nodeGroupsOf(input.resources).flatMap((group) => nodeLines(group, input)),
    ...priced(PricedItem.NatHour, fixed(nats), region),
    ...usage(PricedItem.NatGigabyte, nats, region),
    ...priced(PricedItem.PublicAddress, fixed(count("aws:ec2/eip:Eip") + publicAddresses(balancers)), region),
    ...priced(PricedItem.AlbHour, fixed(balancers.length), region),
    ...usage(PricedItem.AlbCapacity, balancers.length, region),
    ...priced(PricedItem.Gp3, storage, region, "persistent volumes"),
    ...priced(PricedItem.KmsKey, fixed(count("aws:kms/key:Key")), region),
    ...usage(PricedItem.LogsGigabyte, logGroups, region),
  ]);
}

/** Adds up lines. Lines without a price count nothing and are named. */
export function total(region: string, lines: CostLine[]): Cost {
  const hourly = { floor: 0, ceiling: 0 };
  for (const line of lines) {
    hourly.floor += line.hourly?.floor ?? 0;
    hourly.ceiling += line.hourly?.ceiling ?? 0;
  }
  const dates = lines.flatMap((line) => /\d{4}-\d\d-\d\d/.exec(line.source) ?? []);
  return {
    region,
    pricesAsOf: dates.sort()[0] ?? "",
    hourly,
    monthly: { floor: hourly.floor * hoursPerMonth, ceiling: hourly.ceiling * hoursPerMonth },
    lines,
    unknown: lines.filter((line) => line.basis === CostBasis.Unknown).map((line) => line.item),
  };
}

function fixed(quantity: number): Range {
  return { floor: quantity, ceiling: quantity };
}

const hoursPer: Record<string, number> = { hour: 1, month: hoursPerMonth, "GB-month": hoursPerMonth };
const units: Record<string, string> = { hour: "", month: "", "GB-month": "GiB" };

function priced(item: PricedItem, quantity: Range, region: string, of?: string): CostLine[] {
  if (quantity.ceiling === 0) return [];
  const price = priceOf(item, region);
  const name = of ? `${item}, ${of}` : item;
  if (!price) return [unknownLine(name, quantity, item === PricedItem.Gp3 ? "GiB" : "", region)];
  const each = price.usd / (hoursPer[price.per] ?? 1);
  return [
    {
      item: name,
      basis: CostBasis.Hourly,
      quantity,
      unit: units[price.per] ?? "",
      hourly: { floor: quantity.floor * each, ceiling: quantity.ceiling * each },
      source: cite(price),
    },
  ];
}

function cite(price: Price): string {
  return `${price.source}, ${price.asOf}`;
}

function unknownLine(item: string, quantity: Range, unit: string, region: string): CostLine {
  return {
    item,
    basis: CostBasis.Unknown,
    quantity,
    unit,
    source: `no price for ${region} in packages/planner/src/plan/cost/prices.ts`,
  };
}

/** A price that only traffic turns into an amount. */
function usage(item: PricedItem, count: number, region: string): CostLine[] {
  if (count === 0) return [];
  const price = priceOf(item, region);
  const unit = price ? `$${price.usd} per ${price.per}` : "price unknown";
  const source = price ? cite(price) : `no price for ${region} in packages/planner/src/plan/cost/prices.ts`;
  return [{ item, basis: CostBasis.Usage, quantity: fixed(0), unit, source }];
}

function controlPlanes({ resources, region, today }: EstimateInput): CostLine[] {
  return resources
    .filter((resource) => resource.type === "aws:eks/cluster:Cluster")
    .flatMap((cluster) => {
      const { version, upgradePolicy } = cluster.inputs as {
        version?: string;
        upgradePolicy?: { supportType?: string };
      };
      const ended = (standardSupportEnds[version ?? ""] ?? "9999") < today;
      // Under STANDARD the control plane is upgraded at the end of support instead of being charged for it.
      const extended = ended && upgradePolicy?.supportType !== "STANDARD";
      return priced(extended ? PricedItem.EksExtended : PricedItem.EksStandard, fixed(1), region);
    });
}

function nodeLines(group: PlannedResource, input: EstimateInput): CostLine[] {
  const inputs = group.inputs as NodeGroupInputs;
  const type = inputs.instanceTypes?.[0] ?? "unknown";
  const pool = input.placement.pools.find((candidate) =>
    samePool(candidate.labels, inputs, candidate.instanceTypes),
  );
  const { needed } = input.placement;
  const own = {
    floor: inputs.scalingConfig?.minSize ?? 1,
    ceiling: inputs.scalingConfig?.maxSize ?? 1,
  };
  const quantity = (pool && Object.hasOwn(needed, pool.name) && needed[pool.name]) || own;
  const item = `nodes ${type} (${pool?.name ?? group.name})`;
  const price = instancePrice(type, input.region, inputs.capacityType === "SPOT");
  const nodes: CostLine = price
    ? {
        item,
        basis: CostBasis.Hourly,
        quantity,
        unit: "nodes",
        hourly: { floor: quantity.floor * price.low, ceiling: quantity.ceiling * price.high },
        source: `${price.source}, ${price.asOf}`,
      }
    : unknownLine(item, quantity, "nodes", input.region);
  const disk = diskGiB(group, input.resources);
  const size = { floor: quantity.floor * disk, ceiling: quantity.ceiling * disk };
  return [nodes, ...priced(PricedItem.Gp3, size, input.region, `disks of ${pool?.name ?? group.name}`)];
}

function samePool(labels: Record<string, string>, inputs: NodeGroupInputs, types: string[]): boolean {
  const own = Object.entries(inputs.labels ?? {}).every(([key, value]) => labels[key] === value);
  return own && JSON.stringify(types) === JSON.stringify(inputs.instanceTypes ?? []);
}

/** Root and data volumes of one node: of its launch template, or what EKS gives by default. */
function diskGiB(group: PlannedResource, resources: PlannedResource[]): number {
  const template = resources.find(
    (resource) =>
      resource.type === "aws:ec2/launchTemplate:LaunchTemplate" && group.dependencies.includes(resource.urn),
  );
  const mappings = (template?.inputs.blockDeviceMappings ?? []) as { ebs?: { volumeSize?: number } }[];
  const sizes = mappings.map((mapping) => mapping.ebs?.volumeSize ?? 0);
  if (sizes.some((size) => size > 0)) return sizes.reduce((a, b) => a + b, 0);
  return Number((group.inputs as Properties).diskSize ?? 20);
}

/** An internet-facing load balancer has an address in every subnet it is in. */
function publicAddresses(balancers: LoadBalancer[]): number {
  return balancers.reduce((sum, balancer) => sum + (balancer.internetFacing ? balancer.subnets : 0), 0);
}
