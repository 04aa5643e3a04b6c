import { RE2JS } from "re2js";
import { below, type Problem, renamed } from "../components/common/problem";
import { Engine } from "../components/engines/profile";
import { type GpuPool, gpuPool } from "../components/gpu/pool";
import { serviceProblems } from "../components/inference/service-checks";
import { cpuShape } from "../components/nodes/cpu-shapes";
import { egressContradictions } from "./egress";
import type { ServiceSettings, Settings } from "./schema";
import { gpuProblems, poolArgs, serviceDefinition } from "./workload";

/** Where the settings have what a service's component calls otherwise. */
const places = {
  "engine.name": "engine",
  "engine.version": "version",
  "engine.maxConcurrency": "maxConcurrency",
  "engine.extraArgs": "extraArgs",
  "engine.custom": "custom",
};

/** What is wrong with the services, each for itself and beside each other. */
export function serviceListProblems(model: Settings["model"], others: Partial<Settings>): Problem[] {
  const pool = poolOf(others.gpu);
  return [
    ...nameProblems(model),
    ...model.services.flatMap((service, index) =>
      below(`model.services[${index}]`, [
        ...ownProblems(service),
        ...componentProblems(service, pool),
        ...systemNodeProblems(service, others.cluster),
        ...redisUseProblems(service, others.redis),
        ...egressContradictions(service, model.services),
      ]),
    ),
  ];
}

/** The stack's pool; one that has room for everything where its own settings are refused. */
function poolOf(gpu: Settings["gpu"] | undefined): GpuPool {
  if (gpu && gpuProblems(gpu).length === 0) return gpuPool(poolArgs(gpu));
  return gpuPool({ name: "any", instanceTypes: ["p6-b200.48xlarge"], maxNodes: 450 });
}

function componentProblems(service: ServiceSettings, pool: GpuPool): Problem[] {
  const definition = serviceDefinition(service);
  const found = serviceProblems(service.name, {
    ...definition,
    namespace: "",
    pool,
    ...(service.redis && { redisSecretName: "redis" }),
    // The version of a custom server is that of its image, and a missing one is told below.
    engine: {
      ...definition.engine,
      version: service.version ?? (service.engine === Engine.Custom ? "0.0.0" : ""),
    },
  });
  // The pool is counted over all services.
  return renamed(places, found).filter(
    ({ path }) => !path.startsWith("pool.") && !(path === "version" && service.version === undefined),
  );
}

/** Rules of the settings alone. */
function ownProblems(service: ServiceSettings): Problem[] {
  const problems: Problem[] = [];
  const { engine, version, resources, gpus, custom } = service;
  if (engine === Engine.Custom && version) {
    const message = "must not be given for the engine custom";
    problems.push({
      path: "version",
      value: version,
      message,
      fix: "The version is the tag of custom.image.",
    });
  }
  if (engine !== Engine.Custom && !version) {
    const message = `is missing: the engine ${engine} needs one`;
    problems.push({ path: "version", value: undefined, message, fix: "Set major.minor.patch in quotes." });
  }
  if (gpus === 0 && (!resources.cpuMillis || !resources.memoryMiB)) {
    const message =
      "must have cpuMillis and memoryMiB for a service without GPU: there is no share of a node to take";
    problems.push({ path: "resources", value: resources, message });
  }
  for (const [name, { series }] of Object.entries(custom?.signals ?? {}))
    problems.push(...below(`custom.signals.${name}`, patternProblems(series)));
  return problems;
}

type Series = NonNullable<NonNullable<ServiceSettings["custom"]>["signals"]>[string]["series"];

/** Prometheus reads regular expressions as RE2 does. The published components have no parser for it: they depend on nothing. */
function patternProblems(series: Series): Problem[] {
  return series.flatMap(({ where }, index) =>
    (where ?? []).flatMap(({ operator, value }, place) => {
      if (!operator.endsWith("~")) return [];
      try {
        RE2JS.compile(value);
        return [];
      } catch (error) {
        const reason = (error as Error).message.replace(/^error parsing regexp: /, "");
        const message = `must be a regular expression of RE2, as Prometheus reads them: ${reason}`;
        return [{ path: `series[${index}].where[${place}].value`, value, message }];
      }
    }),
  );
}

function nameProblems({ services }: Settings["model"]): Problem[] {
  const names = services.map(({ name }) => name);
  return services.flatMap(({ name }, index) => {
    const problem = (message: string): Problem[] => [
      { path: `model.services[${index}].name`, value: name, message },
    ];
    if (names.indexOf(name) < index) return problem("must be unique");
    const tested = names.find((other) => name === `${other}-test`);
    return tested === undefined
      ? []
      : problem(`must not be the name of what \`helm test\` makes for ${tested}`);
  });
}

/** What no system node could hold, empty as it may be. What the daemon sets take is for the plan to count. */
function systemNodeProblems(service: ServiceSettings, cluster: Settings["cluster"] | undefined): Problem[] {
  const shape = cpuShape(cluster?.systemNodes.instanceTypes[0] ?? "");
  if (service.gpus > 0 || !shape || !cluster) return [];
  const node = `of a system node (${cluster.systemNodes.instanceTypes[0]})`;
  const fix = "Ask for less, or choose larger types in cluster.systemNodes.instanceTypes.";
  const { cpuMillis = 0, memoryMiB = 0 } = service.resources;
  const problems: Problem[] = [];
  const refuse = (path: string, value: number, most: number, what: string) => {
    if (value >= most)
      problems.push({ path, value, message: `must be below ${most}, the ${what} ${node}`, fix });
  };
  refuse("resources.cpuMillis", cpuMillis, shape.vcpus * 1000, "CPU");
  refuse("resources.memoryMiB", memoryMiB, shape.memoryGiB * 1024, "memory");
  return problems;
}

function redisUseProblems(service: ServiceSettings, redis: Settings["redis"] | undefined): Problem[] {
  if (!service.redis || !redis) return [];
  const refuse = (message: string, fix?: string): Problem[] => [{ path: "redis", value: true, message, fix }];
  if (!redis.enabled) return refuse("must be false while redis.enabled is false");
  if (service.engine === Engine.Custom) return [];
  return refuse(
    `must be false for ${service.engine}, which reads no REDIS_ variables: the password would lie in its environment for nothing`,
    "Set it for the server that uses Redis.",
  );
}
