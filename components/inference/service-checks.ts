import { hourSeconds } from "../budgets/limits";
import { type Problem, renamed } from "../common/problem";
import { engineCatalog, engineProblems } from "../engines";
import { Engine } from "../engines/profile";
import { autoscalerProblems } from "../scaling/horizontal-autoscaler";
import { engineRequest, type ServiceRequest, serviceContract } from "./contract";
import { nameProblems, releaseProblems } from "./release-checks";
import type { InferenceServiceArgs } from "./service-args";
import { autoscalerArgs, releaseArgs } from "./service-parts";

/** Where the arguments have what the engine's catalog, the release and the autoscaler name in their own words. */
const places = {
  engine: "engine.name",
  version: "engine.version",
  modelId: "model.id",
  modelRevision: "model.revision",
  extraArgs: "engine.extraArgs",
  custom: "engine.custom",
  gpusPerReplica: "gpus",
  minReplicas: "replicas.min",
  maxReplicas: "replicas.max",
  "replicas.minReplicas": "replicas.min",
  "replicas.maxReplicas": "replicas.max",
  cpuMillis: "resources.cpuMillis",
  cpuLimitMillis: "resources.cpuLimitMillis",
  memoryMiB: "resources.memoryMiB",
  memoryLimitMiB: "resources.memoryLimitMiB",
  sharedMemoryMiB: "resources.sharedMemoryMiB",
  "startup.coldSeconds": "the cold start that follows from model.weightsGiB",
};

/** Everything wrong with the arguments of a service, once. Paths are those of the arguments. */
export function serviceProblems(name: string, args: InferenceServiceArgs): Problem[] {
  // Nothing here looks at the namespace.
  const request = { ...args, name, namespace: "" };
  const basic = renamed(places, basicProblems(request, args));
  // Without an engine, or with figures that are none, there is nothing to compute the rest from.
  if (basic.length > 0) return [...nameProblems(name), ...basic];
  const contract = serviceContract(request, args.pool);
  const found = renamed(places, [
    ...releaseProblems(name, releaseArgs(args, contract)),
    ...autoscalerProblems(autoscalerArgs(contract, "", name)),
  ]);
  // The release and the autoscaler both check the bounds.
  return found.filter(({ path }, index) => found.findIndex((other) => other.path === path) === index);
}

function basicProblems(request: ServiceRequest, { pool }: InferenceServiceArgs): Problem[] {
  const { engine, model, gpus, replicas, longestRequestSeconds: longest } = request;
  const problems: Problem[] = [];
  if (!model && engine.name !== Engine.Custom)
    problems.push({ path: "model", value: model, message: `must be given: ${engine.name} serves one` });
  if (model && !(model.weightsGiB >= 0))
    problems.push({ path: "model.weightsGiB", value: model.weightsGiB, message: "must be 0 or more" });
  for (const bound of ["min", "max"] as const)
    if (!Number.isInteger(replicas[bound]) || replicas[bound] < 1)
      problems.push({
        path: `replicas.${bound}`,
        value: replicas[bound],
        message: "must be a whole number of at least 1: from 0 replicas nothing would measure a need",
      });
  if (!Number.isInteger(longest) || longest < 1 || longest >= hourSeconds)
    problems.push({
      path: "longestRequestSeconds",
      value: longest,
      message: `must be a whole number from 1 to ${hourSeconds - 1}`,
    });
  if (!model && engine.name !== Engine.Custom) return problems;
  const missingPool = !pool && gpus === undefined && (engineCatalog[engine.name]?.minGpus ?? 0) > 0;
  if (missingPool)
    problems.push({
      path: "pool",
      value: undefined,
      message: `must be given: ${engine.name} runs on GPUs`,
      fix: "Pass gpuPool(...), or a plain object for nodes that are there.",
    });
  const asked = missingPool ? { ...request, gpus: 1 } : request;
  return [...problems, ...engineProblems(engineRequest(asked, pool))];
}
