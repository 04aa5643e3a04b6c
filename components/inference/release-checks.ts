import { budgetProblems } from "../budgets/budgets";
import { wholeNumberProblems } from "../common/bounds";
import type { Problem } from "../common/problem";
import { textProblems } from "../common/text";
import { gpuCount } from "../engines/limits";
import { ModelCacheMode, type ServedModel } from "../engines/model";
import { poolDemandProblems } from "../gpu/packing";
import { replicaCount } from "../scaling/limits";
import { contentProblems } from "./content-checks";
import { egressProblems } from "./egress";
import { gpuMemoryProblems } from "./gpu-memory";
import { claimNameRule, cpuMillis, memoryMiB, serviceNameRule, warmupCount } from "./limits";
import type { InferenceReleaseArgs } from "./release-args";
import { completeResources, defaultSharedMemoryMiB, warmUpRequest } from "./resources";
import { engineVariableProblems } from "./variable-checks";

/** Everything wrong with the arguments of a release. Paths are those of the arguments. */
export function releaseProblems(name: string, args: InferenceReleaseArgs): Problem[] {
  return [
    ...nameProblems(name),
    ...replicaProblems(args),
    ...placementProblems(name, args),
    ...resourceProblems(args),
    ...modelProblems(args.model),
    ...gpuMemoryProblems(args),
    ...secretProblems(args),
    ...wholeNumberProblems("warmupRequests", args.warmupRequests, warmupCount),
    ...contentProblems(args),
    ...engineVariableProblems(args.profile, args.env ?? {}, args.redisSecretName !== undefined),
    ...egressProblems(args.egress),
    ...budgetProblems(args.startup, args.drain),
    ...drainProblems(args),
  ];
}

/**
 * Names of objects that stand in a service's namespace already: its ServiceAccount, our network policies, and the one that
 * lets pods connect to Redis.
 */
const takenNames = ["default", "default-deny", "allow-dns", "redis-client"];

/** What is wrong with the name of a release. */
export function nameProblems(name: string): Problem[] {
  const fix = "It becomes the name of the release and the Service.";
  const problems = textProblems("name", name, serviceNameRule, fix);
  if (problems.length > 0 || !takenNames.includes(name)) return problems;
  const message = "must be another name: the namespace has an object called so";
  return [{ path: "name", value: name, message }];
}

function replicaProblems({ replicas, rollout }: InferenceReleaseArgs): Problem[] {
  const { scaled, minReplicas, maxReplicas } = replicas;
  const problems: Problem[] = [];
  problems.push(
    ...wholeNumberProblems("replicas.minReplicas", minReplicas, replicaCount),
    ...wholeNumberProblems("replicas.maxReplicas", maxReplicas, replicaCount),
  );
  if (problems.length === 0 && minReplicas > maxReplicas)
    problems.push({
      path: "replicas.minReplicas",
      value: minReplicas,
      message: `must be at most the highest number of replicas (${maxReplicas})`,
    });
  else if (!scaled && maxReplicas !== minReplicas)
    problems.push({
      path: "replicas.maxReplicas",
      value: maxReplicas,
      message: `must equal minReplicas, ${minReplicas}, when nothing scales the service`,
      fix: "Set scaled and make a HorizontalAutoscaler, or use one number.",
    });
  if (rollout.maxSurge < 1 && rollout.maxUnavailable < 1)
    problems.push({
      path: "rollout",
      value: rollout,
      message: "must allow one extra pod or one missing pod, or an update never starts",
      fix: "Set maxUnavailable to 1.",
    });
  return problems;
}

function placementProblems(name: string, args: InferenceReleaseArgs): Problem[] {
  const { pool, gpusPerReplica, replicas, rollout } = args;
  const count = wholeNumberProblems("gpusPerReplica", gpusPerReplica, gpuCount);
  if (count.length > 0) return count;
  if (gpusPerReplica === 0 || !Number.isInteger(replicas.maxReplicas)) return [];
  if (!pool)
    return [
      {
        path: "pool",
        value: pool,
        message: `must be given for a service with ${gpusPerReplica} GPUs per replica`,
        fix: "Pass the pool of a GpuNodeGroup, or ask for no GPUs.",
      },
    ];
  const { cpuMillis, memoryMiB } = completeResources(args, pool, gpusPerReplica);
  const demand = (maxReplicas: number) =>
    poolDemandProblems(pool, [
      {
        name,
        gpusPerReplica,
        maxReplicas,
        cpuMillis: cpuMillis + warmUpRequest.cpuMillis,
        memoryMiB: memoryMiB + warmUpRequest.memoryMiB,
      },
    ]).map((problem) => ({ ...problem, path: argumentPath(name, problem.path) }));
  const problems = demand(replicas.maxReplicas);
  if (problems.length > 0) return problems;
  if (rollout.maxUnavailable > 0 || demand(replicas.maxReplicas + rollout.maxSurge).length === 0) return [];
  return [
    {
      path: "rollout.maxSurge",
      value: rollout.maxSurge,
      message: `needs GPUs for ${replicas.maxReplicas} + ${rollout.maxSurge} replicas, which pool ${pool.name} does not have: at the maximum an update would wait for ever`,
      fix: "Use maxSurge 0 and maxUnavailable 1 (rolloutStrategy), or raise the pool's maxNodes.",
    },
  ];
}

