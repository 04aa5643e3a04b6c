import type { Properties } from "../../program/monitor";
import type { SimulatedAws } from "../account";
import type { AccountView } from "../definition";
import { AwsError, type SimulatedResource } from "../types";
import { lookupCalls, typeCalls } from "./calls";
import type { ApiCall } from "./request";

/** What an engine does to resources. */
export const Step = { Create: "create", Read: "read", Update: "update", Delete: "delete" } as const;
export type Step = (typeof Step)[keyof typeof Step];

/**
 * The requests of one step on a resource. A creation and an update end with a read.
 *
 * @param change of an update: the new inputs, and which of them differ, at the top
 * @throws AwsError for a type or a change of which no requests are known
 */
export function callsOf(
  step: Step,
  resource: Pick<SimulatedResource, "type" | "id" | "inputs" | "outputs">,
  account: AccountView,
  change: { news?: Properties; changed: string[] } = { changed: [] },
): ApiCall[] {
  const { type, id, inputs, outputs } = resource;
  const rows = typeCalls[type];
  if (!rows)
    throw new AwsError("UnknownRequests", `no requests are known for ${type}; add it to aws/iam/calls`);
  const scene = { account, id, inputs: change.news ?? inputs, before: inputs, outputs };
  if (step === Step.Delete) return rows.delete(scene);
  if (step === Step.Read) return rows.read(scene);
  if (step === Step.Create) return [...rows.create(scene), ...rows.read(scene)];
  const updates = [...new Set(change.changed)].flatMap((property) => {
    const calls = rows.update[property];
    if (!calls) {
      const text = `no requests are known for a change of ${property} of ${type}; add it to aws/iam/calls`;
      throw new AwsError("UnknownRequests", text);
    }
    return calls(scene);
  });
  return [...updates, ...rows.read(scene)];
}

/** The requests of a look-up by the program. @throws AwsError for one of which none are known */
export function callsOfLookup(token: string, args: Record<string, unknown>, account: AccountView): ApiCall[] {
  const calls = lookupCalls[token];
  if (!calls)
    throw new AwsError("UnknownRequests", `no requests are known for ${token}; add it to aws/iam/calls`);
  return calls(account, args);
}

/** A request, and what it is for. */
export interface LifecycleCall {
  type: string;
  /** Logical name of the resource; the token of a look-up. */
  name: string;
  step: Step | "lookup";
  call: ApiCall;
}

/**
 * Every request that a life of the account's resources can bring: all are made, read and deleted, and each input that
 * the program gives, and its tags, may change in place.
 */
export function lifecycleOf(account: SimulatedAws): LifecycleCall[] {
  return account.resources().flatMap((resource) => {
    const { type, name, inputs } = resource;
    const changeable = Object.keys(typeCalls[type]?.update ?? {}).filter(
      (property) => inputs[property] !== undefined,
    );
    return Object.values(Step).flatMap((step) =>
      callsOf(step, resource, account.view, { changed: changeable }).map((call) => ({
        type,
        name,
        step,
        call,
      })),
    );
  });
}
