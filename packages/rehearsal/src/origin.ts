import { onInterrupt, UserError } from "@inference-platform/kit";
import { Revisions } from "@inference-platform/planner";
import type { CheckResult } from "./checks/check";
import type { EngineResult } from "./engine";
import { projectDir } from "./rehearsal";

/** The program that a stack comes from: `--from`. */
export interface Origin {
  /** Folder of the project as the revision has it. */
  folder: string;
  /** The revision for people. */
  label: string;
  /** Removes the folder. */
  close(): void;
}

/**
 * The project as a revision has it, with its packages, in a folder of its own.
 *
 * @throws UserError when there is no such revision, or no such stack in it.
 */
export async function unpackOrigin(
  stack: string,
  name: string,
  onProgress: (line: string) => void,
): Promise<Origin> {
  const revisions = new Revisions({ directory: projectDir, stack, onProgress });
  const forget = onInterrupt(() => revisions.close());
  try {
    const repository = await revisions.repository();
    const revision = await repository.revision(name);
    const { folder, missing } = await revisions.unpack(repository, revision);
    if (missing !== undefined) throw new UserError(`--from ${name}: ${missing}.`);
    return { folder, label: revision.label, close: () => revisions.close() };
  } catch (error) {
    revisions.close();
    throw error;
  } finally {
    forget();
  }
}

/** What takes something away that the stack had. The engine deletes the other half of a replacement by these names, too. */
const losing = ["replace", "create-replacement", "delete-replaced", "delete", "discard", "discard-replaced"];

/** Passes when the engine replaced and deleted nothing: what has another place in the program was found by its alias. */
export function keptCheck(id: string, result: EngineResult): CheckResult {
  const lost = result.steps
    .filter(({ op }) => losing.includes(op))
    .map(({ op, urn, replaceKeys }) => {
      const because = replaceKeys.length > 0 ? ` (${replaceKeys.join(", ")})` : "";
      return `${op} ${urn.split("::").slice(-2).join(" ")}${because}`;
    });
  const changed = result.steps
    .filter(({ op }) => !["same", "read"].includes(op))
    .map(({ op, urn }) => `${op} ${urn.split("::").slice(-1)}`);
  const kept = [`nothing replaced or deleted, ${result.unchanged} unchanged`, ...changed].join(", ");
  return { id, pass: lost.length === 0, evidence: lost.length > 0 ? lost.join("; ") : kept };
}
