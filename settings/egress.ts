import type { Problem } from "../components/common/problem";
import { type EgressTarget, egressProblems } from "../components/inference/egress";
import type { ServiceSettings } from "./schema";
import { profileOf } from "./workload";

/** What a service connects to, and which services connect to it. */
export interface Connections {
  /** What it may connect to. */
  egress: EgressTarget[];
  /** The other services that connect to it. */
  callers: string[];
}

/** The connections of each service, in the same order. */
export function connections(services: ServiceSettings[]): Connections[] {
  const callers = new Map<string, string[]>();
  for (const { name, egress } of services)
    for (const { service } of egress)
      if (service !== undefined) callers.set(service, [...(callers.get(service) ?? []), name]);
  return services.map(({ name, egress }) => ({
    egress: egress.map((target) => ({ ...target, port: target.port ?? portOf(target.service, services) })),
    callers: [...new Set(callers.get(name))],
  }));
}

/** The port of a service's API; none when there is no such service, or its engine is refused. */
function portOf(name: string | undefined, all: ServiceSettings[]): number {
  const service = all.find((one) => one.name === name);
  return (service && profileOf(service)?.port) ?? Number.NaN;
}

/** What is wrong with the connections of a service, with paths below the service. */
export function egressContradictions(service: ServiceSettings, all: ServiceSettings[]): Problem[] {
  const others = all.filter((one) => one.name !== service.name).map((one) => one.name);
  const unknown = service.egress.flatMap(({ service: name, namespace }, index) => {
    const path = `egress[${index}]`;
    if (name === undefined) return [];
    if (namespace !== undefined)
      return [
        {
          path: `${path}.namespace`,
          value: namespace,
          message: "must not be given beside service: the services of a stack are in one namespace",
        },
      ];
    if (others.includes(name)) return [];
    const message = `must be another service of the stack${others.length > 0 ? `: ${others.join(", ")}` : ""}`;
    return [{ path: `${path}.service`, value: name, message, fix: "For others give namespace or cidr." }];
  });
  const targets = service.egress.map((target) => ({
    ...target,
    // Another service's own problems are told there.
    port: target.port ?? (target.service === undefined ? Number.NaN : 1024),
  }));
  return [...unknown, ...egressProblems(targets)].map((problem) =>
    Number.isNaN(problem.value)
      ? { ...problem, value: undefined, message: "is missing: only for a service of the stack it is known" }
      : problem,
  );
}
