import type { Properties } from "../program/monitor";
import { argumentsOf } from "./arguments";
import { tagErrors } from "./tags";
import { AwsError } from "./types";

/**
 * The SDK refuses missing arguments too, but not those that arrive as undefined, nor unknown ones from JavaScript.
 * @throws AwsError MissingParameter, UnknownParameter, or what is wrong with the tags
 */
export function refuseArguments(type: string, inputs: Properties): void {
  const { required, optional } = argumentsOf[type] ?? { required: [], optional: [] };
  const given = Object.keys(inputs).filter((name) => inputs[name] !== undefined && inputs[name] !== null);
  const unknown = given.filter((name) => !required.includes(name) && !optional.includes(name));
  const missing = required.filter((name) => !given.includes(name));
  refuse([
    ...missing.map((name) => new AwsError("MissingParameter", `${type} must have ${name}`)),
    ...unknown.map((name) => new AwsError("UnknownParameter", `${type} has no argument ${name}`)),
    ...tagErrors(inputs.tags),
  ]);
}

/** @throws AwsError with the code of the first and the messages of all; nothing when there are none */
export function refuse(errors: AwsError[]): void {
  const [first, ...others] = errors;
  if (!first) return;
  if (others.length === 0) throw first;
  const message = first.message.slice(first.code.length + 2);
  throw new AwsError(first.code, [message, ...others.map((error) => error.message)].join("\n"));
}
