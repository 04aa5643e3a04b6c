import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { expect, it } from "vitest";
import { planChanged, type StackConfig } from "../../../../test/support/changed-stacks";
import { diffPlans } from "../../src/diff/diff";

const runbooks = readFileSync(join(projectRoot, "docs/alerts.md"), "utf8");

it("more replicas by the stack file, as MetricsAdapterDown says, change the autoscaler and nothing else", async () => {
  expect(runbooks).toMatch(/raise `replicas\.min` of the service in the stack file/);
  const more = (config: StackConfig) => {
    config["inference-platform:model"].services[0].replicas.min += 1;
  };
  const diff = diffPlans(
    await planChanged(projectRoot, "prod"),
    await planChanged(projectRoot, "prod", more),
  );
  expect(diff.resources.map(({ type, action }) => `${action} ${type.split(":").at(-1)}`)).toEqual([
    "update HorizontalPodAutoscaler",
  ]);
  expect(diff.resources[0]?.changes.map(({ path, before, after }) => [path, before, after])).toEqual([
    ["spec.minReplicas", 2, 3],
  ]);
});

it("no runbook changes by hand what Pulumi keeps: the next change of it would fail", () => {
  // What server-side apply makes of another's field: a conflict.
  expect(runbooks.replace(/Not with `kubectl patch hpa`/g, "")).not.toMatch(
    /kubectl (-n \S+ )?(patch|edit|apply|scale|set|annotate|label|replace)\b/,
  );
});
