import type { Problem } from "./problem";

/** Numbers that are allowed, both ends included. Each stands once, beside what it bounds. */
export interface Bounds {
  /** Lowest. */
  least: number;
  /** Highest. */
  most: number;
  /** Why not others, as the end of a sentence. @default it need not be said */
  why?: string;
}

/** What is allowed, in words: `must be a whole number from 1 to 450: …`. */
export function wholeNumberMessage({ least, most, why }: Bounds): string {
  return `must be a whole number from ${least} to ${most}${why ? `: ${why}` : ""}`;
}

/** What is allowed, in words, for numbers with fractions. */
export function numberMessage({ least, most, why }: Bounds): string {
  return `must be a number from ${least} to ${most}${why ? `: ${why}` : ""}`;
}

/** Refuses what is no whole number within the bounds; undefined is nobody's. */
export function wholeNumberProblems(path: string, value: number | undefined, bounds: Bounds): Problem[] {
  if (value === undefined || (Number.isInteger(value) && isWithinBounds(value, bounds))) return [];
  return [{ path, value, message: wholeNumberMessage(bounds) }];
}

/** Refuses anything but a number within the bounds; undefined is ignored. */
export function numberProblems(path: string, value: number | undefined, bounds: Bounds): Problem[] {
  if (value === undefined || isWithinBounds(value, bounds)) return [];
  return [{ path, value, message: numberMessage(bounds) }];
}

function isWithinBounds(value: number, { least, most }: Bounds): boolean {
  return value >= least && value <= most;
}
