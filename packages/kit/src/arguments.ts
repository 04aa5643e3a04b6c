import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearest } from "../../../components/common/nearest";
import { UsageError } from "./errors";

/** What `parseArgs` makes of a configuration. */
type Parsed<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>;

/**
 * Reads the arguments of a command, as Node's `parseArgs`. `-h` is short for a `help` among the options.
 *
 * @throws UsageError that names an option that there is not, and the nearest
 */
export function readArguments<T extends ParseArgsConfig>(config: T): Parsed<T> {
  const options = config.options ?? {};
  const help = options.help ? { help: { ...options.help, short: "h" } } : {};
  try {
    return parseArgs({ ...config, options: { ...options, ...help } }) as Parsed<T>;
  } catch (error) {
    throw new UsageError(describe(error as NodeJS.ErrnoException, Object.keys(options)));
  }
}

function describe({ code, message }: NodeJS.ErrnoException, known: string[]): string {
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const given = /'(-[^']*)'/.exec(message)?.[1] ?? "";
    const meant = nearest(given.replace(/^-+/, ""), known);
    const list = known.map((name) => `--${name}`).join(", ");
    return `There is no option ${given}. ${meant ? `Did you mean --${meant}?` : `There are: ${list}.`}`;
  }
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") {
    return `${/'([^']*)'/.exec(message)?.[1]}: the command takes options only. With npm they come after --.`;
  }
  return message;
}
