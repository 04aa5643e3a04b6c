import type { KubeObject } from "../kube/client";
import { path } from "../kube/client";
import type { Informer } from "../kube/informer";
import type { StandIn } from "./standin";

/**
 * Admission webhooks whose pods do not really run would refuse or delay every request. The local API server does not
 * call any; in a cluster of the user's they are taken out as they appear.
 */
export function webhookStandIn(local: boolean): StandIn {
  return {
    name: "webhooks",
    playing: local
      ? "admission webhooks: registered, and not called by the local API server"
      : "admission webhooks: deleted as they appear, since the pods behind them are not real",
    async reconcile(stage) {
      const kinds: [Informer, string][] = [
        [stage.mutatingWebhooks, "mutatingwebhookconfigurations"],
        [stage.validatingWebhooks, "validatingwebhookconfigurations"],
      ];
      for (const [informer, plural] of kinds) {
        for (const entry of informer.all.filter(isOfARelease)) {
          stage.note(entry.metadata.name);
          if (local || entry.metadata.deletionTimestamp) continue;
          await stage.client.remove(
            path("admissionregistration.k8s.io/v1", plural, undefined, entry.metadata.name),
          );
        }
      }
    },
  };
}

const isOfARelease = (entry: KubeObject) =>
  entry.metadata.annotations?.["meta.helm.sh/release-name"] !== undefined;
