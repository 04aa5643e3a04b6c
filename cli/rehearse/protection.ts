import { type EngineResult, Operation } from "./engine";
import type { Rehearsal } from "./rehearsal";
import { getSetting, setSetting } from "./workspace";

const protection = ["inference-platform:cluster", "deletionProtection"];
const environment = ["inference-platform:environment"];

/**
 * Takes the protection off a stack that has it, with an `up` of its own, as docs/deploying.md says. Production refuses
 * to be unprotected, so the stack stops being production first.
 *
 * @returns the run, or undefined when nothing was protected
 */
export async function allowDestroy(rehearsal: Rehearsal): Promise<EngineResult | undefined> {
  const { workspace } = rehearsal;
  const production = getSetting(workspace, environment) === "production";
  if (!production && getSetting(workspace, protection) !== true) return undefined;
  setSetting(workspace, environment, "staging");
  setSetting(workspace, protection, false);
  return rehearsal.run(Operation.Up, "unprotect");
}
