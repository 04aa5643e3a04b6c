import type { Problem } from "../problem";
import { Environment, type ServiceSettings, type Settings } from "./schema";

/**
 * What each value allows alone, but not together with the others. Groups that were refused themselves are absent;
 * the checks that need them are then left for the next run.
 */
export function contradictions(settings: Partial<Settings>, region?: string): Problem[] {
  const { environment, network, cluster, gpu, model, scaling, redis, ingress } = settings;
  const production = environment === Environment.Production;
  return [
    ...(network && region ? zoneProblems(network, region) : []),
    ...(cluster ? orderProblems("cluster.systemNodes", cluster.systemNodes) : []),
    ...(gpu ? orderProblems("gpu", gpu) : []),
    ...(model ? nameProblems(model) : []),
    ...(model?.services.flatMap((service, index) => serviceProblems(service, `model.services[${index}]`)) ??
      []),
    ...(model && redis ? redisProblems(model, redis) : []),
    ...(model && gpu ? diskProblems(model, gpu) : []),
    ...(scaling ? scalingProblems(scaling) : []),
    ...(ingress?.enabled ? tlsProblems(ingress) : []),
    ...(ingress?.enabled && model ? hostProblems(ingress, model) : []),
    ...(production ? productionProblems(settings) : []),
  ];
}

function zoneProblems(network: Settings["network"], region: string): Problem[] {
  return network.zones.flatMap((zone, index) =>
    zone.startsWith(region)
      ? []
      : [{ path: `network.zones[${index}]`, value: zone, message: `must be a zone of aws:region ${region}` }],
  );
}

function orderProblems(
  path: string,
  { minNodes, maxNodes }: { minNodes: number; maxNodes: number },
): Problem[] {
  if (minNodes <= maxNodes) return [];
  return [{ path: `${path}.minNodes`, value: minNodes, message: `must be at most maxNodes (${maxNodes})` }];
}

function serviceProblems(service: ServiceSettings, path: string): Problem[] {
  const problems: Problem[] = [];
  const { replicas, engine, custom, version, model, resources } = service;
  const add = (key: string, value: unknown, message: string, fix?: string) =>
    problems.push({ path: `${path}.${key}`, value, message, fix });

  if (replicas.min > replicas.max)
    add("replicas.min", replicas.min, `must be at most replicas.max (${replicas.max})`);
  if (engine === "custom" && !custom)
    add(
      "custom",
      undefined,
      "is missing: the engine custom needs its server described",
      "Add custom.image, custom.port, custom.healthPath and custom.apiPaths.",
    );
  if (engine !== "custom" && custom)
    add(
      "custom",
      undefined,
      `must not be given for the engine ${engine}`,
      "Remove it, or set engine: custom.",
    );
  if (engine !== "custom" && !version)
    add(
      "version",
      undefined,
      `is missing: the engine ${engine} needs one`,
      "Set major.minor.patch in quotes.",
    );
  if (engine === "custom" && version)
    add(
      "version",
      version,
      "must not be given for the engine custom",
      "The version is the tag of custom.image.",
    );
  if (service.gpus === 0 && engine !== "custom")
    add("gpus", 0, `must be at least 1 for the engine ${engine}`, "Use the engine custom for CPU servers.");
  if (service.gpus === 0 && (!resources.cpuMillis || !resources.memoryMiB)) {
    add(
      "resources",
      resources,
      "must have cpuMillis and memoryMiB for a service without GPU: there is no share of a node to derive them from",
    );
  }
  if (model.cache.mode === "claim" && !model.cache.claimName)
    add(
      "model.cache.claimName",
      undefined,
      "is missing: the cache mode claim needs the name of a PersistentVolumeClaim",
    );
  if (model.cache.mode !== "claim" && model.cache.claimName)
    add(
      "model.cache.claimName",
      model.cache.claimName,
      `must not be given for the cache mode ${model.cache.mode}`,
    );
  for (const [request, limit] of [
    ["cpuMillis", "cpuLimitMillis"],
    ["memoryMiB", "memoryLimitMiB"],
  ] as const) {
    const low = resources[request];
    const high = resources[limit];
    if (low !== undefined && high !== undefined && low > high)
      add(`resources.${request}`, low, `must be at most resources.${limit} (${high})`);
  }
  return problems;
}

function nameProblems(model: Settings["model"]): Problem[] {
  const seen = new Set<string>();
  return model.services.flatMap(({ name }, index) => {
    const taken = seen.has(name);
    seen.add(name);
    return taken ? [{ path: `model.services[${index}].name`, value: name, message: "must be unique" }] : [];
  });
}

function redisProblems(model: Settings["model"], redis: Settings["redis"]): Problem[] {
  return model.services.flatMap((service, index) =>
    service.redis && !redis.enabled
      ? [
          {
            path: `model.services[${index}].redis`,
            value: true,
            message: "must be false while redis.enabled is false",
          },
        ]
      : [],
  );
}

function diskProblems(model: Settings["model"], gpu: Settings["gpu"]): Problem[] {
  return model.services.flatMap(({ gpus, model: { cache, weightsGiB } }, index) =>
    gpus > 0 && cache.mode === "node" && weightsGiB > gpu.diskGiB
      ? [
          {
            path: `model.services[${index}].model.weightsGiB`,
            value: weightsGiB,
            message: `must fit the node's disk (gpu.diskGiB ${gpu.diskGiB}) for the cache mode node`,
          },
        ]
      : [],
  );
}

function scalingProblems(scaling: Settings["scaling"]): Problem[] {
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
