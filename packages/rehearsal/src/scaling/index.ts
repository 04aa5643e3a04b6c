import { monitorEventLoopDelay } from "node:perf_hooks";
import { onInterrupt, UsageError } from "@inference-platform/kit";
import { type CheckResult, check, expect } from "../checks/check";
import { findTools, missingToolsMessage, type Tools } from "../found-tools";
import type { RehearseOptions } from "../options";
import { Supervisor, sleep } from "../processes";
import { ScalingLoop } from "./loop";
import { pace } from "./pace";
import { SeriesFault } from "./relay";
import { type HoldRow, type ScalingReport, scalingStandIns } from "./report";
import { dualSignal } from "./scenarios/dual-signal";
import { outages, seriesFault } from "./scenarios/holds";
import { newcomer } from "./scenarios/newcomer";
import { scaleIn } from "./scenarios/scale-in";
import { atMaximum, rateFor, scaleOut } from "./scenarios/scale-out";
import { findScalingTools, type ScalingTools } from "./tools";

export { renderScaling, type ScalingReport } from "./report";

/** It ends by then, whatever happens. */
const limitSeconds = 590;

/**
 * `npm run rehearse -- <stack> --scaling`: lets real metrics scale the stack's services on this machine.
 *
 * @throws UsageError naming missing programs with their sources
 */
export async function scalingRehearsal(
  options: Pick<RehearseOptions, "stack">,
  progress: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<ScalingReport> {
  const began = Date.now();
  const base = findTools(process.env, false);
  const { tools, missing } = findScalingTools(process.env);
  const messages = [...(base.missing.length > 0 ? [missingToolsMessage(base.missing)] : []), missing];
  if (messages.some((message) => message !== "")) throw new UsageError(messages.filter(Boolean).join("\n\n"));

  const supervisor = new Supervisor();
  let loop: ScalingLoop | undefined;
  const end = async () => {
    await loop?.close();
    await supervisor.close();
  };
  const forget = onInterrupt(end);
  const report: ScalingReport = {
    stack: options.stack,
    ok: false,
    seconds: 0,
    kubernetes: "",
    pace,
    lateness: { p95: 0, max: 0 },
    checks: [],
    formula: [],
    reaction: [],
    holds: [],
    dual: [],
    standIns: scalingStandIns,
  };
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const timed = (line: string) =>
    progress(`${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  try {
    const all = { ...base.tools, ...tools } as Tools & ScalingTools;
    loop = await ScalingLoop.start({ stack: options.stack, tools: all, progress: timed }, supervisor);
    report.kubernetes = loop.plane.version;
    delay.enable();
    await guarded(loop, limitSeconds - (Date.now() - began) / 1000, perform(loop, report, timed));
  } catch (error) {
    const evidence = error instanceof Error ? error.message : String(error);
    report.checks.push({ id: "runs-to-its-end", pass: false, evidence });
  } finally {
    await end();
    forget();
  }
  // The histogram counts nanoseconds, and the 10 ms of its own timer.
  const late = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e6 - 10));
  report.lateness = { p95: late(delay.percentile(95)), max: late(delay.max) };
  report.seconds = (Date.now() - began) / 1000;
  report.ok = report.checks.every((each) => each.pass);
  return report;
}

/** The scenarios; those that touch different services run side by side. */
async function perform(
  loop: ScalingLoop,
  report: ScalingReport,
  progress: (line: string) => void,
): Promise<void> {
  const { shipped, second, dual, cpuOnly } = loop.stack.services;
  const note = (results: CheckResult[]) => {
    for (const result of results) {
      report.checks.push(result);
      progress(`${result.pass ? "pass" : "FAIL"}  ${result.id}: ${result.evidence}`);
    }
  };
  const noteHolds = (rows: HoldRow[]) => {
    for (const row of rows) {
      report.holds.push(row);
      progress(`${row.held ? "held" : "MOVED"}  ${row.fault}: ${row.service}, ${row.seconds.toFixed(0)} s`);
    }
  };
  const roles = ["shipped", "second", "dual", "cpuOnly"] as const;
  for (const role of roles) await loop.deploy(role);
  await Promise.all(
    roles.map((role) => loop.ready(role, loop.stack.services[role].replicas.minReplicas, 90)),
  );
  progress("the services are ready; requests begin");
  for (const { name } of [shipped, second]) loop.load.set(name, rateFor(8));
  for (const { name } of [dual, cpuOnly]) loop.load.set(name, 50);
  await sleep(8_000);
  const steady = Date.now();

  let firstStep = () => {};
  const afterFirstStep = new Promise<void>((resolve) => {
    firstStep = resolve;
  });
  const results = await Promise.allSettled([
    scaleOut(loop, report.formula, report.reaction, firstStep)
      .finally(firstStep)
      .then(async (checks) => {
        note(checks);
        noteHolds(await seriesFault(loop, "series vanished", second));
      }),
    afterFirstStep.then(async () => {
      note([await unmoved(loop, steady)]);
      note(await newcomer(loop));
      note(await atMaximum(loop, report.formula));
      noteHolds(await seriesFault(loop, "values not a number", shipped, SeriesFault.NotANumber));
    }),
    dualSignal(loop, report.dual).then(async (checks) => {
      note(checks);
      // 50 requests/s per pod keep two replicas, of which the CPU alone, at 27 %, would take one away.
      loop.load.set(dual.name, 100);
      await sleep(6_000);
      noteHolds(await seriesFault(loop, "one of two signals missing", dual));
    }),
  ]);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  await sleep(8_000);
  noteHolds(await outages(loop));
  note([await held(report.holds)]);
  note(await scaleIn(loop));
}

/** Two services of one engine: the load of one has moved nothing but itself. */
function unmoved(loop: ScalingLoop, since: number): Promise<CheckResult> {
  const { shipped, second } = loop.stack.services;
  return check("services-do-not-move-each-other", async () => {
    const changes = loop.timeline.of(shipped.name, since);
    expect(changes.length === 1, `${shipped.name} went to ${changes.at(-1)?.replicas}`);
    const now = loop.timeline.now(second.name);
    expect(now > 1, `${second.name} itself did not scale`);
    return `${second.name} 1 -> ${now}, ${shipped.name} stayed at ${loop.timeline.now(shipped.name)}`;
  });
}

function held(rows: HoldRow[]): Promise<CheckResult> {
  return check("holds-when-blind", async () => {
    const moved = rows.filter((row) => !row.held).map((row) => `${row.fault}: ${row.service} moved`);
    expect(moved.length === 0, moved.join("; "));
    const proving = rows.filter(
      (row) => row.seconds > row.windowSeconds && row.replicas > row.withoutHold && row.reason !== undefined,
    );
    const faults = new Set(proving.map((row) => row.fault));
    expect(faults.size >= 5, `only ${[...faults].join(", ")} lasted longer than the scale-down window`);
    return `${rows.length} times, ${proving.length} of them longer than the scale-down window: ${[...faults].join(", ")}`;
  });
}

/** Fails when the work takes too long, or a process ends that must not. */
async function guarded(loop: ScalingLoop, seconds: number, work: Promise<void>): Promise<void> {
  const timers: NodeJS.Timeout[] = [];
  const trouble = new Promise<never>((_, reject) => {
    timers.push(setTimeout(() => reject(new Error(`not within ${limitSeconds} s`)), seconds * 1000));
    const look = () => {
      try {
        loop.checkProcesses();
      } catch (error) {
        reject(error);
      }
    };
    timers.push(setInterval(look, 2_000));
  });
  try {
    await Promise.race([work, trouble]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}
