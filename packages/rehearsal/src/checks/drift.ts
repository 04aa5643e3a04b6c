import type { Rehearsal } from "../rehearsal";
import { Purpose } from "../roles";
import { type CheckResult, check } from "./check";

/**
 * Reads everything that is there with the role that looks for drift: it may. In the cluster it is still whoever deployed.
 */
export function driftCheck({ cloud, engine, workspace }: Rehearsal): Promise<CheckResult> {
  return check("drift-role", async () => {
    await cloud.actAs(Purpose.Drift);
    try {
      await engine.command("refresh", "--preview-only", "--stack", workspace.stack);
      return "every resource was read, and nothing else asked for";
    } catch (error) {
      const lines = String(error).match(/^ +error: .*$/gm) ?? [String(error)];
      throw new Error([...new Set(lines.map((line) => line.trim()))].join("; "));
    } finally {
      await cloud.actAs(Purpose.Deploy);
    }
  });
}
