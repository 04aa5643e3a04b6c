import { Token } from "../../aws/tokens";
import { drainOf } from "../../plan/checks/budgets";
import { describeObject, objectsOf, podOf } from "../../plan/objects";
import type { Plan, PlannedResource } from "../../plan/types";
import { Action, type Danger, DangerKind } from "../types";
import type { Facts } from "./facts";

/**
 * How long EKS drains a node of a group that is deleted, seconds; then it ends the instance, whatever the pods' grace and
 * budgets say. Source: Amazon EKS User Guide, "Delete a managed node group" (October 2025); seen in containers-roadmap 1636.
 */
const drainSeconds = 300;

/** Pods that need longer to leave than EKS gives them, on node groups that go. */
export function cutShort({ base, changes }: Facts): Danger[] {
  const gone = changes.flatMap(({ before, diff: { type, action } }) =>
    before && type === Token.NodeGroup && (action === Action.Replace || action === Action.Delete)
      ? [before]
      : [],
  );
  return gone.flatMap((group) => (base ? cutOn(group, base) : []));
}

function cutOn(group: PlannedResource, plan: Plan): Danger[] {
  const labels = (group.inputs.labels ?? {}) as Record<string, string>;
  return objectsOf(plan.resources, plan.releases).flatMap((object): Danger[] => {
    const pod = podOf(object.manifest);
    if (!pod || object.manifest.kind === "DaemonSet") return [];
    const selector = Object.entries((pod.nodeSelector ?? {}) as Record<string, string>);
    const tainted = selector.length === 0 && ((group.inputs.taints ?? []) as unknown[]).length > 0;
    if (tainted || !selector.every(([key, value]) => labels[key] === value)) return [];
    const { preStop, grace } = drainOf(pod);
    if (grace <= drainSeconds) return [];
    const text = `may take ${grace} s to leave, but EKS ends the nodes of ${group.name} ${drainSeconds} s after it begins to drain them: requests over ${drainSeconds - preStop} s can be cut off; make the change when there are few`;
    return [{ kind: DangerKind.Loss, subject: describeObject(object), text }];
  });
}
