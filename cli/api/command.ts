import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { apiPages } from "./page";
import { readApi } from "./read";
import { publicRecord } from "./record";

const root = join(__dirname, "../..");
const pagesFolder = join(root, "docs/api");
const recordFile = join(root, "test/fixtures/public-api.txt");

/** What `npm run docs` makes: text by path. */
export async function apiFiles(): Promise<Map<string, string>> {
  const items = readApi(join(root, "components/index.ts"));
  const pages = Object.entries(apiPages(items)).map(([name, text]): [string, string] => [
    join(pagesFolder, name),
    text,
  ]);
  return new Map([...pages, [recordFile, await publicRecord(items, root)]]);
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

async function write(): Promise<void> {
  const files = await apiFiles();
  for (const path of leftOver(files)) rmSync(path);
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

if (require.main === module) {
  void write();
}
