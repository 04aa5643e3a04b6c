/** What the commands have in common. */
export { type Command, runCommand } from "./commands";
export { UsageError, UserError } from "./errors";
export { delayedProgress } from "./progress";
export { projectRoot, typescriptArguments } from "./project";
