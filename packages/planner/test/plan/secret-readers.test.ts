import { beforeAll, describe, expect, it } from "vitest";
import { planned, shippedStacks } from "../../../../test/support/stacks";
import { objectsOf } from "../../src/plan/objects";
import type { Manifest, Plan } from "../../src/plan/types";

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  verbs?: string[];
}
interface Binding extends Manifest {
  roleRef: { kind: string; name: string };
  subjects?: { name: string }[];
}

const readsSecrets = ({ apiGroups = [], resources = [], verbs = [] }: Rule) =>
  apiGroups.some((group) => group === "" || group === "*") &&
  resources.some((resource) => resource === "secrets" || resource === "*") &&
  verbs.some((verb) => ["get", "list", "watch", "*"].includes(verb));

/** Service accounts that may read Secrets, with the namespace in which; `*` for all. */
function secretReaders(plan: Plan): string[] {
  const objects = objectsOf(plan.resources, plan.releases).map(({ manifest }) => manifest);
  return objects
    .filter(({ kind }) => kind.endsWith("RoleBinding"))
    .flatMap((object) => {
      const { kind, metadata, roleRef, subjects = [] } = object as Binding;
      const role = objects.find(
        (one) =>
          one.kind === roleRef.kind &&
          one.metadata.name === roleRef.name &&
          (one.kind === "ClusterRole" || one.metadata.namespace === metadata.namespace),
      );
      if (!((role?.rules ?? []) as Rule[]).some(readsSecrets)) return [];
      return subjects.map(({ name }) => `${name} in ${kind === "RoleBinding" ? metadata.namespace : "*"}`);
    })
    .sort();
}

describe.each(shippedStacks)("the stack %s", (stack) => {
  let plan: Plan;
  beforeAll(async () => {
    plan = await planned(stack);
  });

  it("lets nobody read Secrets but who has to, as docs/security.md says", ({ skip }) => {
    if (plan.releases.some(({ manifests }) => manifests === undefined))
      skip("not every published chart is here: set INFERENCE_PLATFORM_CHARTS");
    expect(secretReaders(plan)).toEqual([
      // The certificate of the operator's webhook, once, while helm installs.
      "kube-prometheus-stack-admission in monitoring",
      // Writes the configuration of Prometheus, with what monitors of any namespace name.
      "kube-prometheus-stack-operator in *",
    ]);
  });

  it("gives Grafana a Role that is there", ({ skip }) => {
    const objects = objectsOf(plan.resources, plan.releases).map(({ manifest }) => manifest);
    const binding = objects.find(
      ({ kind, metadata }) => kind === "RoleBinding" && metadata.name === "kube-prometheus-stack-grafana",
    ) as Binding | undefined;
    if (!binding) return skip("the chart is not here");
    const role = objects.find(
      ({ kind, metadata }) =>
        kind === "Role" &&
        metadata.name === binding.roleRef.name &&
        metadata.namespace === binding.metadata.namespace,
    );
    expect(role?.rules).toEqual([
      { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] },
    ]);
  });
});
