import { engineCatalog } from "../../../../components/engines";
import { parseVersion, versionWithin } from "../../../../components/engines/version";

/** The next patch version of the same range of the catalog, else the one before; undefined when there is neither. */
export function otherVersion(engine: string, version: string): string | undefined {
  const parsed = parseVersion(version);
  const row = engineCatalog[engine]?.rows.find(
    ({ from, until }) => parsed && versionWithin(parsed, from, until),
  );
  if (!parsed || !row) return undefined;
  return [parsed.patch + 1, parsed.patch - 1]
    .filter((patch) => patch >= 0)
    .map((patch) => ({ ...parsed, patch }))
    .filter((candidate) => versionWithin(candidate, row.from, row.until))
    .map(({ major, minor, patch }) => `${major}.${minor}.${patch}`)[0];
}
