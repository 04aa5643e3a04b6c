import { budgetProblems } from "../components/budgets/budgets";
import { clusterProblems } from "../components/cluster/problems";
import type { Problem } from "../components/common/problem";
import { Engine } from "../components/engines/profile";
import { poolDemandProblems } from "../components/gpu/packing";
import { ephemeralStorageGiB, gpuPool } from "../components/gpu/pool";
import { demandOf, drainOf, startupOf } from "../components/inference/contract";
import { pathProblems } from "../components/ingress/checks";
import { subnetProblems } from "../components/network/subnets";
import { controlPlaneZoneProblems } from "../components/network/zones";
import { redisProblems } from "../components/redis/checks";
import { defaultSignals, scalingProblems } from "../components/scaling";
import { metricsTiming } from "../components/signals/timing";
import { egressContradictions } from "./egress";
import { Environment, type ServiceSettings, type Settings } from "./schema";
import { engineRequest, gpuProblems, poolArgs, profileOf, requestProblems, serviceRequest } from "./workload";

/** What the checks of components want to know beside the settings; none of it can be wrong. */
const clusterName = "any";
const redisSurroundings = { namespace: "redis", admittedNamespaces: [{ name: "inference" }], metrics: true };

/**
 * What each value allows alone, but not together with the others. Groups that were refused themselves are absent;
 * the checks that need them are then left for the next run.
 */
export function contradictions(settings: Partial<Settings>, region?: string): Problem[] {
  const { environment, network, cluster, gpu, model, scaling, redis, ingress } = settings;
  return [
    ...(network && region ? under("network", networkProblems(network, region)) : []),
    ...(cluster && region ? under("cluster", clusterProblems({ clusterName, region, ...cluster })) : []),
    ...(gpu ? under("gpu", gpuProblems(gpu)) : []),
    ...(model ? nameProblems(model) : []),
    ...(model?.services.flatMap((service, index) =>
      under(`model.services[${index}]`, [
        ...serviceProblems(service),
        ...egressContradictions(service, model.services),
      ]),
    ) ?? []),
    ...(redis?.enabled ? under("redis", redisProblems({ ...redis, ...redisSurroundings })) : []),
    ...(model && redis ? redisUseProblems(model, redis) : []),
    ...(model && gpu ? capacityProblems(model, gpu) : []),
    ...(scaling ? intervalProblems(scaling) : []),
    ...(ingress?.enabled ? tlsProblems(ingress) : []),
    ...(ingress?.enabled && model ? hostProblems(ingress, model) : []),
    ...(ingress?.enabled && model ? routeProblems(model) : []),
    ...(environment === Environment.Production ? productionProblems(settings) : []),
  ];
}

function networkProblems({ cidr, zones, controlPlaneZones }: Settings["network"], region: string): Problem[] {
  return [...subnetProblems(cidr, zones, region), ...controlPlaneZoneProblems(zones, controlPlaneZones)];
}

function under(path: string, problems: Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }));
}

function serviceProblems(service: ServiceSettings): Problem[] {
  const problems: Problem[] = [];
  const { replicas, engine, version, model, resources } = service;
  const add = (path: string, value: unknown, message: string, fix?: string) =>
    problems.push({ path, value, message, fix });

  if (replicas.min > replicas.max) {
    add("replicas.min", replicas.min, `must be at most replicas.max (${replicas.max})`);
  }
  if (engine === "custom" && version) {
    add(
      "version",
      version,
      "must not be given for the engine custom",
      "The version is the tag of custom.image.",
    );
  }
  if (engine !== "custom" && !version) {
    add(
      "version",
      undefined,
      `is missing: the engine ${engine} needs one`,
      "Set major.minor.patch in quotes.",
    );
  } else {
    problems.push(...requestProblems(service));
  }
  if (service.gpus === 0 && (!resources.cpuMillis || !resources.memoryMiB)) {
    const message =
      "must have cpuMillis and memoryMiB for a service without GPU: there is no share of a node to take";
    add("resources", resources, message);
  }
  if (model.cache.mode === "claim" && !model.cache.claimName) {
    add("model.cache.claimName", undefined, "is missing: the cache mode claim needs a PersistentVolumeClaim");
  }
  if (model.cache.mode !== "claim" && model.cache.claimName) {
    add(
      "model.cache.claimName",
      model.cache.claimName,
      `must not be given for the cache mode ${model.cache.mode}`,
    );
  }
  problems.push(...followingProblems(service));
  for (const [request, limit] of requestsAndLimits) {
    const low = resources[request];
    const high = resources[limit];
    if (low !== undefined && high !== undefined && low > high) {
      add(`resources.${request}`, low, `must be at most resources.${limit} (${high})`);
    }
  }
  return problems;
}

