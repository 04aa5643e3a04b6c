import { resolve } from "node:path";
import { ApiKind, readApi } from "../../scripts/docs/read";

/** Every name that the package exports. */
export const publicApi = readApi(resolve(__dirname, "../../components/index.ts"));

/** The code of the examples in the doc comments of public classes and functions; empty where there is none. */
export const publicExamples: Record<string, string> = Object.fromEntries(
  publicApi
    .filter(({ kind }) => kind === ApiKind.Component || kind === ApiKind.Function)
    .map(({ name, comment }) => [name, comment.example?.replace(/^```ts\n|\n```$/g, "") ?? ""]),
);
