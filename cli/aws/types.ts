import type { Properties } from "../program/monitor";

/** An error as AWS reports it: code, then message. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** A resource that exists in the simulated account. */
export interface SimulatedResource {
  type: string;
  /** Logical name in the program. */
  name: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
}

/** How a property change is carried out; the table is shared by the simulation and by `diff`. */
export interface ReplacementRule {
  /** Property path, `*` for any index. */
  path: string;
  /** Documentation or provider source that says so. */
  source: string;
}
