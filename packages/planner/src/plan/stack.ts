import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "@inference-platform/kit";
import { parseDocument } from "yaml";
import type { EvaluationContext } from "../program/evaluate";
import type { Properties } from "../program/monitor";

/**
 * Stands for every value that only a real deployment knows and that must stay secret: encrypted configuration and
 * generated passwords. Looked for in what is printed, and masked there.
 */
export const secretPlaceholder = "planned-secret-value";

/** A stack as its files describe it. */
export interface StackFiles {
  context: EvaluationContext;
  /** The program's file, absolute. */
  main: string;
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` of `directory` as the engine does.
 *
 * @param file Another file with the stack's configuration. Default: `Pulumi.<stack>.yaml`.
 * @throws UserError when a file is missing, is not YAML (with line and column), or has no project name.
 */
export function readStack(directory: string, stack: string, file?: string): StackFiles {
  const projectFile = join(directory, "Pulumi.yaml");
  if (!existsSync(projectFile)) {
    throw new UserError(
      `${resolve(directory)} has no Pulumi.yaml: it is not the folder of a Pulumi project.`,
    );
  }
  const project = parseYaml(projectFile);
  if (typeof project.name !== "string") throw new UserError(`${projectFile}: the project has no name.`);

  const stackFile = file ?? join(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(stackFile)) throw new UserError(unknownStack(directory, stack));
  const config: Record<string, string> = {};
  const secretKeys = new Set<string>();
  const values = [
    ...projectValues(mapping(project.config, projectFile)),
    ...Object.entries(mapping(parseYaml(stackFile).config, stackFile)),
  ];
  for (const [key, value] of values) {
    const full = fullKey(key, project.name);
    const { plain, secret } = withoutCiphertext(value);
    config[full] = typeof plain === "object" && plain !== null ? JSON.stringify(plain) : String(plain ?? "");
    if (secret) secretKeys.add(full);
    else secretKeys.delete(full);
  }
  return {
    context: { project: project.name, stack, config, secretKeys: [...secretKeys] },
    main: resolve(directory, typeof project.main === "string" ? project.main : "index.ts"),
  };
}

function unknownStack(directory: string, stack: string): string {
  const known = readdirSync(directory)
    .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .sort();
  const list = known.length > 0 ? `There are: ${known.join(", ")}.` : "There is none yet.";
  return `No stack ${stack}: ${join(resolve(directory), `Pulumi.${stack}.yaml`)} does not exist. ${list}`;
}

function parseYaml(file: string): Properties {
  const document = parseDocument(readFileSync(file, "utf8"), { prettyErrors: true });
  const error = document.errors[0];
  if (error) {
    const at = error.linePos?.[0];
    // The library's message ends with the line itself and a marker below; the first line says it all.
    const what = error.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "");
    throw new UserError(`${file}${at ? `:${at.line}:${at.col}` : ""}: not valid YAML: ${what}.`);
  }
  return mapping(document.toJS(), file);
}

function mapping(value: unknown, file: string): Properties {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new UserError(
      `${file}: expected keys with values, found ${Array.isArray(value) ? "a list" : value}.`,
    );
  }
  return value as Properties;
}

/** The configuration that a project gives to all its stacks: values, and defaults of declared keys. */
function projectValues(config: Properties): [string, unknown][] {
  return Object.entries(config).flatMap(([key, entry]): [string, unknown][] => {
    const declared = typeof entry === "object" && entry !== null && !Array.isArray(entry);
    if (!declared) return [[key, entry]];
    const { value, default: fallback } = entry as Properties;
    return value === undefined && fallback === undefined ? [] : [[key, value ?? fallback]];
  });
}

function fullKey(key: string, project: string): string {
  const [namespace, ...rest] = key.split(":");
  // `aws:config:region` is the long form of `aws:region`.
  if (rest.length === 2 && rest[0] === "config") return `${namespace}:${rest[1]}`;
  return rest.length > 0 ? key : `${project}:${key}`;
}

/** Replaces `secure: <ciphertext>`, at any depth, by the placeholder. One secret makes the whole key secret. */
function withoutCiphertext(value: unknown): { plain: unknown; secret: boolean } {
  if (typeof value !== "object" || value === null) return { plain: value, secret: false };
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") return { plain: secretPlaceholder, secret: true };
  const parts = entries.map(([key, entry]) => ({ key, ...withoutCiphertext(entry) }));
  const plain = Array.isArray(value)
    ? parts.map((part) => part.plain)
    : Object.fromEntries(parts.map((part) => [part.key, part.plain]));
  return { plain, secret: parts.some((part) => part.secret) };
}
