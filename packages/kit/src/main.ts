import * as nodeModule from "node:module";
import { nearest } from "../../../components/common/nearest";
import type { Command } from "./command";
import { isUserError, UsageError } from "./errors";

/** Modules of commands by their npm scripts. */
export type CommandModules = Record<string, () => Promise<{ command: Command }>>;

/**
 * Runs the command that the process was started with and sets the exit code: the command's own, 1 for an error, 2 for
 * wrong usage.
 *
 * @param modules Each is loaded only when it is the one: `plan` must not wait for what `rehearse` needs.
 */
export async function runCommand(modules: CommandModules): Promise<void> {
  // Node 22 and newer keep what V8 makes of the sources and of the SDKs.
  (nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();
  // Whoever reads stdout may have seen enough: `| head` is not an error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
  const [name = "", ...args] = process.argv.slice(2);
  try {
    const load = Object.hasOwn(modules, name) ? modules[name] : undefined;
    if (!load) throw new UsageError(unknownCommand(name, Object.keys(modules)));
    const { command } = await load();
    process.exitCode = await command.run(args);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return;
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

function unknownCommand(name: string, known: string[]): string {
  const meant = nearest(name, known);
  return `unknown command ${name}; there are: ${known.join(", ")}.${meant ? ` Did you mean ${meant}?` : ""}`;
}

/** Text for an error: the message of what a user can act on, the whole of what is a bug. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isUserError(error) ? error.message : (error.stack ?? error.message);
}
