import { type AdapterRule, adapterRules, type MeasuredService } from "./adapter-rules";

/** What an adapter that is already in the cluster lacks. */
export interface RequiredRules {
  /** Rules for metrics that it does not offer yet. */
  add: AdapterRule[];
  /**
   * Rules for metrics that it offers, computed in another way. The adapter keeps one rule per metric: these take the
   * place of the ones of the same name.
   */
  replace: AdapterRule[];
  /** Both as values of the chart `prometheus-adapter`, ready to be merged; a comment when nothing is missing. */
  yaml: string;
}

/**
 * Which rules the adapter of a cluster must have for these services, when somebody else installs it.
 *
 * @param existing The adapter's rules: `rules.custom` of its chart, or `rules` of its configuration file.
 * @param rateWindowSeconds Range of rates: at least four scrapes.
 *
 * @example
 * ```ts
 * requiredAdapterRules([chat], adapterRules([chat], 60)); // → { add: [], replace: [] }
 * ```
 */
export function requiredAdapterRules(
  services: MeasuredService[],
  existing: AdapterRule[] = [],
  rateWindowSeconds = 60,
): RequiredRules {
  const missing = adapterRules(services, rateWindowSeconds).filter(
    (rule) => !existing.some((other) => sameRule(rule, other)),
  );
  const known = new Set(existing.map((rule) => rule.name?.as));
  const add = missing.filter((rule) => !known.has(rule.name.as));
  const replace = missing.filter((rule) => known.has(rule.name.as));
  return { add, replace, yaml: yamlOf(add, replace) };
}

function sameRule(one: AdapterRule, other: AdapterRule): boolean {
  return (
    one.name.as === other.name?.as &&
    one.seriesQuery === other.seriesQuery &&
    one.metricsQuery === other.metricsQuery
  );
}

function yamlOf(add: AdapterRule[], replace: AdapterRule[]): string {
  if (add.length + replace.length === 0) return "# The adapter has every rule that is needed.\n";
  const lines = [
    "# Values of the chart prometheus-adapter. Its other rules stay; series must carry the labels",
    "# namespace, pod and service, as a ServiceMonitor gives them.",
    "rules:",
    "  custom:",
    ...add.flatMap((rule) => ruleLines(rule)),
    ...replace.flatMap((rule) => [
      `    # In place of the rule that offers ${rule.name.as} now.`,
      ...ruleLines(rule),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

// Texts are quoted as in JSON, of which YAML takes every string.
function ruleLines(rule: AdapterRule): string[] {
  const overrides = Object.entries(rule.resources.overrides).map(
    ([label, { resource }]) => `          ${label}: { resource: ${resource} }`,
  );
  return [
    `    - seriesQuery: ${JSON.stringify(rule.seriesQuery)}`,
    "      resources:",
    "        overrides:",
    ...overrides,
    `      name: { matches: ${JSON.stringify(rule.name.matches)}, as: ${JSON.stringify(rule.name.as)} }`,
    `      metricsQuery: ${JSON.stringify(rule.metricsQuery)}`,
  ];
}
