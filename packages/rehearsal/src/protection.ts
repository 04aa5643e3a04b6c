import { type CheckResult, check, expect } from "./checks/check";
import { Operation } from "./engine";
import type { Rehearsal } from "./rehearsal";
import { getSetting, setSetting, type Workspace } from "./workspace";

const protection = ["inference-platform:cluster", "deletionProtection"];
const environment = ["inference-platform:environment"];

function isProtected(workspace: Workspace): boolean {
  return getSetting(workspace, environment) === "production" || getSetting(workspace, protection) === true;
}

/**
 * Takes the protection out of the settings. Production refuses that, so the stack stops being production.
 *
 * @returns false when there was none
 */
export function dropProtection(workspace: Workspace): boolean {
  if (!isProtected(workspace)) return false;
  setSetting(workspace, environment, "staging");
  setSetting(workspace, protection, false);
  return true;
}

/**
 * Where the stack is protected, a `destroy` must be refused before it touches anything. Without a preview, as in the
 * Automation API: with one, `protect` on the cluster alone would be enough.
 */
export async function protectionChecks({ engine, cloud, workspace }: Rehearsal): Promise<CheckResult[]> {
  if (!isProtected(workspace)) return [];
  const refused = await check("destroy-refused", async () => {
    const result = await engine.run(Operation.Destroy);
    expect(!result.ok, "destroy went through");
    const touched = result.steps
      .filter((step) => !step.failed)
      .map((step) => `${step.op} ${step.urn.split("::").at(-1)}`);
    expect(touched.length === 0, `destroy was refused late: ${touched.join(", ")}`);
    const reason = result.errors.find((message) => /protect/.test(message));
    if (!reason) throw new Error(`destroy failed for another reason: ${result.errors.join("; ")}`);
    return `${(await cloud.state()).resources.length} AWS resources run on: ${reason}`;
  });
  return [refused];
}
