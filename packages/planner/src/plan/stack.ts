import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "@inference-platform/kit";
import type { EvaluationContext } from "../program/evaluate";
import { jsonText, readYaml, type YamlMapping, type YamlValue } from "../stack-file/yaml";

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
  /** File with the stack's configuration. */
  stackFile: string;
  /** Pulumi ESC environments that the stack imports. What they hold only Pulumi Cloud knows. */
  environments: string[];
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` of `directory` as the engine does, and refuses what it would ignore.
 *
 * @param file Another file with the stack's configuration. Default: `Pulumi.<stack>.yaml`.
 * @throws UserError when a file is missing, cannot be read (with line and column), or has no project name.
 */
export function readStack(directory: string, stack: string, file?: string): StackFiles {
  const projectFile = join(directory, "Pulumi.yaml");
  if (!existsSync(projectFile)) {
    throw new UserError(
      `${resolve(directory)} has no Pulumi.yaml: it is not the folder of a Pulumi project.`,
    );
  }
  const project = mapping(readYaml(projectFile), projectFile);
  const name = project.get("name");
  if (typeof name !== "string") throw new UserError(`${projectFile}: the project has no name.`);

  const stackFile = file ?? join(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(stackFile)) throw new UserError(unknownStack(directory, stack));
  const settings = mapping(readYaml(stackFile), stackFile);
  refuseIgnoredKeys(settings, stackFile);
  const config: Record<string, string> = {};
  const secretKeys = new Set<string>();
  const values = [
    ...projectValues(mapping(project.get("config"), projectFile)),
    ...mapping(settings.get("config"), stackFile),
  ];
  for (const [key, value] of values) {
    const full = fullKey(key, name, stackFile);
    const { plain, secret } = withoutCiphertext(value);
    config[full] = configText(plain);
    if (secret) secretKeys.add(full);
    else secretKeys.delete(full);
  }
  const main = project.get("main");
  return {
    context: { project: name, stack, config, secretKeys: [...secretKeys] },
    main: resolve(directory, typeof main === "string" ? main : "index.ts"),
    stackFile,
    environments: environmentNames(settings.get("environment")),
  };
}

function unknownStack(directory: string, stack: string): string {
  const known = readdirSync(directory)
    .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .sort();
  const list = known.length > 0 ? `There are: ${known.join(", ")}.` : "There is none yet.";
  return `No stack ${stack}: ${join(resolve(directory), `Pulumi.${stack}.yaml`)} does not exist. ${list} To make it: npm run new -- ${stack}`;
}

function mapping(value: YamlValue | undefined, file: string): YamlMapping {
  if (value instanceof Map) return value;
  if (value === undefined || value === null) return new Map();
  const found = Array.isArray(value) ? "a list" : JSON.stringify(String(value).slice(0, 40));
  throw new UserError(`${file}: expected keys with values, found ${found}.`);
}

/** What a stack file may have beside `config`. The CLI passes over everything else without a word. */
const stackFileKeys = ["config", "encryptionsalt", "encryptedkey", "environment", "secretsprovider"];

function refuseIgnoredKeys(settings: YamlMapping, file: string): void {
  const ignored = [...settings.keys()].filter((key) => !stackFileKeys.includes(key));
  if (ignored.length === 0) return;
  const keys = ignored.slice(0, 5).map((key) => JSON.stringify(key));
  const names = `${keys.join(", ")}${ignored.length > 5 ? ` and ${ignored.length - 5} more` : ""}`;
  throw new UserError(
    `${file}: ${names}: Pulumi ignores what stands beside ${stackFileKeys.join(", ")}. Settings stand under config, indented by two spaces.`,
  );
}

/** `environment` is a list of names, each of which may say how it is merged, or an environment written out. */
function environmentNames(value: YamlValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return ["the stack's own"];
  return value.flatMap((entry) => (entry instanceof Map ? [...entry.keys()] : [String(entry)]));
}

/** The configuration that a project gives to all its stacks: values, and defaults of declared keys. */
function projectValues(config: YamlMapping): [string, YamlValue][] {
  return [...config].flatMap(([key, entry]): [string, YamlValue][] => {
    if (!(entry instanceof Map)) return [[key, entry]];
    const value = entry.get("value") ?? entry.get("default");
    return value === undefined ? [] : [[key, value]];
  });
}

/** The key in full: `aws:region`, also written as `aws:config:region`; without a namespace it is the project's. */
function fullKey(key: string, project: string, file: string): string {
  const parts = key.split(":");
  if (parts.length === 1) return `${project}:${key}`;
  if (parts.length === 2) return key;
  const [namespace, module, name] = parts;
  if (parts.length === 3 && module === "config") return `${namespace}:${name}`;
  throw new UserError(`${file}: config.${JSON.stringify(key)}: must be namespace:name.`);
}

function configText(value: YamlValue): string {
  if (value === null) return "";
  return typeof value === "object" ? jsonText(value) : String(value);
}

/** Replaces `secure: <ciphertext>`, at any depth, by the placeholder. One secret makes the whole key secret. */
function withoutCiphertext(value: YamlValue): { plain: YamlValue; secret: boolean } {
  if (typeof value !== "object" || value === null) return { plain: value, secret: false };
  if (value instanceof Map) {
    if (value.size === 1 && typeof value.get("secure") === "string")
      return { plain: secretPlaceholder, secret: true };
    const parts = [...value].map(([key, entry]) => ({ key, ...withoutCiphertext(entry) }));
    return {
      plain: new Map(parts.map(({ key, plain }) => [key, plain])),
      secret: parts.some((part) => part.secret),
    };
  }
  const parts = value.map(withoutCiphertext);
  return { plain: parts.map((part) => part.plain), secret: parts.some((part) => part.secret) };
}
