import { describeObject, podOf } from "../objects";
import { type Check, CheckStatus } from "../types";
import { drainOf } from "./budgets";
import { type Facts, listed } from "./facts";

/** Waits when it is not told otherwise, seconds. Source: cluster-autoscaler/config/flags of 1.35, max-graceful-termination-sec. */
const autoscalerDefault = 600;

/** The node autoscaler waits for the slowest pod before it takes a node away; it shortens longer graces. */
export function nodeDrain({ objects, resources }: Facts): Check {
  const id = "node-drain";
  const pods = objects.flatMap((object) => {
    const pod = podOf(object.manifest);
    return pod && object.manifest.kind !== "DaemonSet" ? [{ object, ...drainOf(pod) }] : [];
  });
  const waits = resources
    .filter(({ type, inputs }) => type === "kubernetes:helm.sh/v3:Release" && isAutoscaler(inputs))
    .map(({ inputs }) => waitOf(inputs.values));
  const least = Math.min(...waits);
  const cut = pods
    .filter(({ grace }) => grace > least)
    .map(({ object, grace }) => `${describeObject(object)} may take ${grace} s`);
  if (cut.length > 0) {
    const detail = `the node autoscaler ends a node after ${least} s: ${listed(cut)}. Give the cluster a longer longestGraceSeconds.`;
    return { id, status: CheckStatus.Fail, detail };
  }
  const longest = Math.max(0, ...pods.map(({ grace }) => grace));
  const waited = waits.length > 0 ? `, the node autoscaler waits ${least} s` : "";
  return { id, status: CheckStatus.Pass, detail: `the slowest pod leaves within ${longest} s${waited}` };
}

const isAutoscaler = ({ chart }: Record<string, unknown>) => /\bcluster-autoscaler\b/.test(String(chart));

function waitOf(values: unknown): number {
  const { extraArgs } = (values ?? {}) as { extraArgs?: Record<string, unknown> };
  return Number(extraArgs?.["max-graceful-termination-sec"] ?? autoscalerDefault);
}
