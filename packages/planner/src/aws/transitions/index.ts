import type { Properties } from "../../program/monitor";
import { clusters } from "./clusters";
import { objects } from "./objects";
import { releases } from "./releases";
import type { Ground, Step, Transition } from "./types";

export * from "./types";

const taken =
  "The old one keeps it until the end of the update: remove that one in an update of its own first, give the new one an alias when it is meant to be the same (`aliases: [{ name, parent }]`), or another name";

/** What to do about answers of AWS that have to do with what is still there, by their codes. */
export const advice: Record<string, string> = {
  "InvalidSubnet.Conflict":
    "Addresses follow from a zone's place in the list, and the old subnet goes only at the end: keep the order, add zones at the end, and take away only the last",
  EntityAlreadyExists: taken,
  ResourceInUseException: taken,
  ResourceAlreadyExistsException: taken,
  AlreadyExistsException: taken,
  "InvalidGroup.Duplicate": taken,
  "InvalidLaunchTemplateName.AlreadyExistsException": taken,
  "Resource.AlreadyAssociated": taken,
  InvalidChangeBatch: taken,
};

/** Every row. */
export const transitions: Transition[] = [...clusters, ...objects, ...releases];

/** A row that applies, with what it found. */
export interface Found {
  row: Transition;
  step: Step;
}

/** The rows that apply to a change of one resource or object. */
export function transitionsOf(of: string, before: Properties, after: Properties, ground: Ground): Found[] {
  return transitions.flatMap((row) => {
    const step = row.of === of ? row.between(before, after, ground) : undefined;
    return step ? [{ row, step }] : [];
  });
}
