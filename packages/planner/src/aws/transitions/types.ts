import type { Properties } from "../../program/monitor";

/** How a change ends that is not simply made. */
export const Outcome = {
  /** AWS or the API server refuses it: the update fails. */
  Refused: "refused",
  /** It is made, and takes away something that others have: an address, requests in flight. */
  Loss: "loss",
  /** It is accepted, and what it says is not so until somebody takes steps. */
  Incomplete: "incomplete",
  /** The program, or a controller, carries it out beside the update: worth saying, no danger. */
  Done: "done",
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Where a subnet is; undefined for one that is not known. */
export type SubnetLookup = (id: string) => { zone: string; vpcId: string } | undefined;

/** What a rule can look up beside the values, before the change and after it. */
export interface Ground {
  was: SubnetLookup;
  is: SubnetLookup;
}

/** The two values between which there is no plain way. */
export interface Step {
  from: string;
  to: string;
}

/** What AWS answers to a change that it refuses. */
interface Answer {
  code: string;
  message: (step: Step) => string;
}

/**
 * A change that is not made in place, although no property replaces the resource: beside `replacements`, which has those
 * that do. Shared by the simulated AWS, which gives AWS's answer, and by `diff`, which tells a reviewer.
 */
export interface Transition {
  /** Type token in AWS, or kind of a Kubernetes object. */
  of: string;
  outcome: Outcome;
  /** Gets inputs of an AWS resource, or Kubernetes objects. Undefined for a change that is simply made. */
  between: (before: Properties, after: Properties, ground: Ground) => Step | undefined;
  /** Absent for what AWS accepts, and for what is none of AWS's. */
  answer?: Answer;
  /** What happens, for people. */
  text: (step: Step) => string;
  /** What to do about it. */
  steps: string;
  /** Who says so, with the date of the word or of the reading. */
  source: string;
}

/** The value at a path of property names. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Properties)[key] : undefined),
      value,
    );
}
