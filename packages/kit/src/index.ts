/** What the commands have in common. */
export { readArguments } from "./arguments";
export { type Command, runCommand } from "./commands";
export { UsageError, UserError } from "./errors";
export { cacheFolder, findProgram, searchPath } from "./programs";
export { delayedProgress } from "./progress";
export { projectRoot, typescriptArguments } from "./project";
