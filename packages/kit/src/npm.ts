import type { CommandDefinition, Options } from "./command";

/**
 * What to say when npm took options of the command for its own: without `--` it keeps their names and leaves their values
 * behind as arguments.
 */
export function npmHint(
  { name, stack, options }: Pick<CommandDefinition<Options>, "name" | "stack" | "options">,
  stackName: string,
  others: string[],
): string | undefined {
  if (process.env.npm_lifecycle_event !== name) return undefined;
  const taken = Object.keys(options).filter(
    (option) => process.env[`npm_config_${option.replaceAll("-", "_")}`] !== undefined,
  );
  const mayBeValues = stack && others.length > 0;
  if (taken.length === 0 && !mayBeValues) return undefined;
  const what =
    taken.length > 0
      ? `npm took ${taken.map((option) => `--${option}`).join(" and ")} for an option of its own`
      : `One stack at a time; found also: ${others.join(", ")}. If that is the value of an option, npm took the option for one of its own`;
  const rest = taken
    .map((option) => ` --${option}${options[option]?.type === "string" ? " …" : ""}`)
    .join("");
  return `${what}: put -- before the arguments, as in npm run ${name} -- ${[stackName, rest.trim()].filter(Boolean).join(" ") || "…"}`;
}
