import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot, readArguments } from "@inference-platform/kit";
import { settingsJsonSchema } from "../../settings/json-schema";
import { settingsPage } from "./page";

const help = `Usage: npm run schema [-- --check]

Writes what is derived from the settings' definition in settings:
  schema/stack.schema.json   JSON Schema of stack files, for editors
  docs/settings.md           the reference of all keys

  --check   write nothing; exit 1 when a file differs
  --help    this text
`;

/** The files made from the settings' definition, by path in the projectRoot. */
export function schemaFiles(project: string): Record<string, string> {
  return {
    "schema/stack.schema.json": `${JSON.stringify(settingsJsonSchema(project), null, 2)}\n`,
    "docs/settings.md": settingsPage(project),
  };
}

/** The command `schema`. @returns the exit code. */
export function run(argv: string[]): number {
  const { values } = readArguments({
    args: argv,
    options: { check: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const files = Object.entries(schemaFiles("inference-platform"));
  const stale = files.filter(([path, text]) => read(join(projectRoot, path)) !== text);
  for (const [path, text] of stale) {
    if (values.check) {
      process.stderr.write(`${path} is not what settings says. Run: npm run schema\n`);
      continue;
    }
    mkdirSync(dirname(join(projectRoot, path)), { recursive: true });
    writeFileSync(join(projectRoot, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
  if (stale.length === 0) process.stdout.write("up to date\n");
  return values.check && stale.length > 0 ? 1 : 0;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
