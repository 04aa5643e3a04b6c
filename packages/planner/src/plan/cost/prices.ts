import { findInstanceType, instancePrices } from "../../../../../components/gpu/instances";

/** A price of AWS, in US dollars without taxes. */
export interface Price {
  /** What is priced; the key of the table. */
  item: PricedItem;
  usd: number;
  /** `hour`, `month`, `GB-month`, `GB` or `LCU-hour`. */
  per: string;
  /** Regions where it holds; `*` where AWS has one price everywhere. */
  regions: string[];
  /** Where the figure is from. */
  source: string;
  /** Date of the report that the figure was taken from, `YYYY-MM-DD`. */
  asOf: string;
}

/** What the table has prices for, beside instances. */
export const PricedItem = {
  EksStandard: "EKS control plane",
  EksExtended: "EKS control plane, extended support",
  NatHour: "NAT gateway",
  NatGigabyte: "NAT gateway, data",
  PublicAddress: "public IPv4 address",
  AlbHour: "application load balancer",
  AlbCapacity: "application load balancer, capacity units",
  Gp3: "gp3 volume",
  KmsKey: "KMS key",
  LogsGigabyte: "CloudWatch logs, ingestion",
} as const;
export type PricedItem = (typeof PricedItem)[keyof typeof PricedItem];

const usEast = ["us-east-1", "us-east-2"];
const virginia = ["us-east-1"];
const everywhere = ["*"];

/**
 * Prices of what a stack can contain. A region that is not listed has no price here: it is shown as unknown. The
 * source is the page of AWS that states the price; the figures were taken from published reports of it (November 2026),
 * and the date is that of the report.
 */
export const prices: Price[] = [
  {
    item: PricedItem.EksStandard,
    usd: 0.1,
    per: "hour",
    regions: everywhere,
    source: "aws.amazon.com/eks/pricing",
    asOf: "2026-06-13",
  },
  {
    item: PricedItem.EksExtended,
    usd: 0.6,
    per: "hour",
    regions: everywhere,
    source: "aws.amazon.com/eks/pricing",
    asOf: "2026-06-13",
  },
  {
    item: PricedItem.NatHour,
    usd: 0.045,
    per: "hour",
    regions: usEast,
    source: "aws.amazon.com/vpc/pricing",
    asOf: "2026-02-24",
  },
  {
    item: PricedItem.NatGigabyte,
    usd: 0.045,
    per: "GB",
    regions: usEast,
    source: "aws.amazon.com/vpc/pricing",
    asOf: "2026-02-24",
  },
  {
    item: PricedItem.PublicAddress,
    usd: 0.005,
    per: "hour",
    regions: everywhere,
    source: "aws.amazon.com/vpc/pricing",
    asOf: "2026-02-24",
  },
  {
    item: PricedItem.AlbHour,
    usd: 0.0225,
    per: "hour",
    regions: virginia,
    source: "aws.amazon.com/elasticloadbalancing/pricing",
    asOf: "2026-05-08",
  },
  {
    item: PricedItem.AlbCapacity,
    usd: 0.008,
    per: "LCU-hour",
    regions: virginia,
    source: "aws.amazon.com/elasticloadbalancing/pricing",
    asOf: "2026-05-08",
  },
  {
    item: PricedItem.Gp3,
    usd: 0.08,
    per: "GB-month",
    regions: virginia,
    // As known when the table was made; no dated report was found for it.
    source: "aws.amazon.com/ebs/pricing",
    asOf: "2026-11-22",
  },
  {
    item: PricedItem.KmsKey,
    usd: 1,
    per: "month",
    regions: everywhere,
    source: "aws.amazon.com/kms/pricing",
    asOf: "2026-03-14",
  },
  {
    item: PricedItem.LogsGigabyte,
    usd: 0.5,
    per: "GB",
    regions: virginia,
    source: "aws.amazon.com/cloudwatch/pricing",
    asOf: "2026-06-01",
  },
];

/** The price of an item in a region; undefined when the table has none. */
export function priceOf(item: PricedItem, region: string): Price | undefined {
  return prices.find(
    (row) => row.item === item && (row.regions.includes(region) || row.regions.includes("*")),
  );
}

/** An instance's price per hour as a range: one figure on demand, the documented band for spot. */
export interface InstancePrice {
  low: number;
  high: number;
  source: string;
  asOf: string;
}

/**
 * Spot prices move by the minute. What AWS documents are their bounds: discounts of up to 90 %, and never more than
 * the on-demand price unless one asks for it (EC2 user guide, "Spot Instances").
 */
export const spotBand = { low: 0.1, high: 1 };

/** Price of an instance type in a region; undefined when it is not known. */
export function instancePrice(type: string, region: string, spot: boolean): InstancePrice | undefined {
  const instance = findInstanceType(type);
  if (!instance || region !== instancePrices.region) return undefined;
  const onDemand = instance.onDemandUsdPerHour;
  const source = "EC2 on-demand price list";
  const { asOf } = instancePrices;
  if (!spot) return { low: onDemand, high: onDemand, source, asOf };
  return {
    low: onDemand * spotBand.low,
    high: onDemand * spotBand.high,
    source: `spot: 10-100 % of the ${source}`,
    asOf,
  };
}

/** Last day of standard support by Kubernetes version (docs.aws.amazon.com/eks, Kubernetes versions, November 2026). */
export const standardSupportEnds: Record<string, string> = {
  "1.31": "2025-11-26",
  "1.32": "2026-03-23",
  "1.33": "2026-07-29",
  "1.34": "2026-12-02",
  "1.35": "2027-03-27",
  "1.36": "2027-08-02",
};
