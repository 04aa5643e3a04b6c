import { entryOf } from "../../../../components/common/lookup";
import { regions as eksRegions } from "../../../../components/common/regions";

/** An availability zone: the name is the account's, the id is the building's. */
export interface Zone {
  name: string;
  id: string;
}

/**
 * Zone letters and the prefix of zone ids per region. Which letter is which id differs between accounts; this
 * account maps them in order, except in us-east-1, where the zone that EKS cannot use is `e`, as in most accounts.
 * Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
 */
const regions: Record<string, { prefix: string; letters: string; numbers?: number[] }> = {
  "af-south-1": { prefix: "afs1", letters: "abc" },
  "ap-northeast-1": { prefix: "apne1", letters: "acd", numbers: [4, 1, 2] },
  "ap-northeast-2": { prefix: "apne2", letters: "abcd" },
  "ap-northeast-3": { prefix: "apne3", letters: "abc" },
  "ap-south-1": { prefix: "aps1", letters: "abc" },
  "ap-southeast-1": { prefix: "apse1", letters: "abc" },
  "ap-southeast-2": { prefix: "apse2", letters: "abc" },
  "ca-central-1": { prefix: "cac1", letters: "abd", numbers: [1, 2, 4] },
  "eu-central-1": { prefix: "euc1", letters: "abc" },
  "eu-north-1": { prefix: "eun1", letters: "abc" },
  "eu-south-1": { prefix: "eus1", letters: "abc" },
  "eu-south-2": { prefix: "eus2", letters: "abc" },
  "eu-west-1": { prefix: "euw1", letters: "abc" },
  "eu-west-2": { prefix: "euw2", letters: "abc" },
  "eu-west-3": { prefix: "euw3", letters: "abc" },
  "il-central-1": { prefix: "ilc1", letters: "abc" },
  "me-central-1": { prefix: "mec1", letters: "abc" },
  "sa-east-1": { prefix: "sae1", letters: "abc" },
  "us-east-1": { prefix: "use1", letters: "abcdef", numbers: [1, 2, 4, 6, 3, 5] },
  "us-east-2": { prefix: "use2", letters: "abc" },
  "us-gov-east-1": { prefix: "usge1", letters: "abc" },
  "us-gov-west-1": { prefix: "usgw1", letters: "abc" },
  "us-west-1": { prefix: "usw1", letters: "ac", numbers: [1, 3] },
  "us-west-2": { prefix: "usw2", letters: "abcd" },
  "cn-north-1": { prefix: "cnn1", letters: "abd", numbers: [1, 2, 4] },
  "cn-northwest-1": { prefix: "cnnw1", letters: "abc" },
};

/** A region that the table above does not have: three zones, as nearly all regions, and ids as AWS forms them. */
function unlisted(region: string): { prefix: string; letters: string; numbers?: number[] } | undefined {
  if (!eksRegions.includes(region)) return undefined;
  const [area = "", ...rest] = region.split("-");
  const direction = rest
    .slice(0, -1)
    .join("")
    .replace(/(north|south|east|west|central)/g, (word) => word[0] ?? "");
  return { prefix: `${area}${direction}${rest.at(-1)}`, letters: "abc" };
}

/** The zones of a region; empty when the region is not known. */
export function zonesOf(region: string): Zone[] {
  const known = entryOf(regions, region) ?? unlisted(region);
  if (!known) return [];
  return [...known.letters].map((letter, i) => ({
    name: `${region}${letter}`,
    id: `${known.prefix}-az${known.numbers?.[i] ?? i + 1}`,
  }));
}

/** `aws`, `aws-cn` or `aws-us-gov`. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/**
 * Zones in which EKS cannot place a control plane.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html ("Subnet requirements for clusters").
 */
export const zonesWithoutEks = ["use1-az3", "usw1-az2", "cac1-az3"];
