import { type GpuPoolArgs, poolProblems } from "../gpu/pool";
import { type EngineProfile, type EngineRequest, engineProblems, engineProfile } from "../inference/engines";
import type { Problem } from "../problem";
import type { ServiceSettings, Settings } from "./schema";

/** Name of the one GPU pool of a stack. */
export const poolName = "gpu";

/** The arguments of the stack's GPU pool. */
export function poolArgs(gpu: Settings["gpu"]): GpuPoolArgs {
  const { instanceTypes, capacityType, minNodes, maxNodes, timeSlicingReplicas } = gpu;
  return {
    name: poolName,
    instanceTypes,
    capacityType,
    minNodes,
    maxNodes,
    ...(timeSlicingReplicas !== undefined && { timeSlicingReplicas }),
  };
}

/** What a service asks of its engine. A custom server has the version of its image: the catalog needs none. */
export function engineRequest(service: ServiceSettings): EngineRequest {
  const { engine, model, gpus, maxConcurrency, extraArgs, custom, longestRequestSeconds } = service;
  return {
    engine,
    version: service.version ?? "0.0.0",
    modelId: model.id,
    gpus,
    drainSeconds: longestRequestSeconds,
    extraArgs,
    ...(model.revision !== undefined && { modelRevision: model.revision }),
    ...(model.servedName !== undefined && { servedName: model.servedName }),
    ...(model.maxLength !== undefined && { maxModelLength: model.maxLength }),
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    ...(custom && { custom }),
  };
}

/** The profile of a service's engine; undefined when the request is refused. */
export function profileOf(service: ServiceSettings): EngineProfile | undefined {
  return engineProblems(engineRequest(service)).length === 0
    ? engineProfile(engineRequest(service))
    : undefined;
}

/** What the catalog refuses of a service, with the paths of the settings. */
export function requestProblems(service: ServiceSettings): Problem[] {
  return engineProblems(engineRequest(service)).map((problem) => ({
    ...problem,
    path: problem.path.replace(/^modelId/, "model.id").replace(/^modelRevision/, "model.revision"),
  }));
}

/** What is wrong with the GPU group. */
export function gpuProblems(gpu: Settings["gpu"]): Problem[] {
  return poolProblems(poolArgs(gpu));
}
