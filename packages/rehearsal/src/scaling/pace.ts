import type { KubeObject } from "../kube/client";

/**
 * By what every time of the loop is divided, so that hours of scaling fit into minutes: scrapes, syncs, windows,
 * periods, start-up and drain. With 15 the usual figures stay whole seconds: a scrape and a sync of 15 s become 1 s, a
 * window of 300 s becomes 20 s. Requests take as long as they take.
 */
export const pace = 15;

/** Seconds of the stack as seconds of the rehearsal. */
export const paced = (seconds: number) => seconds / pace;

/** A duration such as `30s`, `1m` or `500ms`, divided. */
export function pacedDuration(text: string): string {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  if (!match) throw new Error(`not a duration: ${text}`);
  const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match[2] as "ms" | "s" | "m" | "h"];
  return `${Math.round((Number(match[1]) * milliseconds) / pace)}ms`;
}

/** PromQL with every range in brackets divided. */
export function pacedQuery(query: string): string {
  return query.replace(/\[(\d+(?:ms|s|m|h))\]/g, (_, range: string) => `[${pacedDuration(range)}]`);
}

/** An autoscaler with its windows and periods divided; the API takes whole seconds, and periods of at least one. */
export function pacedAutoscaler(hpa: KubeObject): KubeObject {
  const direction = (rules: Rules | undefined) =>
    rules && {
      ...rules,
      stabilizationWindowSeconds: Math.round(paced(rules.stabilizationWindowSeconds ?? 0)),
      policies: rules.policies?.map((policy) => ({
        ...policy,
        periodSeconds: Math.max(1, Math.round(paced(policy.periodSeconds))),
      })),
    };
  const { scaleUp, scaleDown } = (hpa.spec.behavior ?? {}) as { scaleUp?: Rules; scaleDown?: Rules };
  const behavior = { scaleUp: direction(scaleUp), scaleDown: direction(scaleDown) };
  return { ...hpa, spec: { ...hpa.spec, behavior } };
}

interface Rules {
  stabilizationWindowSeconds?: number;
  policies?: { type: string; value: number; periodSeconds: number }[];
}

/** What an autoscaler asks for when its pods hold `total` of a number with a target per pod, from one replica up. */
export function replicasFor(total: number, target: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.ceil(total / target)));
}
