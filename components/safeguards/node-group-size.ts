import { getAmiIds, getGroup } from "@pulumi/aws/autoscaling";
import type * as pulumi from "@pulumi/pulumi";

/** Bounds and number of nodes of a group. */
export interface GroupSize {
  minSize: number;
  maxSize: number;
  desiredSize: number;
}

/**
 * The number of nodes to send with new bounds.
 *
 * @param live what AWS has now; undefined while there is no group
 * @returns undefined when the bounds are as they should be: then nothing is sent
 */
export function sizeToSend(
  bounds: { minSize: number; maxSize: number },
  live?: GroupSize,
): number | undefined {
  if (!live || (live.minSize === bounds.minSize && live.maxSize === bounds.maxSize)) return undefined;
  return Math.min(bounds.maxSize, Math.max(bounds.minSize, live.desiredSize));
}

export const nodeGroupType = "aws:eks/nodeGroup:NodeGroup";
const desired = "scalingConfig.desiredSize";

/**
 * AWS takes the bounds of a node group and its number of nodes together. The number belongs to the autoscaler, so groups
 * ignore it, and Pulumi sends the one that it last knew: raising the ceiling would stop nodes that serve. Here the
 * number that is there now goes with the new bounds.
 */
export async function keepNodes(
  args: pulumi.ResourceTransformArgs,
): Promise<pulumi.ResourceTransformResult | undefined> {
  const { clusterName, scalingConfig, region } = args.props;
  const { ignoreChanges: ignored = [], provider } = args.opts as pulumi.CustomResourceOptions;
  if (!ignored.includes(desired) || typeof clusterName !== "string") return undefined;
  const size = sizeToSend(scalingConfig, await liveSize(clusterName, args.name, region, { provider }));
  if (size === undefined) return undefined;
  return {
    props: { ...args.props, scalingConfig: { ...scalingConfig, desiredSize: size } },
    opts: { ...args.opts, ignoreChanges: ignored.filter((path) => path !== desired) },
  };
}

/** The size of the auto scaling group behind a node group that Pulumi named after `name`. */
async function liveSize(
  clusterName: string,
  name: string,
  region: string | undefined,
  opts: pulumi.InvokeOptions,
): Promise<GroupSize | undefined> {
  const filters = [{ name: "tag:eks:cluster-name", values: [clusterName] }];
  const { names } = await getAmiIds({ filters, region }, opts);
  // EKS names them `eks-<node group>-<uuid>`; Pulumi adds seven digits to the name of the node group.
  const ours = names.filter(
    (group) => group.startsWith(`eks-${name}-`) && /^[0-9a-f]{7}-/.test(group.slice(`eks-${name}-`.length)),
  );
  const groups = await Promise.all(ours.map((group) => getGroup({ name: group, region }, opts)));
  // Two while one replaces the other: the number of the larger one stops no node of either.
  const [largest] = groups.sort((a, b) => b.desiredCapacity - a.desiredCapacity);
  return (
    largest && { minSize: largest.minSize, maxSize: largest.maxSize, desiredSize: largest.desiredCapacity }
  );
}
