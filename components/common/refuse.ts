import type { Resource } from "@pulumi/pulumi";
// The errors alone: the whole of the SDK takes 400 ms to load, which pure functions need not.
import { ResourceError, RunError } from "@pulumi/pulumi/errors";
import { describeProblem, type Problem } from "./problem";

/**
 * Stops the program with every problem of a function's arguments, one per line; does nothing when there are none.
 *
 * @throws RunError, which Pulumi prints without a stack trace.
 */
export function refuseArguments(name: string, problems: Problem[]): void {
  if (problems.length === 0) return;
  throw new RunError(`${name}: ${problems.map(describeProblem).join("\n")}`);
}

/**
 * Stops the program with every problem of a component's arguments, one per line; does nothing when there are none.
 *
 * @throws ResourceError, which Pulumi prints without a stack trace.
 */
export function refuse(component: Resource, name: string, problems: Problem[]): void {
  if (problems.length === 0) return;
  throw new ResourceError(`${name}: ${problems.map(describeProblem).join("\n")}`, component, true);
}