/** Where the arguments of the service have what the pool's checks name. */
function argumentPath(name: string, path: string): string {
  if (path === "maxNodes") return "pool.maxNodes";
  return path === `${name}.gpus` ? "gpusPerReplica" : path.replace(`${name}.`, "");
}

function resourceProblems(args: InferenceReleaseArgs): Problem[] {
  const { pool, gpusPerReplica } = args;
  const resources = completeResources(args, pool, gpusPerReplica);
  const shared = args.sharedMemoryMiB ?? defaultSharedMemoryMiB(gpusPerReplica, resources.memoryLimitMiB);
  const problems = [
    ...wholeNumberProblems("cpuMillis", resources.cpuMillis, cpuMillis),
    ...wholeNumberProblems("cpuLimitMillis", resources.cpuLimitMillis, cpuMillis),
    ...wholeNumberProblems("memoryMiB", resources.memoryMiB, memoryMiB),
    ...wholeNumberProblems("memoryLimitMiB", resources.memoryLimitMiB, memoryMiB),
  ];
  if (resources.cpuLimitMillis !== undefined && resources.cpuLimitMillis < resources.cpuMillis)
    problems.push({
      path: "cpuLimitMillis",
      value: resources.cpuLimitMillis,
      message: `must be at least the request, ${resources.cpuMillis}`,
    });
  if (resources.memoryLimitMiB < resources.memoryMiB)
    problems.push({
      path: "memoryLimitMiB",
      value: resources.memoryLimitMiB,
      message: `must be at least the request, ${resources.memoryMiB}`,
    });
  if (!Number.isInteger(shared) || shared < 0 || shared >= resources.memoryLimitMiB)
    problems.push({
      path: "sharedMemoryMiB",
      value: shared,
      message: `must be a whole number from 0 to below the memory limit of ${resources.memoryLimitMiB} MiB, which it counts against`,
    });
  return problems;
}

/** What is wrong with the model and where its weights are kept. */
export function modelProblems({ cache, weightsGiB }: ServedModel): Problem[] {
  const problems: Problem[] = textProblems("model.cache.claimName", cache.claimName, claimNameRule);
  if (!(weightsGiB >= 0))
    problems.push({ path: "model.weightsGiB", value: weightsGiB, message: "must be 0 or more" });
  if (cache.mode === ModelCacheMode.Claim && !cache.claimName)
    problems.push({
      path: "model.cache.claimName",
      value: cache.claimName,
      message: "must name a PersistentVolumeClaim of the service's namespace for mode claim",
    });
  if (cache.mode !== ModelCacheMode.Claim && cache.claimName)
    problems.push({
      path: "model.cache.claimName",
      value: cache.claimName,
      message: `must not be given with mode ${cache.mode}, which would not use it`,
      fix: "Set the mode to claim.",
    });
  if (cache.mode === ModelCacheMode.Node && cache.sizeGiB !== undefined && cache.sizeGiB < weightsGiB)
    problems.push({
      path: "model.cache.sizeGiB",
      value: cache.sizeGiB,
      message: `must hold the weights of ${weightsGiB} GiB`,
    });
  return problems;
}

function secretProblems({ profile, apiKeySecret }: InferenceReleaseArgs): Problem[] {
  if (!apiKeySecret || profile.apiKeyVariable) return [];
  return [
    {
      path: "apiKeySecret",
      value: undefined,
      message: `must not be given: ${profile.engine} ${profile.version} checks no API key, so the API would be open in spite of it`,
      fix: "For a custom server that checks one, set custom.apiKeyVariable.",
    },
  ];
}

function drainProblems({ profile, drain }: InferenceReleaseArgs): Problem[] {
  if (profile.drains || drain.preStopSeconds >= drain.longestRequestSeconds) return [];
  return [
    {
      path: "drain.preStopSeconds",
      value: drain.preStopSeconds,
      message: `must be at least the longest request of ${drain.longestRequestSeconds} s: ${profile.engine} ${profile.version} does not finish running requests after SIGTERM`,
      fix: "Compute the budget with drains: false.",
    },
  ];
}
