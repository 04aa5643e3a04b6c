/** What the user asked for cannot be done as things are: printed without a stack trace, exit code 1. */
export class UserError extends Error {}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {}

/** Of the Pulumi SDK, which only some commands load; by name, since programs may load another copy. */
const sdkErrors = ["RunError", "ResourceError"];

/** True for what a user can act on, of which the message says everything. The rest is a bug, which needs its stack. */
export function isUserError(error: unknown): boolean {
  if (error instanceof UserError || error instanceof UsageError) return true;
  // A missing configuration value is a class of its own below RunError.
  for (let type = error; type instanceof Error; type = Object.getPrototypeOf(type))
    if (sdkErrors.includes(type.constructor.name)) return true;
  return false;
}
