import { readdirSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, keepGenerated, projectRoot, staleFiles } from "@inference-platform/kit";
import { apiPages } from "./page";
import { readApi } from "./read";
import { publicRecord } from "./record";

const pagesFolder = "docs/api";
const recordFile = "test/fixtures/public-api.txt";

/** What `npm run docs` makes: text by path; undefined for pages that nothing makes any more. */
async function apiFiles(): Promise<Record<string, string | undefined>> {
  const items = readApi(join(projectRoot, "components/index.ts"));
  const pages = Object.entries(apiPages(items)).map(([name, text]) => [join(pagesFolder, name), text]);
  const there = readdirSync(join(projectRoot, pagesFolder)).map((name) => [
    join(pagesFolder, name),
    undefined,
  ]);
  return {
    ...Object.fromEntries(there),
    ...Object.fromEntries(pages),
    [recordFile]: await publicRecord(items, projectRoot),
  };
}

/** Files that are not as `npm run docs` would make them. */
export async function staleApiFiles(): Promise<string[]> {
  return staleFiles({ root: projectRoot, files: await apiFiles() });
}

/** The command `docs`. */
export const command = defineCommand({
  name: "docs",
  stack: false,
  summary: "Writes what is derived from the comments of components: docs/api and the list of public names.",
  options: { check: { type: "boolean", help: "Write nothing; exit 1 when a file differs." } },
  exitCodes: {
    0: "all are written, or as they must be",
    1: "with --check: a file differs",
    2: "wrong usage",
  },
  run: async ({ values }) =>
    keepGenerated({ root: projectRoot, files: await apiFiles(), command: "docs" }, values.check),
});
