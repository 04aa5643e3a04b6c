import { defineCommand, keepGenerated, projectRoot } from "@inference-platform/kit";
import { settingsJsonSchema } from "../../settings/json-schema";
import { settingsPage } from "./page";

/** The files made from the settings' definition, by path in the project. */
export function schemaFiles(project: string): Record<string, string> {
  return {
    "schema/stack.schema.json": `${JSON.stringify(settingsJsonSchema(project), null, 2)}\n`,
    "docs/settings.md": settingsPage(project),
  };
}

/** The command `schema`. */
export const command = defineCommand({
  name: "schema",
  stack: false,
  summary:
    "Writes what is derived from the settings' definition in settings/: schema/stack.schema.json, the JSON Schema of " +
    "stack files for editors, and docs/settings.md, the reference of all keys.",
  options: { check: { type: "boolean", help: "Write nothing; exit 1 when a file differs." } },
  exitCodes: {
    0: "all are written, or as they must be",
    1: "with --check: a file differs",
    2: "wrong usage",
  },
  run: ({ values }) => {
    const files = schemaFiles("inference-platform");
    return keepGenerated({ root: projectRoot, files, command: "schema" }, values.check);
  },
});
