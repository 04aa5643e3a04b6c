import { clusterProblems } from "../components/cluster/problems";
import { below, type Problem, renamed } from "../components/common/problem";
import { poolDemandProblems } from "../components/gpu/packing";
import { ephemeralStorageGiB, gpuPool } from "../components/gpu/pool";
import { demandOf } from "../components/inference/contract";
import { networkDefaults } from "../components/network/limits";
import { networkProblems } from "../components/network/problems";
import { redisProblems } from "../components/redis/checks";
import { timingProblems } from "../components/signals/timing";
import { ingressSettingsProblems } from "./ingress-checks";
import { productionProblems } from "./production";
import { Environment, type Settings } from "./schema";
import { serviceListProblems } from "./service-checks";
import { gpuProblems, poolArgs, serviceRequest } from "./workload";

/** Where a stack runs, as far as it is known to be right. */
export interface KnownPlace {
  region?: string;
  clusterName?: string;
}

/** What the checks of components want to know beside the settings; none of it can be wrong. */
const anyClusterName = "any";
const redisSurroundings = { namespace: "redis", admittedNamespaces: [{ name: "inference" }], metrics: true };

/**
 * What each value allows alone, but not together with the others, or in its component. Groups that were refused themselves
 * are absent; the checks that need them are then left for the next run.
 */
export function contradictions(settings: Partial<Settings>, place: KnownPlace): Problem[] {
  const { environment, network, cluster, gpu, model, scaling, redis, ingress } = settings;
  const { region } = place;
  return [
    ...(network && region ? below("network", networkProblems(completeNetwork(network, region))) : []),
    ...(cluster && region ? clusterSettingsProblems(cluster, region, place.clusterName) : []),
    ...(gpu ? below("gpu", gpuProblems(gpu)) : []),
    ...(model ? serviceListProblems(model, settings) : []),
    ...(redis?.enabled ? below("redis", redisProblems({ ...redis, ...redisSurroundings })) : []),
    ...(model && gpu ? capacityProblems(model, gpu) : []),
    ...(scaling ? below("scaling", intervalProblems(scaling)) : []),
    ...(ingress?.enabled ? ingressSettingsProblems(ingress, model, region) : []),
    ...(environment === Environment.Production ? productionProblems(settings) : []),
  ];
}

function completeNetwork(network: Settings["network"], region: string) {
  const { zones } = network;
  return {
    ...networkDefaults,
    ...network,
    region,
    controlPlaneZones: network.controlPlaneZones ?? [...new Set(zones)].slice(0, 2),
  };
}

function clusterSettingsProblems(
  cluster: Settings["cluster"],
  region: string,
  clusterName = anyClusterName,
): Problem[] {
  return clusterProblems({ clusterName, region, ...cluster }).map((problem) =>
    problem.path === "clusterName"
      ? {
          ...problem,
          path: "name of the cluster",
          fix: "It is made of the names of project and stack: choose another name for the stack.",
        }
      : { ...problem, path: `cluster.${problem.path}` },
  );
}

function intervalProblems(scaling: Settings["scaling"]): Problem[] {
  return timingProblems({ ...scaling, rateWindowSeconds: Number.POSITIVE_INFINITY });
}

/** What the pool cannot hold: replicas over all services, and weights on a node's disk. Each service fits for itself. */
function capacityProblems(model: Settings["model"], gpu: Settings["gpu"]): Problem[] {
  if (gpuProblems(gpu).length > 0) return [];
  const pool = gpuPool(poolArgs(gpu));
  const demands = model.services.map((service) => demandOf(serviceRequest(service), pool));
  const demand = poolDemandProblems(pool, demands).filter(({ path }) => path === "maxNodes");
  const room = ephemeralStorageGiB(pool, gpu.diskGiB);
  const disk = model.services.flatMap(({ gpus, model: { cache, weightsGiB } }, index) => {
    if (gpus === 0 || cache.mode !== "node" || weightsGiB <= room) return [];
    const message = `must fit the disk of a node (${room} GiB) for the cache mode node`;
    return [{ path: `model.services[${index}].model.weightsGiB`, value: weightsGiB, message }];
  });
  return [...renamed({ maxNodes: "gpu.maxNodes" }, demand), ...disk];
}
