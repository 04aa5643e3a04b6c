import type { CommandDefinition, Option, Options } from "./command";
import { columns, wrapped } from "./layout";

/** The help of a command. */
export function helpText<O extends Options>(definition: CommandDefinition<O>): string {
  const { name, stack, summary, options, notes, exitCodes } = definition;
  const width = columns();
  const required = Object.entries<Option>(options)
    .filter(([, option]) => option.type === "string" && option.required)
    .map(([flag, option]) => ` ${flagOf(flag, option)}`);
  const usage = `Usage: npm run --silent ${name} --${stack ? " <stack>" : ""}${required.join("")} [options]`;
  const rows: [string, string][] = [
    ...Object.entries<Option>(options).map(([flag, option]): [string, string] => [
      flagOf(flag, option),
      [option.help, detailsOf(option)].filter(Boolean).join(" "),
    ]),
    ["-h, --help", "this text"],
  ];
  const indent = Math.min(24, Math.max(...rows.map(([flag]) => flag.length)) + 4);
  const codes = Object.entries(exitCodes).map(([code, meaning]) => `${code} ${meaning}`);
  return [
    usage,
    "",
    ...wrapped(summary, width),
    "",
    ...rows.flatMap(([flag, text]) => row(flag, text, indent, width)),
    "",
    ...(notes ? [...wrapped(notes, width), ""] : []),
    ...wrapped(`Exit codes: ${codes.join("; ")}.`, width),
    "",
  ].join("\n");
}

function flagOf(flag: string, option: Option): string {
  return option.type === "string" ? `--${flag} ${option.value}` : `--${flag}`;
}

function detailsOf(option: Option): string {
  if (option.type === "boolean") return "";
  const choices = option.choices?.map((choice) =>
    choice === option.default ? `${choice} (default)` : choice,
  );
  if (choices) return `One of: ${choices.join(", ")}.`;
  return option.default === undefined ? "" : `Default: ${option.default}.`;
}

function row(flag: string, text: string, indent: number, width: number): string[] {
  const lines = wrapped(text, width - indent);
  const space = " ".repeat(indent);
  const head = `  ${flag}`;
  const [first = "", ...rest] = lines;
  return head.length + 2 > indent
    ? [head, ...lines.map((line) => space + line)]
    : [head.padEnd(indent) + first, ...rest.map((line) => space + line)];
}
