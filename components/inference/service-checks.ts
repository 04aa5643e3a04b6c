import { longestRequest } from "../budgets/limits";
import { numberProblems, wholeNumberProblems } from "../common/bounds";
import { entryOf } from "../common/lookup";
import { type Problem, renamed } from "../common/problem";
import { engineCatalog, engineProblems } from "../engines";
import { Engine } from "../engines/profile";
import { autoscalerProblems } from "../scaling/horizontal-autoscaler";
import { replicaCount } from "../scaling/limits";
import { contentProblems } from "./content-checks";
import { engineRequest, type ServiceRequest, serviceContract } from "./contract";
import type { ServiceModel } from "./definition";
import { weightsSizeGiB } from "./limits";
import { modelProblems, nameProblems, releaseProblems } from "./release-checks";
import type { InferenceServiceArgs } from "./service-args";
import { autoscalerArgs, releaseArgs } from "./service-parts";

/** Where the arguments have what the engine's catalog, the release and the autoscaler name in their own words. */
const places = {
  engine: "engine.name",
  version: "engine.version",
  modelId: "model.id",
  modelRevision: "model.revision",
  maxModelLength: "model.maxLength",
  servedName: "model.servedName",
  maxConcurrency: "engine.maxConcurrency",
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
  const alone = [...nameProblems(name), ...contentProblems(args), ...cacheProblems(args.model)];
  const basic = renamed(places, basicProblems(request, args));
  const found = [
    ...alone,
    ...basic,
    ...renamed(places, partProblems(name, basic.length > 0 ? usable(request) : request)),
  ];
  // The release and the autoscaler both check the bounds, and some things are checked early as well.
  return found.filter(({ path }, index) => found.findIndex((other) => other.path === path) === index);
}

/** What is wrong with the release and the autoscaler; nothing when the engine cannot be computed. */
function partProblems(name: string, request: (InferenceServiceArgs & ServiceRequest) | undefined): Problem[] {
  if (!request || basicProblems(request, request).length > 0) return [];
  const contract = serviceContract(request, request.pool);
  return [
    ...releaseProblems(name, releaseArgs(request, contract)),
    ...autoscalerProblems(autoscalerArgs(contract, "", name)),
  ];
}

/** The request without what is written wrongly and changes nothing else: so that all problems are found at once. */
function usable(request: InferenceServiceArgs & ServiceRequest): InferenceServiceArgs & ServiceRequest {
  const { engine, model } = request;
  const { extraArgs, maxConcurrency, ...server } = engine;
  return {
    ...request,
    engine: { ...server, ...(argumentsAreRight(request) && { extraArgs }) },
    ...(model && { model: { ...model, id: "owner/name", revision: undefined, servedName: undefined } }),
  };
}

function argumentsAreRight(request: InferenceServiceArgs & ServiceRequest): boolean {
  return !basicProblems(request, request).some(({ path }) => path.startsWith("extraArgs"));
}

function cacheProblems(model: ServiceModel | undefined): Problem[] {
  if (!model) return [];
  const { id, weightsGiB, cache } = model;
  return [
    ...numberProblems("model.weightsGiB", weightsGiB, weightsSizeGiB),
    ...(cache ? modelProblems({ id, weightsGiB, cache }) : []),
  ];
}

function basicProblems(request: ServiceRequest, { pool }: InferenceServiceArgs): Problem[] {
  const { engine, model, gpus, replicas, longestRequestSeconds: longest } = request;
  const problems: Problem[] = [];
  if (!model && engine.name !== Engine.Custom)
    problems.push({ path: "model", value: model, message: `must be given: ${engine.name} serves one` });
  problems.push(
    ...wholeNumberProblems("replicas.min", replicas.min, replicaCount),
    ...wholeNumberProblems("replicas.max", replicas.max, replicaCount),
    ...wholeNumberProblems("longestRequestSeconds", longest, longestRequest),
  );
  if (!model && engine.name !== Engine.Custom) return problems;
  const missingPool = !pool && gpus === undefined && (entryOf(engineCatalog, engine.name)?.minGpus ?? 0) > 0;
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
