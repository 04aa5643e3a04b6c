import type { Problem } from "../components/common/problem";
import { type EngineProfile, type EngineRequest, engineProblems, engineProfile } from "../components/engines";
import { type GpuPoolArgs, poolProblems } from "../components/gpu/pool";
import { engineRequest as requestOf, type ServiceRequest } from "../components/inference/contract";
import type { ServiceDefinition } from "../components/inference/definition";
import type { ServiceSettings, Settings } from "./schema";

/** Namespace of the services. */
export const inferenceNamespace = "inference";

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

/** A service of the settings in the words of its component. A custom server has the version of its image: any will do. */
export function serviceDefinition(service: ServiceSettings): ServiceDefinition {
  const { engine, version, maxConcurrency, extraArgs, custom, gpus, resources, replicas } = service;
  const { longestRequestSeconds, signals, behavior, warmupRequests, sampleRequest, env, files } = service;
  return {
    engine: { name: engine, version: version ?? "0.0.0", maxConcurrency, extraArgs, custom },
    model: service.model,
    gpus,
    resources,
    replicas,
    longestRequestSeconds,
    signals,
    behavior,
    warmupRequests,
    sampleRequest,
    env,
    files,
  };
}

/** The service with its place, for what has to know several. */
export function serviceRequest(service: ServiceSettings): ServiceRequest {
  return { ...serviceDefinition(service), name: service.name, namespace: inferenceNamespace };
}

/** What a service asks of its engine. */
export function engineRequest(service: ServiceSettings): EngineRequest {
  return requestOf(serviceRequest(service));
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
