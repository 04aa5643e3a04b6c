import * as nodeModule from "node:module";
import { UsageError, UserError } from "./errors";

/** A command: reads its arguments, prints its result on stdout, and gives the exit code. */
export interface Command {
  run(args: string[]): Promise<number> | number;
}

/**
 * Runs the command that the process was started with and sets the exit code: the command's own, 1 for an error, 2 for
 * wrong usage.
 *
 * @param commands By name. Each is loaded only when it is the one: `plan` must not wait for what `rehearse` needs.
 */
export async function runCommand(commands: Record<string, () => Promise<Command>>): Promise<void> {
  // Node 22 and newer keep what V8 makes of the sources and of the SDKs.
  (nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();
  const [name = "", ...args] = process.argv.slice(2);
  try {
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!load)
      throw new UsageError(`unknown command ${name}; there are: ${Object.keys(commands).join(", ")}`);
    process.exitCode = await (await load()).run(args);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** Text for an error: the message of what a user can act on, the whole of what is a bug. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const forUsers =
    error instanceof UserError ||
    error instanceof UsageError ||
    // Of the Pulumi SDK, which only some commands load.
    ["RunError", "ResourceError"].includes(error.constructor.name);
  return forUsers ? error.message : (error.stack ?? error.message);
}
