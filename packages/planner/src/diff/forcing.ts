import { replacementRules, unordered } from "../aws/replacements";
import type { ReplacementRule } from "../aws/types";
import type { Plan, PlannedResource } from "../plan/types";
import type { Properties } from "../program/monitor";
import { kubernetesKind, replacingFields } from "./kubernetes";
import type { Segment, ValueChange } from "./types";
import { isObject } from "./values";

/** The source that says that a change at `path` replaces the resource; undefined when it is updated in place. */
export type Forcing = (resource: PlannedResource, path: Segment[], before?: Properties) => string | undefined;

/** The rules for the resources of `plan`, whose providers' settings count. */
export function forcingOf(plan: Plan): Forcing {
  const providers = new Map(plan.resources.map((resource) => [resource.urn, resource]));
  return (resource, path, before) => {
    const settings = providers.get(resource.provider ?? "")?.inputs ?? {};
    const rule = rulesFor(resource, settings).find(
      (candidate) =>
        matches(candidate.path, path) &&
        (candidate.when === undefined ||
          (before !== undefined &&
            candidate.when(valueAt(before, candidate.path), valueAt(resource.inputs, candidate.path)))),
    );
    return rule?.source;
  };
}

function rulesFor(resource: PlannedResource, provider: Properties): ReplacementRule[] {
  const { type, options } = resource;
  const asked = (options.replaceOnChanges ?? []).map((path) => ({
    path: path.replaceAll("[*]", ".*"),
    source: "replaceOnChanges",
  }));
  return [...asked, ...ownRules(type, provider)];
}

function ownRules(type: string, provider: Properties): ReplacementRule[] {
  if (type === "kubernetes:helm.sh/v3:Release") {
    const source = "pulumi-kubernetes provider/pkg/provider/helm_release.go";
    return ["name", "namespace"].map((path) => ({ path, source }));
  }
  if (type === "pulumi:providers:kubernetes") {
    return [{ path: "clusterIdentifier", source: "pulumi-kubernetes provider.go: DiffConfig" }];
  }
  if (type.startsWith("random:")) {
    return [{ path: "*", source: "terraform-provider-random: every argument has RequiresReplace" }];
  }
  const kind = kubernetesKind(type);
  if (kind === undefined) return replacementRules(type);
  const setting = provider[kind === "Secret" ? "enableSecretMutable" : "enableConfigMapMutable"];
  const { paths, source } = replacingFields(kind, { mutableData: String(setting) === "true" });
  return paths.map((path) => ({ path, source }));
}

/** True when a pattern of property names, `*` for any, is the path or a beginning of it. */
export function matches(pattern: string, path: Segment[]): boolean {
  const parts = pattern.split(".");
  return parts.length <= path.length && parts.every((part, i) => part === "*" || part === path[i]?.key);
}

/** The value at a path of property names. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/** True for the lists of a type in which order means nothing. */
export function setsOf(type: string): (path: Segment[]) => boolean {
  const patterns = unordered(type);
  return (path) =>
    patterns.some((pattern) => pattern.split(".").length === path.length && matches(pattern, path));
}

/** Changes without those that the program told the engine to ignore. */
export function notIgnored(resource: PlannedResource, changes: ValueChange[]): ValueChange[] {
  const ignored = (resource.options.ignoreChanges ?? []).map((path) => path.replaceAll("[*]", ".*"));
  return changes.filter(({ segments }) => !ignored.some((path) => path === "*" || matches(path, segments)));
}
