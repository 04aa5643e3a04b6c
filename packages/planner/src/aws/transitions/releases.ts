import { Outcome, type Step, type Transition } from "./types";

/** As much of a planned release as says what its chart defines. */
interface Charted {
  chart?: string;
  repository?: string;
  version?: string;
  /** Names of the definitions in the chart's folder `crds`, with hashes of their texts. Absent when not known. */
  crds?: Record<string, string>;
}

/** What helm does with charts. Their rows are found under `chart`, with the planned releases. */
export const releases: Transition[] = [
  {
    of: "chart",
    outcome: Outcome.Incomplete,
    between: definitionsBetween,
    text: ({ to }) => `**helm leaves CRDs as they are** in an upgrade: ${to}`,
    steps:
      "Bring them before the update: what the new version needs is refused or dropped otherwise. The old version gets along with newer definitions",
    source:
      "helm.sh/docs/chart_best_practices/custom_resource_definitions: no upgrade of what is in crds/, 2026-11-25; helm-charts#3843, #5309",
  },
];

function definitionsBetween(before: Charted, after: Charted): Step | undefined {
  const what = before.version === after.version ? undefined : newDefinitions(before, after);
  if (what === undefined) return undefined;
  const from = after.repository === undefined ? "" : ` --repo ${after.repository}`;
  const command = `helm show crds ${after.chart}${from} --version ${after.version} | kubectl apply --server-side --force-conflicts -f -`;
  return { from: String(before.version), to: `${what}: \`${command}\`` };
}

/** Which definitions the new chart brings; undefined when it brings none. */
function newDefinitions(before: Charted, after: Charted): string | undefined {
  if (after.crds === undefined) {
    return major(before) === major(after) ? undefined : "a major version often brings others";
  }
  const names = Object.keys(after.crds);
  if (names.length === 0) return undefined;
  // The base's archive is seldom at hand.
  if (before.crds === undefined) return `the new chart has ${names.length}, which may be others`;
  const old = before.crds;
  const others = names.filter((name) => old[name] !== after.crds?.[name]);
  return others.length > 0
    ? `${others.length} of ${names.length} are others now (${some(others)})`
    : undefined;
}

const major = ({ version }: Charted) => /^v?(\d+)\./.exec(String(version))?.[1];

/** `a, b and 3 more`. */
function some(names: string[]): string {
  const rest = names.length - 3;
  return rest > 0 ? `${names.slice(0, 3).join(", ")} and ${rest} more` : names.join(", ");
}
