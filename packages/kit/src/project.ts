import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Folder of the project: this file is `<project>/packages/kit/src/project.ts`. */
export const projectRoot = join(__dirname, "../../..");

/** Arguments of a Node process that runs TypeScript, before the file. */
export const typescriptArguments = ["--import", pathToFileURL(require.resolve("tsx")).href];

/** Options of a worker thread that runs TypeScript: Node 20 does not hand the module hooks of `--import` to a worker. */
export const typescriptWorkerArguments = ["--require", require.resolve("tsx/cjs")];
