import * as pulumi from "@pulumi/pulumi";
import { describeProblem, type Problem } from "./problem";

/**
 * Stops the program with every problem of a component's arguments, one per line; does nothing when there are none.
 *
 * @throws ResourceError, which Pulumi prints without a stack trace.
 */
export function refuse(component: pulumi.Resource, name: string, problems: Problem[]): void {
  if (problems.length === 0) return;
  throw new pulumi.ResourceError(`${name}: ${problems.map(describeProblem).join("\n")}`, component, true);
}
