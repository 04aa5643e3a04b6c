import { UserError } from "@inference-platform/kit";

/** A plan that could not be made: exit code 3. */
export class PlanFailed extends UserError {}
