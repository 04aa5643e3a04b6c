import type { Problem } from "../components/common/problem";
import { type EngineProfile, engineProblems, engineProfile } from "../components/engines";
import type { GpuPoolArgs } from "../components/gpu/pool-args";
import { poolProblems } from "../components/gpu/pool-checks";
import { engineRequest, type ServiceRequest } from "../components/inference/contract";
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

/** The profile of a service's engine; undefined when the request is refused. */
export function profileOf(service: ServiceSettings): EngineProfile | undefined {
  const request = engineRequest(serviceRequest(service));
  return engineProblems(request).length === 0 ? engineProfile(request) : undefined;
}

/** What is wrong with the GPU group. */
export function gpuProblems(gpu: Settings["gpu"]): Problem[] {
  return poolProblems(poolArgs(gpu));
}
