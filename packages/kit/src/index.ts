/** What the commands have in common: arguments, help, errors, progress, results, interrupts, programs. */
export {
  type Command,
  type CommandDefinition,
  defineCommand,
  type Given,
  type Options,
  readArguments,
} from "./command";
export { isUserError, UsageError, UserError } from "./errors";
export { type Generated, keepGenerated, staleFiles } from "./generated";
export { onInterrupt } from "./interrupts";
export { columns, markdownTable, type Palette, palette, showsColour, textTable, wrapped } from "./layout";
export { type CommandModules, runCommand } from "./main";
export { writeResult } from "./output";
export { cacheFolder, findProgram, searchPath } from "./programs";
export { delayedProgress } from "./progress";
export { projectRoot, typescriptArguments, typescriptWorkerArguments } from "./project";
export { type Ended, Programs, type RunOptions, runProgram } from "./running";
