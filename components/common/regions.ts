import { nearest } from "./nearest";
import type { Problem } from "./problem";

/** Regions in which EKS is. Source: botocore 1.44.8, endpoints.json (November 2026); those for secret networks left out. */
export const regions = [
  ..."af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2".split(
    " ",
  ),
  ..."ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6".split(" "),
  ..."ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2".split(
    " ",
  ),
  ..."eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1".split(" "),
  ..."us-east-1 us-east-2 us-west-1 us-west-2".split(" "),
  ..."cn-north-1 cn-northwest-1 eusc-de-east-1 us-gov-east-1 us-gov-west-1".split(" "),
];

/** What is wrong with the name of a region, at `path`. */
export function regionProblems(path: string, region: string): Problem[] {
  if (regions.includes(region)) return [];
  const meant = regions.find((known) => region === `${known}${region.at(-1)}`) ?? nearest(region, regions);
  const fix = meant ? `Did you mean ${meant}?` : `There are ${regions.join(", ")}.`;
  return [{ path, value: region, message: "must be an AWS region with EKS, such as us-east-1", fix }];
}
