import { UsageError } from "@inference-platform/kit";
import { growth } from "./formats/wording";
import { holdsData } from "./kubernetes";
import { plain } from "./markup";
import { shortType } from "./resources";
import { Action, DangerKind, type PlanDiff } from "./types";

/** Tells what of a difference it does not let pass; nothing when it does. */
export type Gate = (diff: PlanDiff) => string[];

/** The gate that nobody has to ask for. */
export const alwaysOn = "will-fail";

/** The gates that `--fail-on` understands, for people. */
export const gateHelp = `replace, delete, public, cost:+20% (of floor or ceiling), ${alwaysOn}`;

/**
 * Reads the values of `--fail-on`, each such as `replace,delete,cost:+20%`. All of them count, each once, and
 * {@link alwaysOn} with them.
 *
 * @throws UsageError for anything else
 */
export function parseGates(texts: string[]): Gate[] {
  const asked = texts.flatMap((text) => text.split(",")).map((name) => name.trim());
  const names = new Set([alwaysOn, ...asked.filter((name) => name !== "")]);
  return [...names].map((name) => {
    const cost = /^cost:\+(\d+(?:\.\d+)?)%$/.exec(name);
    if (cost) return costGate(Number(cost[1]));
    const gate = Object.hasOwn(named, name) ? named[name] : undefined;
    if (!gate) throw new UsageError(`--fail-on ${name}: there are ${gateHelp}.`);
    return gate;
  });
}

const named: Record<string, Gate> = {
  [alwaysOn]: ({ dangers }) =>
    dangers
      .filter(({ kind }) => kind === DangerKind.Refused)
      .map(({ subject, text }) => `${alwaysOn}: ${subject}: ${plain(text)}`),
  replace: (diff) => withAction(diff, Action.Replace, "replaced"),
  delete: (diff) => [...withAction(diff, Action.Delete, "deleted"), ...deletedData(diff)],
  public: ({ dangers }) =>
    dangers
      .filter(({ kind }) => kind === DangerKind.Public)
      .map(({ subject }) => `public: ${subject} becomes reachable from the internet`),
};

function withAction({ resources }: PlanDiff, action: Action, done: string): string[] {
  const found = resources.filter((resource) => resource.action === action);
  if (found.length === 0) return [];
  const names = found.slice(0, 5).map(({ type, name }) => `${shortType(type)} ${name}`);
  const more = found.length > 5 ? ` and ${found.length - 5} more` : "";
  return [`${action}: ${names.join(", ")}${more} ${found.length > 1 ? "are" : "is"} ${done}`];
}

/** Claims and the like that a release loses. */
function deletedData({ resources }: PlanDiff): string[] {
  return resources.flatMap(({ release }) =>
    (release?.objects ?? [])
      .filter(({ kind, action }) => action === Action.Delete && holdsData(kind))
      .map(({ kind, name }) => `delete: ${kind} ${name} of release ${release?.name} is deleted`),
  );
}

function costGate(percent: number): Gate {
  return ({ cost }) => {
    const { before, after } = cost;
    if (!before) return [];
    return (["floor", "ceiling"] as const)
      .filter((side) => after[side] > before[side] * (1 + percent / 100))
      .map(
        (side) => `cost: the ${side} rises by ${growth(before[side], after[side])}, more than ${percent} %`,
      );
  };
}
