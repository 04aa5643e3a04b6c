import type { Problem } from "../common/problem";
import { maySecret, namesSecret, secretIn } from "../common/secret-like";

/** One flag of a command line, as the engine's own parser would find it. */
export interface GivenFlag {
  /** Place in the list. */
  index: number;
  /** As it is written, without its value. */
  written: string;
  /** In the spelling with dashes. */
  name: string;
  /** What follows, after `=` or as the next argument; undefined for a switch. */
  value?: string;
}

/** A parsed list of arguments: its flags, and what no parser takes. */
export interface ParsedArguments {
  flags: GivenFlag[];
  problems: Problem[];
}

/** How an engine's parser reads its command line. */
export const ArgumentParser = {
  /** Python's argparse: abbreviations, and with vLLM underscores for dashes. SGLang and vLLM. */
  Argparse: "argparse",
  /** Rust's clap: long flags in full, `-p80` for short ones. TGI. */
  Clap: "clap",
  /** GNU's getopt_long: abbreviations. Triton. */
  Getopt: "getopt",
} as const;
export type ArgumentParser = (typeof ArgumentParser)[keyof typeof ArgumentParser];

/** Reads a list of arguments. Paths of problems are `extraArgs[n]`. */
export function parseArguments(given: string[]): ParsedArguments {
  const flags: GivenFlag[] = [];
  const problems: Problem[] = [];
  given.forEach((argument, index) => {
    const refuse = (message: string, fix?: string) =>
      problems.push({ path: `extraArgs[${index}]`, value: argument, message, ...(fix && { fix }) });
    if (!isFlag(argument)) {
      const last = flags.at(-1);
      if (argument === "") refuse("must not be empty");
      else if (!last) refuse("must begin with a flag: a value alone means nothing to the engine");
      else last.value ??= argument;
      return;
    }
    const at = argument.indexOf("=");
    const written = at < 0 ? argument : argument.slice(0, at);
    if (/\s/.test(written)) {
      const [flag, ...rest] = argument.trim().split(/\s+/);
      refuse(
        "must be one argument, without blanks before its value",
        rest.length > 0
          ? `Write ${JSON.stringify(`${flag}=${rest.join(" ")}`)}, or two arguments.`
          : undefined,
      );
    }
    if (written === "--") refuse("must not end the flags");
    const name = (written.trim().split(/\s/)[0] ?? "").replace(/^--.*/, (long) => long.replaceAll("_", "-"));
    flags.push({ index, written, name, ...(at >= 0 && { value: argument.slice(at + 1) }) });
  });
  return { flags, problems };
}

/** Negative numbers are values. */
function isFlag(argument: string): boolean {
  return /^\s*-/.test(argument) && !/^-\.?\d/.test(argument);
}

/**
 * The flag of a list that a written one means; undefined for none of them.
 *
 * @param names Flags with their dashes.
 */
export function meantFlag(flag: GivenFlag, names: string[], parser: ArgumentParser): string | undefined {
  if (names.includes(flag.name)) return flag.name;
  const short = names.find((name) => /^-[^-]$/.test(name) && flag.name.startsWith(name));
  if (parser === ArgumentParser.Clap) return flag.name.startsWith("--") ? undefined : short;
  // An abbreviation of several flags ends the engine at its start; of one it is this one.
  return names.find((name) => name.startsWith(flag.name) && flag.name.replace(/^-+/, "") !== "");
}

/**
 * Refuses flags that the platform sets itself.
 *
 * @param owned Flags with what to use in their place.
 */
export function ownedFlagProblems(
  flags: GivenFlag[],
  owned: Readonly<Record<string, string>>,
  parser: ArgumentParser,
): Problem[] {
  return flags.flatMap((flag) => {
    const name = meantFlag(flag, Object.keys(owned), parser);
    if (name === undefined) return [];
    const meant = name === flag.name ? "" : `: it is read as ${name}`;
    return [
      {
        path: `extraArgs[${flag.index}]`,
        value: flag.written,
        message: `must not repeat an argument that the platform sets${meant}`,
        fix: owned[name] ?? "",
      },
    ];
  });
}

const wayOfSecrets =
  "Arguments are seen by everybody who sees the pod: take the secret from a Secret of Kubernetes, or from a role.";

/** Refuses arguments that hold a secret, by the name of their flag or by their form. */
export function secretArgumentProblems(path: string, given: string[]): Problem[] {
  return given.flatMap((argument, index) => {
    const at = argument.indexOf("=");
    const flag = at < 0 ? argument : argument.slice(0, at);
    const value = at < 0 ? given[index + 1] : argument.slice(at + 1);
    const named = flag.startsWith("-") && namesSecret(flag) && value !== undefined && isSecretText(value);
    const what = named ? "a secret" : secretIn(argument);
    if (what === undefined) return [];
    return [
      {
        path: `${path}[${index}]`,
        value: flag.startsWith("-") && !secretIn(flag) ? `${flag}=[secret]` : "[secret]",
        message: `must not hold ${what}`,
        fix: wayOfSecrets,
      },
    ];
  });
}

/** Paths of files and other flags are no secrets. */
function isSecretText(value: string): boolean {
  return maySecret(value) && !/^(\/|-)/.test(value);
}
