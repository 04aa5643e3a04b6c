import { expect } from "../checks/check";
import type { EngineResult } from "../engine";
import type { Rehearsal } from "../rehearsal";

/** Something that goes wrong, and how the stack comes out of it. */
export interface Fault {
  id: string;
  /** Whether the stack must be up or gone when it begins. */
  from: "up" | "down";
  /** It ends with one of helm's timeouts, so it goes on beside the others, on a stage of its own. */
  patient?: boolean;
  /** It cannot be let happen in a cluster of the user's. */
  local?: boolean;
  /** Lets it happen; returns what was seen. */
  happen(rehearsal: Rehearsal): Promise<string>;
}

/** Expects an `up` that failed with that reason. */
export function refused(result: EngineResult, reason: RegExp): string {
  const text = [...result.errors, result.output].join("\n");
  expect(!result.ok, "up went through");
  expect(reason.test(text), `the error does not say why: ${text.slice(0, 500)}`);
  const said = result.errors.find((error) => reason.test(error)) ?? result.errors[0] ?? "";
  return `refused: ${said.replace(/\s+/g, " ").slice(0, 300)}`;
}
