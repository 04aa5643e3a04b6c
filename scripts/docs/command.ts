import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { projectRoot, readArguments } from "@inference-platform/kit";
import { apiPages } from "./page";
import { readApi } from "./read";
import { publicRecord } from "./record";

const help = `Usage: npm run docs [-- --check]

Writes what is derived from the comments of components: docs/api and the list of public names.

  --check   write nothing; exit 1 when a file differs
  --help    this text
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
  const { values } = readArguments({
    args,
    options: { check: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const stale = await staleFiles();
  if (values.check) {
    for (const path of stale) {
      process.stderr.write(`${relative(projectRoot, path)} is not what the sources say. Run: npm run docs\n`);
    }
    return stale.length > 0 ? 1 : 0;
  }
  const files = await apiFiles();
  for (const path of leftOver(files)) rmSync(path);
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  process.stdout.write(
    stale.length > 0
      ? stale.map((path) => `wrote ${relative(projectRoot, path)}\n`).join("")
      : "up to date\n",
  );
  return 0;
}
