import { path } from "../kube/client";
import type { StandIn } from "./standin";

const bindings = path("rbac.authorization.k8s.io/v1", "clusterrolebindings");
const name = "rehearsal-access-entry";

/** EKS lets an identity in once an access entry with a policy says so, and no longer than that. */
export const accessStandIn: StandIn = {
  name: "access",
  playing:
    "EKS access entries: the token of `aws eks get-token` may do nothing until an access policy is associated",
  async reconcile(stage, state) {
    const { client, plane } = stage;
    const bound = granted.get(client) ?? false;
    if (bound === state.accessAllowed) return;
    if (state.accessAllowed) {
      await client.ensure(bindings, {
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: plane.principal }],
      });
      stage.note("the identity that runs Pulumi was let in by its access entry");
    } else {
      await client.remove(`${bindings}/${name}`);
    }
    granted.set(client, state.accessAllowed);
  },
};

/** What was last done in each cluster. */
const granted = new WeakMap<object, boolean>();
