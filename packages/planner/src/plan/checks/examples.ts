import { exampleValues } from "../../../../../settings/examples";
import { type Check, CheckStatus } from "../types";
import { type Facts, groupsOf } from "./facts";

/** Values of the stack file that are an example's: the plan takes them, `pulumi preview` and `up` refuse them. */
export function examplesReplaced({ config }: Facts): Check {
  const id = "example-values";
  const found = exampleValues(groupsOf(config));
  if (found.length === 0) return { id, status: CheckStatus.Pass, detail: "none in the stack file" };
  const values = found.map(({ path, value }) => `${path} ${value}`).join(", ");
  return { id, status: CheckStatus.Warn, detail: `\`pulumi up\` refuses examples: ${values}. Replace them.` };
}
