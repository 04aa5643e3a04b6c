import { SimulatedAws } from "../aws/account";
import type { SimulatedResource } from "../aws/types";
import { zonesOf } from "../aws/zones";
import type { Plan } from "../plan/types";

/** A plan's AWS resources as a simulated account has them. */
export interface PlanAccount {
  account: SimulatedAws;
  /** By URN. What this revision's account does not know, or refuses, is not in it. */
  made: Map<string, SimulatedResource>;
}

/**
 * The account after the plan's first `up`. A plan holds no ids; the simulated account gives a resource the same ones every
 * time.
 */
export function accountOf(plan: Plan): PlanAccount {
  const { region } = plan.cost;
  const account = new SimulatedAws({ region: zonesOf(region).length > 0 ? region : "us-east-1" });
  const made = new Map<string, SimulatedResource>();
  for (const { urn, type, name, inputs } of plan.resources) {
    if (!type.startsWith("aws:")) continue;
    try {
      const { id } = account.create(type, name, inputs);
      const resource = account.read(type, id);
      if (resource) made.set(urn, resource);
    } catch {
      // Another revision's program may use what this revision's account does not know: then nothing is known to refer
      // to the resource, and its own changes still count.
    }
  }
  return { account, made };
}
