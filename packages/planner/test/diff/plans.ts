import type { Manifest, Plan, PlannedRelease, PlannedResource } from "../../src/plan/types";

const stack = "urn:pulumi:test::project::pulumi:pulumi:Stack::project-test";

/** A plan with these resources and nothing else. */
export function planOf(resources: PlannedResource[], more: Partial<Plan> = {}): Plan {
  const none = { floor: 0, ceiling: 0 };
  return {
    stack: "test",
    services: [],
    project: "project",
    resources,
    releases: [],
    outputs: {},
    placement: { pools: [], workloads: [], needed: {}, notRendered: [] },
    cost: { region: "us-east-1", pricesAsOf: "", hourly: none, monthly: none, lines: [], unknown: [] },
    checks: [],
    seconds: 0,
    ...more,
  };
}

/** A resource directly in the stack. */
export function resourceOf(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  more: Partial<PlannedResource> = {},
): PlannedResource {
  const urn = `urn:pulumi:test::project::${type}::${name}`;
  return { urn, type, name, parent: stack, custom: true, inputs, dependencies: [], options: {}, ...more };
}

/** A release of one chart with its rendered objects. */
export function releaseOf(
  values: Record<string, unknown>,
  manifests: Manifest[] | undefined,
  more: Partial<PlannedRelease> = {},
): Partial<Plan> & { resources: PlannedResource[] } {
  const inputs = { chart: "./chart", name: "app", namespace: "apps", values };
  const resource = resourceOf("kubernetes:helm.sh/v3:Release", "app", inputs);
  const release = { urn: resource.urn, name: "app", namespace: "apps", chart: "./chart", version: "1.0.0" };
  return {
    resources: [resource],
    releases: [{ ...release, ...(manifests ? { manifests } : { skipped: "no archive" }), ...more }],
  };
}

/** A deployment of one container. */
export function deploymentOf(spec: {
  image?: string;
  label?: string;
  config?: string;
  context?: object;
}): Manifest {
  const labels = { app: spec.label ?? "app" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "app", namespace: "apps" },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "checksum/config": spec.config ?? "1" } },
        spec: {
          containers: [{ name: "app", image: spec.image ?? "app:1", securityContext: spec.context ?? {} }],
        },
      },
    },
  };
}
