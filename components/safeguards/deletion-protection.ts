import * as pulumi from "@pulumi/pulumi";
import { hasEngine } from "./engine";

/** Arguments of `DeletionProtection`. */
export interface DeletionProtectionArgs {
  /** Whether a `destroy` is refused. Turn it off with an `up` of its own before a `destroy` that is meant. */
  enabled: boolean;
}

/**
 * Makes `pulumi destroy` refuse before it touches anything. Pulumi's option `protect` keeps a resource and what that needs;
 * all that depends on it goes first, unless a preview stops the run, and the Automation API, as in Pulumi's GitHub
 * Action, makes none.
 *
 * To be made last, with the parts of the stack in the option `dependsOn`: components count with all that is in them. They
 * can still change, be replaced and be removed from the program.
 *
 * @example
 * ```ts
 * // The last resource of a program, which depends on all that must stay.
 * new DeletionProtection("deletion-protection", { enabled: true }, { dependsOn: [network, cluster] });
 * ```
 */
export class DeletionProtection extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: DeletionProtectionArgs,
    { dependsOn, ...opts }: pulumi.ComponentResourceOptions = {},
  ) {
    super(
      "inference-platform:index:DeletionProtection",
      name,
      {},
      // Without protection, dependencies would be in the way of `destroy --target`, which asks for the dependents, too.
      { ...opts, protect: args.enabled, ...(args.enabled && { dependsOn, ...refusal(name) }) },
    );
    this.registerOutputs();
  }
}

/**
 * Two walls. A hook for deletions lets the engine refuse every `destroy` at once, with the hook's name, unless it is told to
 * run the program. Then this resource, protected and depending on all others, would be the first to go, and stays.
 */
function refusal(name: string): Pick<pulumi.ComponentResourceOptions, "hooks"> {
  if (!hasEngine()) return {};
  const reason = `${name} is enabled: before a destroy turn it off, with an up of its own`;
  return { hooks: { beforeDelete: [new pulumi.ResourceHook(reason, () => {})] } };
}
