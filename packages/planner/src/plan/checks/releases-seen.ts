import { type Check, CheckStatus, type PlannedRelease } from "../types";
import { counted, type Facts } from "./facts";

/** `7 of 8 releases not seen`; undefined when all were. */
export function unseenReleases(releases: PlannedRelease[]): string | undefined {
  const { length } = releases.filter(({ skipped }) => skipped !== undefined);
  return length > 0 ? `${length} of ${counted(releases.length, "release")} not seen` : undefined;
}

/** Every release was rendered: what its chart makes was looked at by the other checks. */
export function releasesSeen({ releases }: Facts): Check {
  const id = "releases-seen";
  const unseen = unseenReleases(releases);
  if (unseen === undefined) {
    return { id, status: CheckStatus.Pass, detail: `${counted(releases.length, "release")} rendered` };
  }
  const skipped = releases.filter((release) => release.skipped !== undefined);
  const names = skipped.map(({ name }) => name).join(", ");
  const commands = [...new Set(skipped.flatMap(({ fetch }) => fetch ?? []))];
  return {
    id,
    status: CheckStatus.Warn,
    detail: `${unseen} (${names}): no check covers what they make. To see them: ${commands.join("; ")}`,
  };
}