/** What the times of the service and its signals refuse; needs an engine that is known. */
function followingProblems(service: ServiceSettings): Problem[] {
  const profile = profileOf(service);
  if (!profile) return [];
  const request = serviceRequest(service);
  const startup = startupOf(request, profile);
  const times = budgetProblems(startup, drainOf(request, profile)).map((problem) => ({
    ...problem,
    path: `longestRequestSeconds, model.weightsGiB: ${problem.path}`,
  }));
  const scaling = scalingProblems({
    profile,
    signals: service.signals ?? defaultSignals(engineRequest(service)),
    behavior: service.behavior,
    startup,
    timing: metricsTiming(),
  });
  return [...times, ...scaling];
}

const requestsAndLimits = [
  ["cpuMillis", "cpuLimitMillis"],
  ["memoryMiB", "memoryLimitMiB"],
] as const;

function nameProblems(model: Settings["model"]): Problem[] {
  const seen = new Set<string>();
  return model.services.flatMap(({ name }, index) => {
    const taken = seen.has(name);
    seen.add(name);
    return taken ? [{ path: `model.services[${index}].name`, value: name, message: "must be unique" }] : [];
  });
}

function redisUseProblems(model: Settings["model"], redis: Settings["redis"]): Problem[] {
  return model.services.flatMap(({ redis: wanted, engine }, index) => {
    if (!wanted) return [];
    const refuse = (message: string, fix?: string) => [
      { path: `model.services[${index}].redis`, value: true, message, fix },
    ];
    if (!redis.enabled) return refuse("must be false while redis.enabled is false");
    if (engine === Engine.Custom) return [];
    return refuse(
      `must be false for ${engine}, which reads no REDIS_ variables: the password would lie in its environment for nothing`,
      "Set it for the server that uses Redis.",
    );
  });
}

/** What the pool cannot hold: replicas over all services, and weights on a node's disk. */
function capacityProblems(model: Settings["model"], gpu: Settings["gpu"]): Problem[] {
  if (gpuProblems(gpu).length > 0) return [];
  const pool = gpuPool(poolArgs(gpu));
  const demands = model.services.map((service) => demandOf(serviceRequest(service), pool));
  const demand = poolDemandProblems(pool, demands).map((problem) => {
    const [service, ...path] = problem.path.split(".");
    const index = model.services.findIndex(({ name }) => name === service);
    if (index < 0) return { ...problem, path: `gpu.${problem.path}` };
    return {
      ...problem,
      path: `model.services[${index}].${path.join(".").replace(/^(cpu|memory)/, "resources.$1")}`,
    };
  });
  const room = ephemeralStorageGiB(pool, gpu.diskGiB);
  const disk = model.services.flatMap(({ gpus, model: { cache, weightsGiB } }, index) => {
    if (gpus === 0 || cache.mode !== "node" || weightsGiB <= room) return [];
    const message = `must fit the disk of a node (${room} GiB) for the cache mode node`;
    return [{ path: `model.services[${index}].model.weightsGiB`, value: weightsGiB, message }];
  });
  return [...demand, ...disk];
}

