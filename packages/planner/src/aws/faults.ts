import { AwsError } from "./types";

/** A failure on request. */
export interface Fault {
  /** Type token, or `*` for any. */
  type: string;
  /** `create`, `update`, `delete`, `read`, `invoke`, or `*` for any. */
  operation: string;
  /** Which of the matching operations fails first, from 1. */
  from: number;
  /** True when those after it fail too: `#3+`, and without any number. */
  onwards: boolean;
  /** The code that AWS would answer with: `InsufficientInstanceCapacity`. */
  code: string;
}

const operations = ["create", "update", "delete", "read", "invoke", "*"];

/**
 * Parses `aws:eks/nodeGroup:NodeGroup@create#1=InsufficientInstanceCapacity`: type or `*`, operation or `*`, which
 * one (`#2`, `#2+` for that and all later ones; @default all), error code.
 *
 * @throws Error that says what is expected.
 */
export function parseFault(text: string): Fault {
  const match = /^([^@#=]+)@([a-z*]+)(?:#(\d+)(\+?))?=([A-Za-z][\w.]*)$/.exec(text);
  const [, type = "", operation = "", nth, plus, code = ""] = match ?? [];
  if (!match || !operations.includes(operation) || nth === "0") {
    throw new Error(
      `--fail ${JSON.stringify(text)} is not of the form <type or *>@<${operations.join("|")}>[#<n>[+]]=<error code>, ` +
        "for example aws:eks/nodeGroup:NodeGroup@create#1=InsufficientInstanceCapacity",
    );
  }
  return { type, operation, from: Number(nth ?? 1), onwards: nth === undefined || plus === "+", code };
}

/** Counts operations and fails those that were asked for. */
export class Faults {
  private armed: { fault: Fault; seen: number }[] = [];

  constructor(faults: Fault[] = []) {
    this.arm(faults);
  }

  /** Replaces the faults; counting begins anew. */
  arm(faults: Fault[]): void {
    this.armed = faults.map((fault) => ({ fault, seen: 0 }));
  }

  /** @throws AwsError when this operation is to fail. */
  strike(type: string, operation: string): void {
    let code: string | undefined;
    for (const entry of this.armed) {
      const { fault } = entry;
      const matches =
        (fault.type === "*" || fault.type === type) &&
        (fault.operation === "*" || fault.operation === operation);
      if (!matches) continue;
      entry.seen++;
      if (entry.seen === fault.from || (fault.onwards && entry.seen > fault.from)) code ??= fault.code;
    }
    if (code) throw new AwsError(code, `${operation} of ${type} failed, as the rehearsal asked for`);
  }
}
