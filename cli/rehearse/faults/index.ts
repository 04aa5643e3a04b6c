import { type CheckResult, check, expect } from "../checks/check";
import { type inventory, leftoverChecks } from "../checks/leftovers";
import { Operation } from "../engine";
import type { Rehearsal } from "../rehearsal";
import { writeCredential } from "../workspace";
import { faults } from "./cases";
import { uninstall } from "./recovery";

/**
 * Rehearses everything that goes wrong. After each fault the next `up` must converge or say what is in its way, and a
 * `destroy` must leave nothing.
 */
export async function faultChecks(
  rehearsal: Rehearsal,
  before: Awaited<ReturnType<typeof inventory>>,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const fault of faults) {
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
    rehearsal.progress(`  ${result.pass ? "survived" : "NOT SURVIVED"}: ${result.evidence.slice(0, 300)}`);
    results.push(result);
  }
  const survived = results.filter((result) => result.pass).length;
  rehearsal.progress(`${survived} of ${results.length} faults survived`);
  return results;
}

/** The `up` after a fault converges, or says what is in its way; then the stack must still go without a trace. */
async function nextUp(rehearsal: Rehearsal): Promise<string> {
  const result = await rehearsal.run(Operation.Up, "  next up");
  if (result.ok) return "the next up converged";
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
  await uninstall(rehearsal, () => true).catch(() => []);
}
