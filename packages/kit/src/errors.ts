/** What the user asked for cannot be done as things are: printed without a stack trace, exit code 1. */
export class UserError extends Error {}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {}
