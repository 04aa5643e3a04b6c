import type { Plan, PlannedResource } from "../types";

/** A component with what it holds. */
export interface TreeNode {
  name: string;
  /** Class of the component: `Network`. Empty for the stack itself. */
  type: string;
  /** Cloud and Kubernetes resources directly in it, by kind, sorted. */
  counts: [string, number][];
  /** Resources in it and below, without components. */
  total: number;
  children: TreeNode[];
}

/** Last part of a type token: `NodeGroup` of `aws:eks/nodeGroup:NodeGroup`. */
export function typeName(type: string): string {
  return type.split(":").at(-1) ?? type;
}

/** The components of a plan as they hold each other, in the order in which the program makes them. */
export function componentTree(plan: Plan): TreeNode {
  const children = new Map<string | undefined, PlannedResource[]>();
  for (const resource of plan.resources) {
    const siblings = children.get(resource.parent) ?? [];
    siblings.push(resource);
    children.set(resource.parent, siblings);
  }
  const build = (urn: string | undefined, name: string, type: string): TreeNode => {
    const below = children.get(urn) ?? [];
    // A custom resource can be a parent too; what it holds is counted with it.
    const flat = (resource: PlannedResource): PlannedResource[] =>
      resource.custom ? [resource, ...(children.get(resource.urn) ?? []).flatMap(flat)] : [];
    const own = below.flatMap(flat);
    const counts = new Map<string, number>();
    for (const resource of own) {
      const kind = resource.type.startsWith("pulumi:providers:") ? "Provider" : typeName(resource.type);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const nested = below
      .filter((resource) => !resource.custom)
      .map((resource) => build(resource.urn, resource.name, typeName(resource.type)));
    return {
      name,
      type,
      counts: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)),
      total: own.length + nested.reduce((sum, node) => sum + node.total, 0),
      children: nested,
    };
  };
  const stack = plan.resources.find((resource) => resource.type === "pulumi:pulumi:Stack");
  return build(stack?.urn, plan.stack, "");
}

/** `3 Subnet, Vpc`. */
export function describeCounts(counts: [string, number][]): string {
  return counts.map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`)).join(", ");
}
