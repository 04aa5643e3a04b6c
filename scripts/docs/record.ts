import { runStack } from "@inference-platform/planner";
import { type ApiItem, ApiKind } from "./read";

const head = `# What others depend on: public names with their arguments, and the URNs of the shipped stacks.
#
# A line that goes or changes is a breaking change: give a resource an alias (\`aliases\`) or write the change into
# CHANGELOG.md, under a new major version (before 1.0: minor). New lines need nothing. Then run \`npm run docs\`.
`;

/** The record of everything that must stay, one line for each thing. */
export async function publicRecord(items: ApiItem[], directory: string): Promise<string> {
  const stacks: string[] = [];
  for (const stack of ["staging", "prod"]) {
    const { monitor } = await runStack({ stack, directory });
    const urns = monitor.recorded.map(({ urn }) => urn.split("::").slice(2).join("::"));
    stacks.push(`\n# resources of ${stack}\n${urns.sort().join("\n")}\n`);
  }
  return `${head}\n# names\n${items.map(lines).join("\n")}\n${stacks.join("")}`;
}

function lines(item: ApiItem): string {
  const members = item.members.map(({ name, optional, type }) => `  ${name}${optional ? "?" : ""}: ${type}`);
  const signature = item.kind === ApiKind.Component ? `(${item.signature})` : item.signature;
  // A constant without a type is data that may grow.
  return [`${item.kind} ${item.name} ${signature}`.trim(), ...members].join("\n");
}