function intervalProblems(scaling: Settings["scaling"]): Problem[] {
  const { scrapeIntervalSeconds: scrape, relistIntervalSeconds: relist } = scaling;
  if (scrape <= relist) return [];
  return [
    {
      path: "scaling.scrapeIntervalSeconds",
      value: scrape,
      message: `must be at most scaling.relistIntervalSeconds (${relist}): otherwise series come and go between two scrapes`,
    },
  ];
}

function hostProblems(ingress: Settings["ingress"], model: Settings["model"]): Problem[] {
  const exposed = model.services.filter((service) => service.exposed);
  if (exposed.length <= 1 || ingress.domain) return [];
  const message = `is missing: ${exposed.length} services are exposed, and hosts tell them apart`;
  return [{ path: "ingress.domain", value: undefined, message }];
}

/** Paths of custom servers that clients must not reach; those of the catalog's engines are right. */
function routeProblems(model: Settings["model"]): Problem[] {
  return model.services.flatMap(({ custom, exposed }, index) =>
    custom && exposed ? pathProblems(custom, `model.services[${index}].custom`) : [],
  );
}

function tlsProblems(ingress: Settings["ingress"]): Problem[] {
  const problems: Problem[] = [];
  const certified =
    ingress.certificateArn !== undefined ||
    (ingress.hostedZoneId !== undefined && ingress.domain !== undefined);
  if (ingress.tls && !certified) {
    problems.push({
      path: "ingress.tls",
      value: true,
      message: "needs ingress.certificateArn, or ingress.hostedZoneId with ingress.domain",
      fix: "Give one of them, or set ingress.tls: false for an internal endpoint.",
    });
  }
  if (!ingress.tls && ingress.scheme === "internet-facing") {
    problems.push({
      path: "ingress.tls",
      value: false,
      message: "must be true for an internet-facing endpoint",
    });
  }
  if (ingress.hostedZoneId && !ingress.domain) {
    problems.push({
      path: "ingress.domain",
      value: undefined,
      message: "is missing: ingress.hostedZoneId needs the domain to make records for",
    });
  }
  if (ingress.scheme === "internet-facing" && ingress.inboundCidrs.length === 0) {
    problems.push({
      path: "ingress.inboundCidrs",
      value: [],
      message: "must say who may connect to an internet-facing endpoint",
      fix: "List the blocks; 0.0.0.0/0 is everybody.",
    });
  }
  return problems;
}

function productionProblems({ cluster, network, ingress, model }: Partial<Settings>): Problem[] {
  const problems: Problem[] = [];
  const add = (path: string, value: unknown, message: string) =>
    problems.push({ path, value, message: `${message} in production` });
  const worldOpen = (path: string, blocks: string[]) => {
    for (const [index, block] of blocks.entries()) {
      if (block.endsWith("/0")) add(`${path}[${index}]`, block, "must not be open to the world");
    }
  };
  if (cluster) {
    if (!cluster.deletionProtection) add("cluster.deletionProtection", false, "must be true");
    const { minNodes } = cluster.systemNodes;
    if (minNodes < 2) add("cluster.systemNodes.minNodes", minNodes, "must be at least 2");
    worldOpen("cluster.publicAccessCidrs", cluster.publicAccessCidrs);
    worldOpen("cluster.privateAccessCidrs", cluster.privateAccessCidrs);
  }
  if (network && network.natGateways !== "perZone") {
    add("network.natGateways", network.natGateways, "must be perZone");
  }
  if (ingress?.enabled) {
    if (!ingress.tls) add("ingress.tls", false, "must be true");
    if (ingress.scheme === "internet-facing") worldOpen("ingress.inboundCidrs", ingress.inboundCidrs);
  }
  for (const [index, { replicas }] of (model?.services ?? []).entries()) {
    if (replicas.min < 2) add(`model.services[${index}].replicas.min`, replicas.min, "must be at least 2");
  }
  return problems;
}
