import { budgetProblems } from "../budgets/budgets";
import type { Problem } from "../common/problem";
import { ModelCacheMode } from "../engines/model";
import { Engine } from "../engines/profile";
import { poolDemandProblems } from "../gpu/packing";
import { egressProblems } from "./egress";
import type { InferenceReleaseArgs } from "./release-args";
import { completeResources, defaultSharedMemoryMiB, warmUpRequest } from "./resources";

/** Everything wrong with the arguments of a release. Paths are those of the arguments. */
export function releaseProblems(name: string, args: InferenceReleaseArgs): Problem[] {
  return [
    ...nameProblems(name),
    ...replicaProblems(args),
    ...placementProblems(name, args),
    ...resourceProblems(args),
    ...modelProblems(args),
    ...secretProblems(args),
    ...requestProblems(args),
    ...fileProblems(args),
    ...egressProblems(args.egress),
    ...budgetProblems(args.startup, args.drain),
    ...drainProblems(args),
  ];
}

/** What is wrong with the name of a release. */
export function nameProblems(name: string): Problem[] {
  if (/^[a-z]([-a-z0-9]{0,51}[a-z0-9])?$/.test(name)) return [];
  const message = "must be 1 to 53 lower-case letters, digits and dashes, starting with a letter";
  return [{ path: "name", value: name, message, fix: "It becomes the name of the release and the Service." }];
}

function replicaProblems({ replicas, rollout }: InferenceReleaseArgs): Problem[] {
  const { scaled, minReplicas, maxReplicas } = replicas;
  const problems: Problem[] = [];
  if (!Number.isInteger(minReplicas) || minReplicas < 1)
    problems.push({
      path: "replicas.minReplicas",
      value: minReplicas,
      message: "must be a whole number of at least 1",
    });
  if (!Number.isInteger(maxReplicas) || maxReplicas < minReplicas)
    problems.push({
      path: "replicas.maxReplicas",
      value: maxReplicas,
      message: `must be a whole number of at least minReplicas, ${minReplicas}`,
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
      message: "must allow a pod more or a pod less, or an update never starts",
      fix: "Set maxUnavailable to 1.",
    });
  return problems;
}

function placementProblems(name: string, args: InferenceReleaseArgs): Problem[] {
  const { pool, gpusPerReplica, replicas, rollout } = args;
  if (!Number.isInteger(gpusPerReplica) || gpusPerReplica < 0)
    return [
      { path: "gpusPerReplica", value: gpusPerReplica, message: "must be a whole number of at least 0" },
    ];
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
  const problems: Problem[] = [];
  for (const [path, value] of Object.entries(resources))
    if (!Number.isInteger(value) || value < 1)
      problems.push({ path, value, message: "must be a whole number of at least 1" });
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

/** Engines that load the whole model into GPU memory. */
const wholeModelEngines: Engine[] = [Engine.Vllm, Engine.Sglang, Engine.Tgi];

function modelProblems({ model, pool, gpusPerReplica, profile }: InferenceReleaseArgs): Problem[] {
  const { cache, weightsGiB } = model;
  const problems: Problem[] = [];
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
  if (pool && gpusPerReplica > 0 && wholeModelEngines.includes(profile.engine)) {
    const memoryGiB = (gpusPerReplica * pool.gpuMemoryMiB) / (pool.sharesPerGpu ?? 1) / 1024;
    if (weightsGiB >= memoryGiB)
      problems.push({
        path: "model.weightsGiB",
        value: weightsGiB,
        message: `must be below the GPU memory of a replica, ${memoryGiB.toFixed(1)} GiB, which also holds the KV cache`,
        fix: "Use more GPUs per replica, larger ones, or a quantised model.",
      });
  }
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

function requestProblems({ warmupRequests: count }: InferenceReleaseArgs): Problem[] {
  if (count === undefined || (Number.isInteger(count) && count >= 0 && count <= 1000)) return [];
  return [{ path: "warmupRequests", value: count, message: "must be a whole number from 0 to 1000" }];
}

/** A ConfigMap holds 1 MiB at most, names and labels included. */
const filesLimit = 1_000_000;

function fileProblems({ files }: InferenceReleaseArgs): Problem[] {
  const size = Object.values(files ?? {}).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (size <= filesLimit) return [];
  return [
    {
      path: "files",
      value: Object.keys(files ?? {}),
      message: `must not exceed ${filesLimit} bytes together, they have ${size}`,
      fix: "Put models and other large files on a claim (model.cache).",
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
