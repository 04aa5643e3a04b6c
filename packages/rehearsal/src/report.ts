import type { CheckResult } from "./checks/check";
import type { EngineResult } from "./engine";

/** One step as the report shows it. */
export interface StepReport {
  step: string;
  ok: boolean;
  seconds: number;
  /** Resources per kind of change. */
  changes: Record<string, number>;
  unchanged: number;
  errors: string[];
}

/** How close a run under realistic durations came to what cannot be shortened. */
export interface LatencyReport {
  /** Divisor of AWS's durations. */
  factor: number;
  /** Wall time of `up`, seconds. */
  wallSeconds: number;
  /** Longest chain of dependent resources, seconds. */
  chainSeconds: number;
  /** `wallSeconds` by `chainSeconds`. */
  ratio: number;
  /** The same with AWS as slow as it is: what does not belong to the chain takes as long as here. */
  fullPace: { chainSeconds: number; ratio: number };
  chain: { urn: string; seconds: number }[];
}

/** What a rehearsal found. */
export interface RehearsalReport {
  stack: string;
  ok: boolean;
  /** From the command to the report. */
  seconds: number;
  /** Until the control plane answered. */
  controlPlaneSeconds: number;
  kubernetes: string;
  steps: StepReport[];
  checks: CheckResult[];
  standIns: { name: string; playing: string; notes: string[] }[];
  latency?: LatencyReport;
}

export function stepReport(step: string, result: EngineResult): StepReport {
  const { ok, seconds, changes, unchanged, errors, output } = result;
  return { step, ok, seconds, changes, unchanged, errors: ok ? [] : errors.length > 0 ? errors : [output] };
}

/** The report for people. */
export function renderText(report: RehearsalReport): string {
  const lines = [
    `Rehearsal of ${report.stack} on Kubernetes ${report.kubernetes}: ${report.ok ? "passed" : "FAILED"} in ${report.seconds.toFixed(0)} s`,
    `(${report.controlPlaneSeconds.toFixed(1)} s of them until the control plane answered)`,
    "",
    "Steps",
    ...report.steps.flatMap(renderStep),
  ];
  if (report.latency) lines.push("", ...renderLatency(report.latency));
  if (report.checks.length > 0) lines.push("", "Checks", ...report.checks.map(renderCheck));
  lines.push("", "Stood in for");
  for (const { name, playing, notes } of report.standIns) {
    lines.push(`  ${name.padEnd(16)} ${playing}`, ...notes.map((note) => `${" ".repeat(19)}- ${note}`));
  }
  return `${lines.join("\n")}\n`;
}

function renderStep({ step, ok, seconds, changes, unchanged, errors }: StepReport): string[] {
  const counts = Object.entries(changes).map(([op, count]) => `${count} ${op}`);
  const summary = counts.length > 0 ? counts.join(", ") : "0 changes";
  const rest = unchanged > 0 ? `, ${unchanged} unchanged` : "";
  return [
    `  ${step.padEnd(10)} ${ok ? "ok    " : "FAILED"} ${seconds.toFixed(1).padStart(7)} s  ${summary}${rest}`,
    ...errors.map((error) => `      ${error.split("\n").join("\n      ")}`),
  ];
}

const renderCheck = ({ id, pass, evidence }: CheckResult) =>
  `  ${pass ? "pass" : "FAIL"}  ${id.padEnd(24)} ${evidence}`;

function renderLatency({
  factor,
  wallSeconds,
  chainSeconds,
  ratio,
  fullPace,
  chain,
}: LatencyReport): string[] {
  const beyond = wallSeconds - chainSeconds;
  return [
    `Time, with AWS's typical durations divided by ${factor}`,
    `  up took ${wallSeconds.toFixed(1)} s, ${beyond.toFixed(1)} s beyond the longest chain of ${chainSeconds.toFixed(1)} s: ratio ${ratio.toFixed(3)}`,
    `  at AWS's own pace the chain takes ${(fullPace.chainSeconds / 60).toFixed(1)} min; with the same ${beyond.toFixed(1)} s beyond it: ratio ${fullPace.ratio.toFixed(3)}`,
    ...chain.map(
      ({ urn, seconds }) =>
        `    ${seconds.toFixed(2).padStart(7)} s  ${urn.split("::").slice(-2).join("  ")}`,
    ),
  ];
}
