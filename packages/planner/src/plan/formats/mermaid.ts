import type { Plan, PlannedResource } from "../types";
import { typeName } from "./tree";

/** The components of a stack and what waits for what, as a Mermaid flow chart. */
export function mermaidPlan(plan: Plan): string {
  const stack = plan.resources.find((resource) => resource.type === "pulumi:pulumi:Stack");
  const components = plan.resources.filter((resource) => !resource.custom && resource.parent === stack?.urn);
  const ids = new Map(components.map((component, at) => [component.urn, `c${at}`]));
  const owner = ownersOf(plan.resources, new Set(ids.keys()));

  const edges = new Map<string, Set<string>>(components.map((component) => [component.urn, new Set()]));
  for (const resource of plan.resources) {
    const from = owner.get(resource.urn);
    // What is created through a provider waits for what the provider is made of.
    for (const dependency of [...resource.dependencies, resource.provider ?? ""]) {
      const to = owner.get(dependency);
      if (from && to && from !== to) edges.get(from)?.add(to);
    }
  }
  const clusterSide = new Set(
    components.filter((component) => isInCluster(component, plan.resources)).map(({ urn }) => urn),
  );
  const node = (component: PlannedResource) => {
    const held = plan.resources.filter(
      (resource) => resource.custom && owner.get(resource.urn) === component.urn,
    ).length;
    const text = `${component.name}<br/>${typeName(component.type)}, ${held} ${held === 1 ? "resource" : "resources"}`;
    return `    ${ids.get(component.urn)}["${text.replaceAll('"', "#quot;")}"]`;
  };
  const group = (title: string, members: PlannedResource[]) =>
    members.length > 0 ? [`  subgraph ${title}`, ...members.map(node), "  end"] : [];
  return [
    "flowchart TB",
    ...group(
      "AWS",
      components.filter((component) => !clusterSide.has(component.urn)),
    ),
    ...group(
      "Kubernetes",
      components.filter((component) => clusterSide.has(component.urn)),
    ),
    ...components.flatMap((component) =>
      direct(component.urn, edges).map((to) => `  ${ids.get(component.urn)} --> ${ids.get(to)}`),
    ),
    "",
  ].join("\n");
}

/** True for a component whose own resources, not those of parts of it, are all Kubernetes'. */
function isInCluster(component: PlannedResource, resources: PlannedResource[]): boolean {
  const own = resources.filter((resource) => resource.custom && resource.parent === component.urn);
  return own.length > 0 && !own.some((resource) => resource.type.startsWith("aws:"));
}

/** The component of the first level that each resource is in. */
function ownersOf(resources: PlannedResource[], components: Set<string>): Map<string, string> {
  const owner = new Map<string, string>();
  // Parents are registered before their children.
  for (const resource of resources) {
    if (components.has(resource.urn)) owner.set(resource.urn, resource.urn);
    const above = resource.parent === undefined ? undefined : owner.get(resource.parent);
    if (above) owner.set(resource.urn, above);
  }
  return owner;
}

/** Dependencies that no other dependency already implies: the picture stays readable. */
function direct(from: string, edges: Map<string, Set<string>>): string[] {
  const targets = [...(edges.get(from) ?? [])];
  return targets.filter(
    (target) => !targets.some((other) => other !== target && reaches(other, target, edges)),
  );
}

function reaches(
  from: string,
  to: string,
  edges: Map<string, Set<string>>,
  seen = new Set<string>(),
): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  return [...(edges.get(from) ?? [])].some((next) => next === to || reaches(next, to, edges, seen));
}
