import type { Problem } from "../components/common/problem";
import { openProblems } from "../components/common/sources";
import { LoadBalancerScheme } from "../components/ingress/scheme";
import { NatGateways } from "../components/network/limits";
import type { ServiceSettings, Settings } from "./schema";

/** Switches of engines that a stack which people depend on must not have on, with what each does. */
const loosening: Record<string, string> = {
  VLLM_ALLOW_RUNTIME_LORA_UPDATING: "lets callers load adapters into the engine",
};

/** What a stack that people depend on must not have. */
export function productionProblems({ cluster, network, ingress, model }: Partial<Settings>): Problem[] {
  const problems: Problem[] = [];
  const add = (path: string, value: unknown, message: string) => problems.push({ path, value, message });
  if (cluster) {
    if (!cluster.deletionProtection) add("cluster.deletionProtection", false, "must be true");
    const { minNodes } = cluster.systemNodes;
    if (minNodes < 2) add("cluster.systemNodes.minNodes", minNodes, "must be at least 2");
    problems.push(
      ...openProblems("cluster.publicAccessCidrs", cluster.publicAccessCidrs),
      ...openProblems("cluster.privateAccessCidrs", cluster.privateAccessCidrs),
    );
  }
  if (network && network.natGateways !== NatGateways.PerZone) {
    add("network.natGateways", network.natGateways, "must be perZone");
  }
  if (ingress?.enabled) {
    if (!ingress.tls) add("ingress.tls", false, "must be true");
    if (ingress.scheme === LoadBalancerScheme.InternetFacing)
      problems.push(...openProblems("ingress.inboundCidrs", ingress.inboundCidrs));
  }
  for (const [index, service] of (model?.services ?? []).entries()) {
    const { min } = service.replicas;
    if (min < 2) add(`model.services[${index}].replicas.min`, min, "must be at least 2");
    problems.push(...looseningProblems(service, `model.services[${index}]`));
  }
  return problems.map((problem) => ({ ...problem, message: inProduction(problem.message) }));
}

function looseningProblems({ env }: ServiceSettings, path: string): Problem[] {
  return Object.keys(loosening)
    .filter(
      (name) => Object.hasOwn(env, name) && !["", "0", "false"].includes(env[name]?.toLowerCase() ?? ""),
    )
    .map((name) => ({
      path: `${path}.env.${name}`,
      value: env[name],
      message: `must not be set: it ${loosening[name]}`,
    }));
}

/** `must be true in production: why`. */
function inProduction(message: string): string {
  const [rule = "", ...why] = message.split(": ");
  return [`${rule} in production`, ...why].join(": ");
}
