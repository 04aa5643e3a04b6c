import { nearest } from "../../../components/common/nearest";
import { UsageError } from "./errors";
import { helpText } from "./help";
import { npmHint } from "./npm";

/** An option with a value. */
export interface StringOption {
  type: "string";
  /** Word for the value in the help: `FILE`. */
  value: string;
  /** What it does, one or more sentences without the name. */
  help: string;
  /** The only values. @default any text */
  choices?: readonly string[];
  /** The value when it is not given. @default none */
  default?: string;
  /** May be given several times: the value is a list. @default false */
  multiple?: boolean;
  /** Must be given. @default false */
  required?: boolean;
}

/** An option that is there or not. */
export interface BooleanOption {
  type: "boolean";
  /** What it does. */
  help: string;
}

export type Option = StringOption | BooleanOption;
export type Options = Record<string, Option>;

type Text<O> = O extends { choices: readonly (infer C extends string)[] } ? C : string;

/** The value of an option, as its definition says. */
export type ValueOf<O extends Option> = O extends BooleanOption
  ? boolean
  : O extends { multiple: true }
    ? Text<O>[]
    : O extends { default: string } | { required: true }
      ? Text<O>
      : Text<O> | undefined;

/** What a command was given. */
export interface Given<O extends Options> {
  values: { [name in keyof O]: ValueOf<O[name]> };
  /** The stack; empty for a command that takes none. */
  stack: string;
}

/** A command, apart from what it does. */
export interface CommandDefinition<O extends Options> {
  /** Its npm script. */
  name: string;
  /** Whether it takes the name of a stack, as its only argument. */
  stack: boolean;
  /** What it does, in whole sentences; a line break starts a new paragraph. */
  summary: string;
  options: O;
  /** Options of an example, after the stack: `--base main`. @default none */
  example?: string;
  /** Further paragraphs, after the options. @default none */
  notes?: string;
  /** What each exit code means. */
  exitCodes: Record<number, string>;
  run(given: Given<O>): Promise<number> | number;
}

/** Reads its arguments, prints its result on stdout, and gives the exit code. */
export interface Command {
  /** @throws UsageError naming everything that is wrong with the arguments. */
  run(args: string[]): Promise<number>;
  /** What it is, for the help and for tests of the documents. */
  definition: Pick<CommandDefinition<Options>, "name" | "stack" | "options">;
}

/** Makes a command of its definition: `-h` and `--help`, checks of all arguments at once, typed values. */
export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  return {
    definition,
    async run(args) {
      if (args.some((argument) => argument === "--help" || argument === "-h")) {
        process.stdout.write(helpText(definition));
        return 0;
      }
      return definition.run(readArguments(definition, args));
    },
  };
}

/** The arguments of a command. @throws UsageError naming everything that is wrong with them. */
export function readArguments<O extends Options>(
  definition: Pick<CommandDefinition<O>, "name" | "stack" | "options" | "example">,
  args: string[],
): Given<O> {
  const { options } = definition;
  const { flags, positionals, problems } = split(options, args);
  const [stack = "", ...others] = definition.stack ? positionals : ["", ...positionals];
  const hint = npmHint(definition, stack, others);
  if (definition.stack && stack === "") problems.push(`Which stack? For example: ${exampleOf(definition)}`);
  if (hint) problems.push(hint);
  else if (others.length > 0)
    problems.push(
      definition.stack
        ? `One stack at a time; found also: ${others.join(", ")}.`
        : `It takes no arguments but options; found: ${others.join(", ")}.`,
    );
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const texts = flags.get(name) ?? [];
    values[name] = givenValue(name, option, texts, problems);
  }
  if (problems.length > 0)
    throw new UsageError(`${problems.join("\n")}\n\nAll options: npm run ${definition.name} -- --help`);
  return { values: values as Given<O>["values"], stack };
}

/** The arguments as flags with their values and the rest, with what cannot be understood. */
function split(options: Options, args: string[]) {
  const flags = new Map<string, string[]>();
  const positionals: string[] = [];
  const problems: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? "";
    if (argument === "--") {
      positionals.push(...args.slice(at + 1));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      positionals.push(argument);
      continue;
    }
    const [, name = "", inline] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    const option = argument.startsWith("--") && Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) {
      problems.push(unknownOption(argument.split("=")[0] ?? argument, name, options));
      // What follows may be its value: it is no stack.
      if (inline === undefined && isValue(args[at + 1])) at++;
      continue;
    }
    const texts = flags.get(name) ?? [];
    flags.set(name, texts);
    if (option.type === "boolean") {
      if (inline !== undefined) problems.push(`--${name} takes no value; found ${inline}.`);
      texts.push("");
      continue;
    }
    const text = inline ?? (isValue(args[at + 1]) ? args[++at] : undefined);
    if (text === undefined || text === "")
      problems.push(`--${name} needs a value: --${name} ${option.value}.`);
    else texts.push(text);
  }
  return { flags, positionals, problems };
}

function isValue(argument: string | undefined): boolean {
  return argument !== undefined && (argument === "-" || !argument.startsWith("-"));
}

function unknownOption(written: string, name: string, options: Options): string {
  const known = [...Object.keys(options), "help"];
  const meant = nearest(name, known);
  return `There is no option ${written}.${meant ? ` Did you mean --${meant}?` : ""}`;
}

function givenValue(name: string, option: Option, texts: string[], problems: string[]): unknown {
  if (option.type === "boolean") return texts.length > 0;
  const { choices } = option;
  for (const text of texts)
    if (choices && !choices.includes(text)) {
      const meant = nearest(text, [...choices]);
      problems.push(
        `--${name} ${text}: must be one of ${choices.join(", ")}.${meant ? ` Did you mean ${meant}?` : ""}`,
      );
    }
  if (option.multiple) return texts;
  if (new Set(texts).size > 1) problems.push(`--${name} is given several times: ${texts.join(", ")}.`);
  const value = texts.at(-1) ?? option.default;
  if (value === undefined && option.required && texts.length === 0)
    problems.push(`--${name} is missing: --${name} ${option.value}.`);
  return value;
}

/** How a command is called. */
export function exampleOf({
  name,
  stack,
  example,
}: Pick<CommandDefinition<Options>, "name" | "stack" | "example">) {
  const words = [stack ? "staging" : "", example ?? ""].filter(Boolean).join(" ");
  return `npm run ${name}${words ? ` -- ${words}` : ""}`;
}
