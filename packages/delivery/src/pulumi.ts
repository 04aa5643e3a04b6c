import { type Ended, findProgram, runProgram, searchPath, UserError } from "@inference-platform/kit";
import { readStack } from "@inference-platform/planner";

const pulumiSource = "Run: npm run tools -- --only pulumi, or see https://www.pulumi.com/docs/install/";

/** What every command on a real stack needs. @throws UserError when the stack has no file, or Pulumi is missing */
export function needStack(stack: string, directory: string): void {
  readStack(directory, stack);
  if (findProgram("pulumi", process.env) === undefined) {
    throw new UserError(`pulumi is not installed. ${pulumiSource}`);
  }
}

/** Runs the Pulumi CLI on a stack. */
export function pulumi(
  stack: string,
  args: string[],
  options: { directory: string; shown?: boolean },
): Promise<Ended> {
  const program = findProgram("pulumi", process.env) ?? "pulumi";
  return runProgram(program, [...args, "--stack", stack, "--non-interactive", "--color", "never"], {
    ...options,
    // Pulumi starts programs that lie beside it, or on PATH.
    env: { ...process.env, PATH: searchPath(process.env), PULUMI_SKIP_UPDATE_CHECK: "true" },
    from: pulumiSource,
  });
}
