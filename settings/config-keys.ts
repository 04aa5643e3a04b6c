import { z } from "zod";
import { entryOf } from "../components/common/lookup";
import { nearest } from "../components/common/nearest";
import type { Problem } from "../components/common/problem";
import { hiddenSecret } from "../components/common/show";
import { schema } from "./schema";

/** Secret configuration keys: never part of the settings, so that they cannot end in values or plans. */
export const secretKeys = ["huggingFaceToken"];

/** A stack's configuration, as the engine passes it. */
export interface StackConfig {
  /** Values by full key, `project:name`; lists and groups are JSON. */
  values: Record<string, string>;
  /** Full keys whose values are secret; undefined when the engine did not say. */
  secret?: string[];
  /** Name of the project. */
  project: string;
}

/** The groups of a project by their short keys, without secrets, and what is wrong with the keys. */
export interface RawGroups {
  groups: Record<string, unknown>;
  problems: Problem[];
  /** Groups that cannot be looked at, because they are secret. */
  hidden: string[];
}

/** Reads the settings out of a stack's configuration. */
export function rawGroups({ values, secret, project }: StackConfig): RawGroups {
  const prefix = `${project}:`;
  const own = Object.keys(values).filter((key) => key.startsWith(prefix));
  const names = own.map((key) => key.slice(prefix.length)).filter((name) => !secretKeys.includes(name));
  const isHidden = (name: string) => secret?.includes(`${prefix}${name}`) === true;
  const known = Object.keys(schema.shape);
  return {
    groups: Object.fromEntries(
      names.map((name) => [
        name,
        isHidden(name) ? hiddenSecret : groupValue(name, values[`${prefix}${name}`] ?? ""),
      ]),
    ),
    hidden: names.filter((name) => isHidden(name) && known.includes(name)),
    problems: [
      ...names.filter((name) => isHidden(name) && known.includes(name)).map(secretGroup),
      ...Object.keys(values).flatMap((key) => strayKeyProblems(key, project)),
    ],
  };
}

function secretGroup(path: string): Problem {
  return {
    path,
    value: hiddenSecret,
    message: "must not be secret, nor hold secrets: plans show settings",
    fix: `Set it without --secret. Secrets have keys of their own: ${secretKeys.join(", ")}.`,
  };
}

/** A group from its text: the engine passes lists, groups and numbers as JSON, and texts as they are. */
function groupValue(name: string, text: string): unknown {
  const group = entryOf<z.ZodType>(schema.shape, name);
  if (group && isText(group)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // The schema then says which type it should have been.
  }
}

function isText(type: unknown): boolean {
  if (type instanceof z.ZodOptional) return isText(type.unwrap());
  return type instanceof z.ZodString || type instanceof z.ZodEnum;
}

/** Namespaces of the providers that the program uses, and of Pulumi itself. */
const providers = ["aws", "kubernetes", "random", "pulumi"];

/** Keys of other namespaces are others'; those that were meant to be the project's are told, since Pulumi takes them silently. */
function strayKeyProblems(key: string, project: string): Problem[] {
  const [namespace = "", ...rest] = key.split(":");
  const name = rest.join(":");
  if (namespace === project || providers.includes(namespace)) return [];
  const known = [...Object.keys(schema.shape), ...secretKeys];
  const settings = known.includes(name) ? name : nearest(name, known);
  if (!known.includes(name) && !nearest(namespace, [project])) return [];
  return [
    {
      path: key,
      value: undefined,
      message: `is not a key of this project: its keys begin with ${project}:`,
      fix: settings ? `Did you mean ${project}:${settings}?` : undefined,
    },
  ];
}

/** What is wrong with the token of the Hugging Face hub, which nothing may show. */
export function tokenProblems({ values, secret, project }: StackConfig): Problem[] {
  const path = `${project}:huggingFaceToken`;
  const token = entryOf(values, path);
  if (token === undefined) return [];
  const refuse = (message: string, fix: string): Problem[] => [{ path, value: hiddenSecret, message, fix }];
  const set = "pulumi config set --secret huggingFaceToken";
  if (secret && !secret.includes(path))
    return refuse(
      "must be a secret: in plain text it is in the file, its history and the state",
      `Revoke the token, and run: ${set}.`,
    );
  return /^[\w.-]+$/.test(token)
    ? []
    : refuse("must be one token, without blanks and quotes", `Run: ${set}.`);
}
