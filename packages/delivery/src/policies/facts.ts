import { readdirSync } from "node:fs";
import { runStack } from "@inference-platform/planner";
import type { PolicyFacts } from "./documents";

/** The stacks that have a file in the project's folder. */
export function stacksOf(directory: string): string[] {
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** What the stacks of a project contain, together. Runs their programs, without a cloud. */
export async function policyFacts(directory: string, stacks: string[]): Promise<PolicyFacts> {
  const types = new Set<string>();
  const roles = new Set<string>();
  const services = new Set<string>();
  const managedPolicies = new Set<string>();
  for (const stack of stacks) {
    const { monitor } = await runStack({ stack, directory });
    for (const { type, name, custom, inputs } of monitor.recorded) {
      if (!custom || !type.startsWith("aws:")) continue;
      types.add(type);
      if (type === "aws:iam/role:Role") {
        roles.add(name);
        for (const service of trusted(String(inputs.assumeRolePolicy))) services.add(service);
      }
      if (type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment") {
        managedPolicies.add(String(inputs.policyArn));
      }
    }
  }
  const sorted = (values: Set<string>) => [...values].sort();
  return {
    types: sorted(types),
    roles: sorted(roles),
    services: sorted(services),
    managedPolicies: sorted(managedPolicies),
  };
}

function trusted(assumeRolePolicy: string): string[] {
  const { Statement } = JSON.parse(assumeRolePolicy) as {
    Statement: { Principal: { Service: string } }[];
  };
  return Statement.map((statement) => statement.Principal.Service);
}
