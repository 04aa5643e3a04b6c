import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "@inference-platform/kit";
import { apiPages } from "./page";
import { readApi } from "./read";
import { publicRecord } from "./record";

const help = `Usage: npm run docs

Writes what is derived from the comments of components: docs/api and the list of public names.
`;

const pagesFolder = join(projectRoot, "docs/api");
const recordFile = join(projectRoot, "test/fixtures/public-api.txt");

/** What `npm run docs` makes: text by path. */
export async function apiFiles(): Promise<Map<string, string>> {
  const items = readApi(join(projectRoot, "components/index.ts"));
  const pages = Object.entries(apiPages(items)).map(([name, text]): [string, string] => [
    join(pagesFolder, name),
    text,
  ]);
  return new Map([...pages, [recordFile, await publicRecord(items, projectRoot)]]);
}

/** Pages that nothing makes any more. */
function leftOver(files: Map<string, string>): string[] {
  if (!existsSync(pagesFolder)) return [];
  return readdirSync(pagesFolder)
    .map((name) => join(pagesFolder, name))
    .filter((path) => !files.has(path));
}

/** Files that are not as `npm run docs` would make them. */
export async function staleFiles(): Promise<string[]> {
  const files = await apiFiles();
  const changed = [...files].filter(
    ([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text,
  );
  return [...changed.map(([path]) => path), ...leftOver(files)];
}

/** The command `docs`. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { help: { type: "boolean" } } });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const files = await apiFiles();
  for (const path of leftOver(files)) rmSync(path);
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return 0;
}
