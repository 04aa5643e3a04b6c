import { type Check, CheckStatus } from "../types";

/** Nothing for a stack without Pulumi ESC: only then does the plan know all of the configuration. */
export function escEnvironments(environments: string[]): Check[] {
  if (environments.length === 0) return [];
  return [{ id: "esc-environments", status: CheckStatus.Warn, detail: unknownValues(environments) }];
}

/** What a user must know who reads a plan, or a refusal, of a stack that imports environments. */
export function unknownValues(environments: string[]): string {
  const names = environments.join(", ");
  return `The stack imports from Pulumi ESC: ${names}. Only Pulumi Cloud knows what they set; here nothing of it counts. Write what the plan needs under config, which wins over an environment.`;
}
