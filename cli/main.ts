import { join } from "node:path";
import { UsageError, UserError } from "./errors";

/** A command: reads its arguments, prints its result on stdout, and gives the exit code. */
export interface Command {
  run(args: string[]): Promise<number>;
}

// Loaded only when used: `plan` must not wait for what `rehearse` needs.
const commands: Record<string, () => Promise<Command>> = {
  plan: () => import("./plan/command"),
  diff: () => import("./diff/command"),
  schema: async () => {
    const { schemaCommand } = await import("./schema");
    return { run: async (args) => schemaCommand(args, join(__dirname, "..")) };
  },
  bench: () => import("./bench/command"),
  policies: () => import("./deliver/policies/command"),
  review: () => import("./deliver/review"),
  preview: () => import("./deliver/preview"),
  comment: () => import("./deliver/comment"),
  deploy: () => import("./deliver/deploy"),
  smoke: () => import("./deliver/smoke"),
  drift: () => import("./deliver/drift"),
  tools: () => import("./tools/command"),
  rehearse: () => import("./rehearse"),
};

async function main([name, ...args]: string[]): Promise<number> {
  const load = name === undefined ? undefined : commands[name];
  if (!load) {
    throw new UsageError(`unknown command ${name ?? ""}; there are: ${Object.keys(commands).join(", ")}`);
  }
  return (await load()).run(args);
}

/** Text for an error: the message of what a user can act on, the whole of what is a bug. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const forUsers =
    error instanceof UserError ||
    error instanceof UsageError ||
    ["RunError", "ResourceError"].includes((error as { __pulumiRunError?: boolean }).constructor.name) ||
    (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  if (forUsers) return error.message;
  const { originalPositions } = require("./register.js") as { originalPositions(stack: string): string };
  return originalPositions(error.stack ?? error.message);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage =
      error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = usage ? 2 : 1;
  },
);
