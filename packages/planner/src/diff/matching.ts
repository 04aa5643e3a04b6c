import type { Plan, PlannedResource } from "../plan/types";

/** A resource in both plans; one of the two is absent for what comes or goes. */
export interface Pair {
  before?: PlannedResource;
  after?: PlannedResource;
  /** The URN before, when it was another one. */
  movedFrom?: string;
}

/** Which resource of the head is which of the base: by URN, then by aliases, as the engine does. */
export function matchResources(base: Plan | undefined, head: Plan): Pair[] {
  const known = new Map((base?.resources ?? []).map((resource) => [resource.urn, resource]));
  const claimed = new Set(head.resources.map((resource) => resource.urn).filter((urn) => known.has(urn)));
  const aliases = new AliasBook(head.resources);
  const pairs = head.resources.map((after): Pair => {
    const same = known.get(after.urn);
    if (same) return { before: same, after };
    const old = aliases.of(after).find((urn) => known.has(urn) && !claimed.has(urn));
    if (old === undefined) return { after };
    claimed.add(old);
    return { before: known.get(old), after, movedFrom: old };
  });
  const gone = (base?.resources ?? []).filter((resource) => !claimed.has(resource.urn));
  return [...pairs, ...gone.map((before) => ({ before }))];
}

/** What a program writes as an alias, as the SDK sends it. */
interface AliasSpec {
  name?: string;
  type?: string;
  stack?: string;
  project?: string;
  parenturn?: string;
  noparent?: boolean;
}

interface UrnParts {
  stack: string;
  project: string;
  /** Types of the parents and its own, `$` between them. */
  qualified: string;
  name: string;
}

function urnParts(urn: string): UrnParts {
  const [stack = "", project = "", qualified = "", ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
  return { stack, project, qualified, name: name.join("::") };
}

function urnOf({ stack, project, qualified, name }: UrnParts): string {
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

/** The type that a child's URN has, given its parent's URN. */
function qualify(parent: string | undefined, type: string): string {
  const parentType = parent ? urnParts(parent).qualified : "";
  return parentType === "" || parentType === "pulumi:pulumi:Stack" ? type : `${parentType}$${type}`;
}

/**
 * All the URNs under which resources may have been known: the engine's rules (pulumi/pulumi,
 * pkg/resource/deploy/step_generator.go, `generateAliases` and `inheritedChildAlias`).
 */
class AliasBook {
  private readonly byUrn: Map<string, PlannedResource>;
  private readonly found = new Map<string, string[]>();

  constructor(resources: PlannedResource[]) {
    this.byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  }

  of(resource: PlannedResource): string[] {
    const known = this.found.get(resource.urn);
    if (known) return known;
    // A parent comes before its children, so this ends; set first in case a plan is not a tree.
    this.found.set(resource.urn, []);
    const own = (resource.options.aliases ?? []).map((alias) => aliasUrn(resource, alias));
    const parent = this.byUrn.get(resource.parent ?? "");
    const inherited = (parent ? this.of(parent) : []).flatMap((parentAlias) =>
      [resource.urn, ...own].map((urn) => childAlias(urn, resource, parent?.name ?? "", parentAlias)),
    );
    const all = [...new Set([...own, ...inherited])];
    this.found.set(resource.urn, all);
    return all;
  }
}

function aliasUrn(resource: PlannedResource, alias: string): string {
  const { urn, spec = {} } = JSON.parse(alias) as { urn?: string; spec?: AliasSpec };
  if (urn) return urn;
  const { stack, project } = urnParts(resource.urn);
  const parent = spec.noparent ? undefined : spec.parenturn || resource.parent;
  return urnOf({
    stack: spec.stack || stack,
    project: spec.project || project,
    qualified: qualify(parent, spec.type || resource.type),
    name: spec.name || resource.name,
  });
}

/** The URN of a child under its parent's old one. A name that starts with the parent's follows it. */
function childAlias(urn: string, child: PlannedResource, parentName: string, parentAlias: string): string {
  const own = urnParts(urn);
  const old = urnParts(parentAlias);
  const name =
    child.name.startsWith(parentName) && own.name.startsWith(parentName)
      ? old.name + own.name.slice(parentName.length)
      : own.name;
  const type = own.qualified.split("$").at(-1) ?? child.type;
  return urnOf({ ...old, qualified: qualify(parentAlias, type), name });
}
