import { type CheckResult, check, expect } from "../checks/check";
import { inventory, leftoverChecks } from "../checks/leftovers";
import { Operation } from "../engine";
import { dropProtection } from "../protection";
import type { Rehearsal } from "../rehearsal";
import { writeCredential } from "../workspace";
import { faults } from "./cases";
import type { Fault } from "./fault";
import { halfMade, uninstallAll } from "./releases";

/**
 * Rehearses everything that goes wrong. After each fault the next `up` must converge or say what is in its way, and a
 * `destroy` must leave nothing. Those that wait for helm's timeouts go on beside the others, each on its own stage.
 */
export async function faultChecks(rehearsal: Rehearsal): Promise<CheckResult[]> {
  const possible = faults.filter((fault) => rehearsal.ownsCluster || !fault.local);
  for (const { id } of faults.filter((fault) => !possible.includes(fault))) {
    rehearsal.progress(`SKIPPED ${id}: only in a cluster of the rehearsal's own`);
  }
  const beside = rehearsal.ownsCluster ? possible.filter((fault) => fault.patient) : [];
  const inTurn = possible.filter((fault) => !beside.includes(fault));
  const results = (
    await Promise.all([
      withStage(rehearsal, inTurn),
      ...beside.map(async (fault) => withStage(await rehearsal.another(`[${fault.id}] `), [fault])),
    ])
  ).flat();
  const survived = results.filter((result) => result.pass).length;
  rehearsal.progress(`${survived} of ${faults.length} faults survived`);
  return results;
}

/** Lets the faults happen one after the other. */
async function withStage(rehearsal: Rehearsal, cases: Fault[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const before = await inventory(rehearsal.plane.client);
  if (dropProtection(rehearsal.workspace)) {
    rehearsal.progress("deletion protection is off: every fault ends in a destroy");
  }
  for (const fault of cases) {
    rehearsal.progress(`fault ${fault.id}`);
    const result = await check(fault.id, async () => {
      if (fault.from === "up") {
        const result = await rehearsal.run(Operation.Up, "  up");
        expect(result.ok, `up failed: ${result.errors.join("; ") || result.output}`);
      }
      const seen = await fault.happen(rehearsal);
      await rehearsal.cloud.control.setFaults([]);
      const next = fault.from === "down" ? await nextUp(rehearsal) : "the next destroy left nothing";
      await clean(rehearsal, before);
      return `${seen}; ${next}`;
    });
    if (!result.pass) await rescue(rehearsal);
    rehearsal.progress(`  ${result.pass ? "survived" : "NOT SURVIVED"}: ${result.evidence.slice(0, 400)}`);
    results.push(result);
  }
  return results;
}

/** The `up` after a fault converges, or says what is in its way; then the stack must still go without a trace. */
async function nextUp(rehearsal: Rehearsal): Promise<string> {
  const result = await rehearsal.run(Operation.Up, "  next up");
  if (result.ok) {
    const left = await halfMade(rehearsal);
    expect(left.length === 0, `the next up says that all is well, and left ${left.join("; ")}`);
    return "the next up converged";
  }
  const reason = result.errors.find((error) => error !== "update failed");
  expect(reason !== undefined, `the next up failed without a reason: ${result.output}`);
  rehearsal.progress(`  ${reason}`);
  return `the next up refused (${reason?.slice(0, 200)}), the destroy left nothing`;
}

async function clean(rehearsal: Rehearsal, before: Awaited<ReturnType<typeof inventory>>): Promise<void> {
  const result = await rehearsal.run(Operation.Destroy, "  destroy");
  expect(result.ok, `destroy failed: ${result.errors.join("; ") || result.output}`);
  for (const left of await leftoverChecks(rehearsal, before)) {
    expect(left.pass, `${left.id}: ${left.evidence}`);
  }
}

/** A fault that was not survived must not spoil the next one. */
async function rescue(rehearsal: Rehearsal): Promise<void> {
  await rehearsal.cloud.control.setFaults([]);
  writeCredential(rehearsal.workspace, rehearsal.plane.principalToken);
  await rehearsal.engine.cancel().catch(() => undefined);
  for (let attempt = 0; attempt < 2; attempt++) {
    if ((await rehearsal.run(Operation.Destroy, "  rescue")).ok) break;
  }
  await uninstallAll(rehearsal).catch(() => undefined);
}
