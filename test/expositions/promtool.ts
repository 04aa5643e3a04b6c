import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InputSeries } from "./exposition";

/** Why the tests that need promtool cannot run; undefined when they can. */
export const promtoolMissing = missing();

function missing(): string | undefined {
  const found = spawnSync("promtool", ["--version"], { encoding: "utf8" });
  if (!found.error && found.status === 0) return undefined;
  const reason = "promtool is not on the PATH (Debian: package prometheus)";
  console.warn(`skipped: ${reason}`);
  return reason;
}

/** An element that an expression must give. */
export interface ExpectedSample {
  /** Labels as PromQL text: `{pod="chat-0"}`. */
  labels: string;
  value: number;
}

/** An expression and exactly what it must give. */
export interface ExpressionTest {
  expr: string;
  eval_time: string;
  exp_samples: ExpectedSample[];
}

/** An alert and exactly how it must fire. */
export interface AlertTest {
  alertname: string;
  eval_time: string;
  exp_alerts: { exp_labels: Record<string, string>; exp_annotations?: Record<string, string> }[];
}

/** Series, and what is asked of them. */
export interface Scenario {
  name: string;
  interval: string;
  input_series: InputSeries[];
  promql_expr_test?: ExpressionTest[];
  alert_rule_test?: AlertTest[];
}

/**
 * Evaluates scenarios with a real Prometheus, rules once a minute; returns what it complains about, empty when
 * everything is as expected.
 */
export function promtool(scenarios: Scenario[], groups?: object[]): string {
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  try {
    if (groups) writeFileSync(join(folder, "rules.json"), JSON.stringify({ groups }));
    const tests = {
      rule_files: groups ? ["rules.json"] : [],
      evaluation_interval: groups ? "1m" : "15s",
      tests: scenarios,
    };
    writeFileSync(join(folder, "tests.json"), JSON.stringify(tests));
    const run = spawnSync("promtool", ["test", "rules", "tests.json"], { cwd: folder, encoding: "utf8" });
    return run.status === 0 ? "" : `${run.stdout}${run.stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a real Prometheus says of rules, templates of annotations included; empty when it takes them. */
export function checkRules(groups: object[]): string {
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  try {
    writeFileSync(join(folder, "rules.json"), JSON.stringify({ groups }));
    const run = spawnSync("promtool", ["check", "rules", "rules.json"], { cwd: folder, encoding: "utf8" });
    return run.status === 0 ? "" : `${run.stdout}${run.stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
