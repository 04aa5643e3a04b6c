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

/** Policies that the program attaches: what they allow is part of what its roles may do. */
const attached = [
  "AmazonEBSCSIDriverPolicyV2",
  "AmazonEC2ContainerRegistryPullOnly",
  "AmazonEKSClusterPolicy",
  "AmazonEKSWorkerNodePolicy",
  "AmazonEKS_CNI_Policy",
];

/** A managed policy as moto has it: what `ListPolicies` and `GetPolicyVersion` said. */
interface RecordedPolicy {
  DefaultVersionId: string;
  Document: unknown;
  Path?: string;
  UpdateDate: string;
}

const policiesFile = "moto/iam/aws_managed_policies.py";
const sourceOf = (wheel: string) => `${basename(wheel)}: ${policiesFile}`;

/** Reads one file of a wheel, which is a zip archive. */
function fileOf(wheel: string, path: string): string {
  const found = unzipSync(readFileSync(wheel), { filter: ({ name }) => name === path })[path];
  if (!found) throw new Error(`${wheel} has no ${path}`);
  return strFromU8(found);
}

function recordedPolicies(wheel: string): [string, RecordedPolicy][] {
  // One assignment of a JSON text in triple quotes; Python reads its escapes before JSON does.
  const text = /"""\n([\s\S]*)"""/.exec(fileOf(wheel, policiesFile))?.[1]?.replaceAll("\\\\", "\\");
  if (!text) throw new Error(`${policiesFile} has another form than it had in moto 5.2.5`);
  return Object.entries(JSON.parse(text) as Record<string, RecordedPolicy>);
}

function managedPolicies(wheel: string): object {
  const recorded = recordedPolicies(wheel);
  const names = recorded.map(([name, { Path }]) => `${(Path ?? "/").slice(1)}${name}`);
  return {
    source: sourceOf(wheel),
    asOf: recorded
      .map(([, { UpdateDate }]) => UpdateDate.slice(0, 10))
      .sort()
      .at(-1),
    names: names.sort(),
  };
}

/** The documents of the policies that the program attaches. */
function policyDocuments(wheel: string): object {
  const recorded = new Map(recordedPolicies(wheel));
  const documents = attached.map((name) => {
    const policy = recorded.get(name);
    if (!policy) throw new Error(`${wheel} has no policy ${name}`);
    const { UpdateDate, DefaultVersionId, Document } = policy;
    return [name, { asOf: UpdateDate.slice(0, 10), version: DefaultVersionId, document: Document }];
  });
  return { source: sourceOf(wheel), policies: Object.fromEntries(documents) };
}

function write(file: string, facts: object): void {
  writeFileSync(join(data, file), `${JSON.stringify(facts, undefined, 2)}\n`);
}

const [wheel] = process.argv.slice(2);
if (!wheel) throw new Error("Usage: npm run facts -- <wheel of moto>");
write("managed-policies.json", managedPolicies(wheel));
write("managed-policy-documents.json", policyDocuments(wheel));
