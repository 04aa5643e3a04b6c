/**
 * Tag of everything in AWS that belongs to a cluster; its value is the cluster's name, whole. Roles that deploy a stack are
 * limited by it: a `Name` only begins with the cluster's name, as that of `prod-eu` does with `prod`.
 */
export const clusterTag = "inference-platform/cluster";

/**
 * The tags of a resource of a cluster; `name` is what the console shows.
 *
 * @example
 * ```ts
 * clusterTags("platform-prod"); // → { "inference-platform/cluster": "platform-prod", Name: "platform-prod" }
 * ```
 */
export function clusterTags(clusterName: string, name = clusterName): Record<string, string> {
  return { Name: name, [clusterTag]: clusterName };
}
