import type { ServiceContract } from "../../../../components/inference/contract";
import { type Properties, type RecordingMonitor, unwrapSecrets } from "../program/monitor";
import { hoursPerMonth } from "./money";
import type { Cost, Placement, PlannedService, Range } from "./types";

const componentType = "inference-platform:index:InferenceService";

/** The services of a stack, as their components describe them, with where clients reach them and what they cost. */
export function servicesOf(
  monitor: Pick<RecordingMonitor, "recorded" | "registeredOutputs">,
  outputs: Properties,
  { placement, cost }: { placement: Placement; cost: Cost },
): PlannedService[] {
  const endpoints = endpointsOf(unwrapSecrets(outputs));
  return monitor.recorded
    .filter(({ type }) => type === componentType)
    .flatMap(({ urn }) => {
      const registered = unwrapSecrets(monitor.registeredOutputs.get(urn) ?? {}) as {
        contract?: ServiceContract;
        url?: string;
      };
      const { contract, url = "" } = registered;
      return contract ? [describe(contract, url, endpoints[contract.name], { placement, cost })] : [];
    });
}

function describe(
  contract: ServiceContract,
  url: string,
  endpoint: string | undefined,
  { placement, cost }: { placement: Placement; cost: Cost },
): PlannedService {
  const { name, namespace, profile, model, gpusPerReplica, replicas, signals, startup } = contract;
  const placed = placement.workloads.find(
    (workload) => workload.namespace === namespace && workload.name === name,
  );
  const [pool] = placed?.pools ?? [];
  const range = { floor: replicas.minReplicas, ceiling: replicas.maxReplicas };
  const monthly = shareOfNodes(contract, range, pool, { placement, cost });
  return {
    name,
    namespace,
    engine: profile.engine,
    engineVersion: profile.version,
    image: profile.image,
    model: model.id,
    ...(contract.maxModelLength !== undefined && { contextTokens: contract.maxModelLength }),
    ...(contract.maxConcurrency !== undefined && { maxConcurrency: contract.maxConcurrency }),
    gpusPerReplica,
    ...(pool !== undefined && { pool }),
    replicas: range,
    signals,
    coldStartSeconds: startup.coldSeconds,
    ...(endpoint !== undefined && { endpoint }),
    url,
    ...(monthly && { monthly }),
  };
}

/** What a service's GPUs cost: its part of each node, at the pool's price. */
function shareOfNodes(
  { gpusPerReplica }: ServiceContract,
  replicas: Range,
  poolName: string | undefined,
  { placement, cost }: { placement: Placement; cost: Cost },
): Range | undefined {
  const pool = placement.pools.find(({ name }) => name === poolName);
  const line = cost.lines.find(({ item }) => item.startsWith("nodes ") && item.endsWith(`(${poolName})`));
  if (gpusPerReplica === 0 || !pool?.allocatable || !line?.hourly || line.quantity.ceiling === 0)
    return undefined;
  const gpusPerNode = Math.max(...Object.values(pool.allocatable.extended), 0);
  if (gpusPerNode === 0) return undefined;
  const [least, most] = [
    line.hourly.floor / (line.quantity.floor || 1),
    line.hourly.ceiling / line.quantity.ceiling,
  ];
  const share = (gpusPerReplica / gpusPerNode) * hoursPerMonth;
  return {
    floor: replicas.floor * share * (line.quantity.floor ? least : most),
    ceiling: replicas.ceiling * share * most,
  };
}

/** Addresses for clients by service, of a stack that exports its platform. */
function endpointsOf(outputs: unknown): Record<string, string> {
  const platform = (outputs as { platform?: { endpoints?: unknown } } | undefined)?.platform;
  const endpoints = platform?.endpoints;
  return typeof endpoints === "object" && endpoints !== null ? (endpoints as Record<string, string>) : {};
}
