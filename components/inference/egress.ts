import { wholeNumberProblems } from "../common/bounds";
import { parseCidr } from "../common/cidr";
import { anyPort, labelRule } from "../common/ports";
import type { Problem } from "../common/problem";
import { textProblems } from "../common/text";

/** What the server connects to: another service, all pods of a namespace, or addresses. */
export interface EgressTarget {
  /** Name of another `InferenceService`, whose `allowedServices` or `allowedNamespaces` must admit this one. @default none */
  service?: string;
  /** Namespace of that service, or of the pods when no service is named. @default the service's own */
  namespace?: string;
  /** Address block, such as that of a database or a proxy; refused beside the others. @default none */
  cidr?: string;
  /** Port of the pods or the addresses. */
  port: number;
}

/** What is wrong with what a server may connect to, with paths below `egress`. */
export function egressProblems(targets: EgressTarget[] = []): Problem[] {
  return targets.flatMap((target, index) => targetProblems(target, `egress[${index}]`));
}

function targetProblems({ service, namespace, cidr, port }: EgressTarget, path: string): Problem[] {
  const problems: Problem[] = [];
  const add = (key: string, value: unknown, message: string, fix?: string) =>
    problems.push({ path: `${path}${key}`, value, message, fix });
  const names = [service, namespace].filter((name) => name !== undefined);
  if (cidr === undefined && names.length === 0)
    add("", { port }, "must say what to connect to", "Give service, namespace or cidr.");
  if (cidr !== undefined && names.length > 0)
    add(".cidr", cidr, "must not be given beside service or namespace", "Write two entries.");
  if (cidr !== undefined && !parseCidr(cidr))
    add(".cidr", cidr, "must be an IPv4 block that starts at its first address, such as 10.20.0.0/24");
  for (const [key, name] of Object.entries({ service, namespace }))
    problems.push(...textProblems(`${path}.${key}`, name, labelRule));
  problems.push(...wholeNumberProblems(`${path}.port`, port, anyPort));
  return problems;
}
