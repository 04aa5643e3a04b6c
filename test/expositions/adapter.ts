import type { AdapterRule } from "../../components/scaling";

/** A question of the custom metrics API: one metric of some objects of a kind in a namespace. */
export interface MetricQuestion {
  namespace: string;
  /** Resource as in the rule's overrides: `pod` or `service`. */
  resource: string;
  names: string[];
}

/**
 * The PromQL that prometheus-adapter sends for a question, as its `MetricsQuery.Build` makes it (pkg/naming of
 * v0.12.0): namespace first, then the objects, by `=` for one and `=~` for several; grouped by the objects' label.
 */
export function expand(rule: AdapterRule, question: MetricQuestion): string {
  const label = (resource: string): string => {
    const found = Object.entries(rule.resources.overrides).find(([, value]) => value.resource === resource);
    if (!found) throw new Error(`no generic resource label form specified for ${resource}`);
    return found[0];
  };
  const object = label(question.resource);
  const operator = question.names.length > 1 ? "=~" : "=";
  const matchers = [
    `${label("namespace")}="${question.namespace}"`,
    `${object}${operator}"${question.names.join("|")}"`,
  ];
  return rule.metricsQuery
    .replaceAll("<<.LabelMatchers>>", matchers.join(","))
    .replaceAll("<<.GroupBy>>", object);
}
