import { isAllowed } from "../common/text";
import { versionRule } from "./limits";

/** A version as three numbers. */
export interface ParsedVersion {
  major: number;
  minor: number;
  patch: number;
}

/** Reads `major.minor.patch`, decimal digits only; undefined for anything else. */
export function parseVersion(text: string): ParsedVersion | undefined {
  if (!isAllowed(text, versionRule)) return undefined;
  const [major = 0, minor = 0, patch = 0] = text.split(".").map(Number);
  return { major, minor, patch };
}

/** Below 0 when `a` is older than `b`, 0 when they are the same, above 0 when it is newer. */
export function compareVersions(a: ParsedVersion, b: ParsedVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

/** True when a version of the catalog is `first` or newer. */
export function isAtLeast(version: string, first: string): boolean {
  const [given, least] = [parseVersion(version), parseVersion(first)];
  return given !== undefined && least !== undefined && compareVersions(given, least) >= 0;
}

/** True for `from` ≤ `version` < `until`. */
export function versionWithin(version: ParsedVersion, from: string, until: string): boolean {
  const lower = parseVersion(from);
  const upper = parseVersion(until);
  if (!lower || !upper) throw new Error(`the engine catalog has a malformed range: ${from} to ${until}`);
  return compareVersions(version, lower) >= 0 && compareVersions(version, upper) < 0;
}
