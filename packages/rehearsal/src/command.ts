import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, onInterrupt, UsageError, UserError, writeResult } from "@inference-platform/kit";
import type { CheckResult } from "./checks/check";
import { check, expect } from "./checks/check";
import { driftCheck } from "./checks/drift";
import { inventory, leftoverChecks } from "./checks/leftovers";
import { placementChecks } from "./checks/placement";
import { CommandLines, secretCheck } from "./checks/secrets";
import { updateChecks } from "./checks/updates";
import { type EngineResult, Operation } from "./engine";
import { faultChecks } from "./faults";
import { findTools, missingToolsMessage } from "./found-tools";
import { latencyReport } from "./latency";
import { Format, type RehearseOptions, rehearsalOf, rehearseOptions, type StepName } from "./options";
import { keptCheck, type Origin, unpackOrigin } from "./origin";
import { dropProtection, protectionChecks } from "./protection";
import { projectDir, Rehearsal } from "./rehearsal";
import { type LatencyReport, type RehearsalReport, renderText, type StepReport, stepReport } from "./report";

/** The command `rehearse`. */
export const command = defineCommand({
  name: "rehearse",
  stack: true,
  summary:
    "Takes the stack through preview, up, up again, update and destroy: with the real Pulumi engine and a real " +
    "Kubernetes control plane on this machine; only AWS is simulated. Needs no account and no root.",
  options: rehearseOptions,
  exitCodes: {
    0: "every step and check passed",
    1: "one did not",
    2: "wrong usage, or a tool is missing",
  },
  run: (given) => rehearse(rehearsalOf(given)),
});

async function rehearse(options: RehearseOptions): Promise<number> {
  if (!existsSync(join(projectDir, `Pulumi.${options.stack}.yaml`))) {
    throw new UserError(
      `there is no stack ${options.stack}: no Pulumi.${options.stack}.yaml in ${projectDir}`,
    );
  }
  if (options.scaling) return rehearseScaling(options);
  const search = findTools(process.env, options.kubeconfig !== undefined);
  if (search.missing.length > 0) throw new UsageError(missingToolsMessage(search.missing));

  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const origin =
    options.from === undefined ? undefined : await unpackOrigin(options.stack, options.from, progress);
  const rehearsal = await Rehearsal.start({ ...options, search, progress, program: origin?.folder });
  const forget = onInterrupt((signal) => {
    process.stderr.write(`\n${signal}: ending what was started\n`);
    origin?.close();
    return rehearsal.close();
  });
  try {
    const report = await perform(rehearsal, options, origin);
    await writeResult(
      options.format === Format.Json ? `${JSON.stringify(report, null, 2)}\n` : renderText(report),
    );
    if (options.keep) await keep(rehearsal);
    return report.ok ? 0 : 1;
  } finally {
    forget();
    await rehearsal.close();
    origin?.close();
  }
}

/** `--scaling`: the autoscaling loop, on a stage of its own. */
async function rehearseScaling(options: RehearseOptions): Promise<number> {
  const { renderScaling, scalingRehearsal } = await import("./scaling");
  const report = await scalingRehearsal(options);
  const json = options.format === Format.Json;
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : renderScaling(report));
  return report.ok ? 0 : 1;
}

