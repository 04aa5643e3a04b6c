/**
 * Takes facts about AWS out of a release of moto, whose maintainers record them from AWS, into packages/planner/src/aws/data:
 *
 *   pip download --no-deps moto==5.2.5
 *   npm run facts -- moto-5.2.5-py3-none-any.whl
 *
 * Each file names its source and the date of the newest fact or of the record.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { strFromU8, unzipSync } from "fflate";

const data = join(__dirname, "../packages/planner/src/aws/data");

/** A managed policy as moto has it: what `ListPolicies` and `GetPolicyVersion` said. */
interface RecordedPolicy {
  Path?: string;
  UpdateDate: string;
}

/** Reads one file of a wheel, which is a zip archive. */
function fileOf(wheel: string, path: string): string {
  const found = unzipSync(readFileSync(wheel), { filter: ({ name }) => name === path })[path];
  if (!found) throw new Error(`${wheel} has no ${path}`);
  return strFromU8(found);
}

function managedPolicies(wheel: string): object {
  const path = "moto/iam/aws_managed_policies.py";
  // One assignment of a JSON text in triple quotes; Python reads its escapes before JSON does.
  const text = /"""\n([\s\S]*)"""/.exec(fileOf(wheel, path))?.[1]?.replaceAll("\\\\", "\\");
  if (!text) throw new Error(`${path} has another form than it had in moto 5.2.5`);
  const recorded = Object.entries(JSON.parse(text) as Record<string, RecordedPolicy>);
  const names = recorded.map(([name, { Path }]) => `${(Path ?? "/").slice(1)}${name}`);
  return {
    source: `${basename(wheel)}: ${path}`,
    asOf: recorded
      .map(([, { UpdateDate }]) => UpdateDate.slice(0, 10))
      .sort()
      .at(-1),
    names: names.sort(),
  };
}

const [wheel] = process.argv.slice(2);
if (!wheel) throw new Error("Usage: npm run facts -- <wheel of moto>");
writeFileSync(
  join(data, "managed-policies.json"),
  `${JSON.stringify(managedPolicies(wheel), undefined, 2)}\n`,
);