/** Plays the steps in order; a step that fails ends the life, and the stack is destroyed. */
async function perform(
  rehearsal: Rehearsal,
  options: RehearseOptions,
  origin?: Origin,
): Promise<RehearsalReport> {
  const began = Date.now();
  const steps: StepReport[] = [];
  const checks: CheckResult[] = [];
  let latency: LatencyReport | undefined;
  const before = await inventory(rehearsal.plane.client);
  const commandLines = new CommandLines();
  commandLines.start();
  try {
    if (options.faults) checks.push(...(await faultChecks(rehearsal)));
    const first = origin && (await rehearsal.run(Operation.Up, `up of ${origin.label}`));
    if (first) steps.push(stepReport(`up of ${origin?.label}`, first));
    if (first?.ok) rehearsal.useProject();
    for (const step of options.faults || first?.ok === false ? [] : options.steps) {
      const outcome = await play(rehearsal, step, commandLines, before);
      // Not of the preview: there the engine takes for unknown what the simulated AWS gives for an updated resource, and
      // shows what refers to it as replaced.
      if (origin && step === "up")
        outcome.checks.push(...outcome.runs.map((result) => keptCheck("up-keeps-all", result)));
      steps.push(
        ...outcome.runs.map((result, i) => stepReport(labelOf(step, i, outcome.runs.length), result)),
      );
      checks.push(...outcome.checks);
      for (const { id, pass, evidence } of outcome.checks) {
        if (!pass) rehearsal.progress(`  FAIL ${id}: ${evidence}`);
      }
      const [result] = outcome.runs;
      if (step === "up" && result?.ok && options.latencyFactor > 0) {
        latency = latencyReport(result, await rehearsal.engine.export(), options.latencyFactor);
      }
      if (outcome.runs.some((each) => !each.ok)) break;
    }
  } finally {
    commandLines.stop();
  }
  return {
    stack: options.stack,
    ok: steps.every((step) => step.ok) && checks.every((each) => each.pass),
    seconds: (Date.now() - began) / 1000 + rehearsal.controlPlaneSeconds,
    controlPlaneSeconds: rehearsal.controlPlaneSeconds,
    kubernetes: rehearsal.plane.version,
    steps,
    checks,
    standIns: rehearsal.standIns(),
    ...(latency && { latency }),
  };
}

interface Outcome {
  runs: EngineResult[];
  checks: CheckResult[];
}

const labelOf = (step: StepName, i: number, count: number) => (count > 1 ? `${step} ${i + 1}` : step);

async function play(
  rehearsal: Rehearsal,
  step: StepName,
  commandLines: CommandLines,
  before: Awaited<ReturnType<typeof inventory>>,
): Promise<Outcome> {
  switch (step) {
    case "preview":
      return { runs: [await rehearsal.run(Operation.Preview, step)], checks: [] };
    case "up": {
      const result = await rehearsal.run(Operation.Up, step);
      return { runs: [result], checks: result.ok ? await placementChecks(rehearsal) : [] };
    }
    case "up-again": {
      const result = await rehearsal.run(Operation.Up, step);
      const checks = [await unchanged(result), await driftCheck(rehearsal)];
      return { runs: [result], checks: [...checks, ...(await protectionChecks(rehearsal))] };
    }
    case "update": {
      const runs: EngineResult[] = [];
      const checks = await updateChecks(rehearsal, runs);
      return { runs, checks: [...checks, await secretCheck(rehearsal, commandLines)] };
    }
    case "destroy": {
      const runs: EngineResult[] = [];
      // The updates take the protection off; without them it takes an `up` of its own, as docs/deploying.md says.
      if (dropProtection(rehearsal.workspace)) runs.push(await rehearsal.run(Operation.Up, "unprotect"));
      const result = await rehearsal.run(Operation.Destroy, step);
      runs.push(result);
      return { runs, checks: result.ok ? await leftoverChecks(rehearsal, before) : [] };
    }
  }
}

function unchanged(result: EngineResult): Promise<CheckResult> {
  return check("second-up-unchanged", async () => {
    const changed = result.steps
      .filter((step) => !["same", "read"].includes(step.op))
      .map((step) => `${step.op} ${step.urn.split("::").at(-1)} (${step.diffs.join(", ")})`);
    const count = Object.values(result.changes).reduce((sum, each) => sum + each, 0);
    expect(result.ok && count === 0, changed.join("; ") || result.errors.join("; "));
    return `0 changes, ${result.unchanged} unchanged`;
  });
}

/** Prints how to look around, and waits until the user has seen enough. */
async function keep(rehearsal: Rehearsal): Promise<void> {
  const { plane, workspace } = rehearsal;
  process.stderr.write(
    [
      "",
      "Left running; Ctrl-C ends it and removes everything.",
      `  export KUBECONFIG=${plane.adminKubeconfig}`,
      "  kubectl get nodes,pods -A -o wide",
      `  logs of every process: ${rehearsal.supervisor.dir}/logs`,
      `  the stack as pulumi sees it: ${workspace.dir}, state in ${workspace.stateDir}`,
      "",
    ].join("\n"),
  );
  await new Promise(() => setInterval(() => {}, 60_000));
}
