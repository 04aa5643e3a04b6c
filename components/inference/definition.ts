import type { Engine } from "../engines";
import type { ModelCacheArgs } from "../engines/model";
import type { CustomServer, SampleRequest } from "../engines/profile";
import type { RolloutStrategy } from "../gpu/packing";
import type { ScalingBehavior } from "../scaling/behavior";
import type { SignalTarget } from "../signals/signal";

/** The server of a service, and how it is started. */
export interface ServiceEngine {
  /** The server. */
  name: Engine;
  /** Its version, `major.minor.patch`. Required, except for `custom`. @default the tag of the image, for `custom` */
  version?: string;
  /** Highest number of requests that one replica works on at once, 1 or more. @default the engine's own */
  maxConcurrency?: number;
  /** Arguments appended to the engine's. Refused where they repeat one that the platform sets. @default none */
  extraArgs?: string[];
  /** The server itself, for `custom`; refused for others. @default none */
  custom?: CustomServer;
}

/** The model that a service serves. */
export interface ServiceModel {
  /** Hugging Face id (`owner/name`), or a path or address that the engine understands. */
  id: string;
  /** Size of the weights, GiB; 0 or more, and below the GPU memory of a replica. */
  weightsGiB: number;
  /** Git revision of a Hugging Face model. @default the repository's default branch */
  revision?: string;
  /** Name under which clients ask for the model. @default the id */
  servedName?: string;
  /** Longest context, tokens. @default the model's own */
  maxLength?: number;
  /** Where the weights are kept between starts. @default on the node's disk, downloaded before the engine starts */
  cache?: ModelCacheArgs;
}

/** What one replica requests of its node. */
export interface ServiceResources {
  /** CPU request, thousandths of a core. @default the replica's share of its GPU node; 1000 without GPUs */
  cpuMillis?: number;
  /** CPU limit, thousandths of a core, at least the request. @default none with GPUs; twice the request without */
  cpuLimitMillis?: number;
  /** Memory request, MiB. @default the replica's share of its GPU node; 2048 without GPUs */
  memoryMiB?: number;
  /** Memory limit, MiB, at least the request. @default the request */
  memoryLimitMiB?: number;
  /** Size of `/dev/shm`, MiB; counts against the memory limit. @default by GPUs, at most a quarter of the limit */
  sharedMemoryMiB?: number;
}

/** Between which numbers of replicas a service scales. */
export interface ReplicaRange {
  /** Lowest number, at least 1. */
  min: number;
  /** Highest number, at least `min`. */
  max: number;
}

/** One service in its user's words, as plain data: what it runs, how much of it, and how it behaves. */
export interface ServiceDefinition {
  /** The server. */
  engine: ServiceEngine;
  /** The model. Required, except for `custom`. @default none, for `custom`: the image has all that it needs */
  model?: ServiceModel;
  /** GPUs of one replica, in units of the pool's resource; 0 runs on the CPU. @default 1 with a pool, 0 without */
  gpus?: number;
  /** What one replica requests of its node. @default its share of a GPU node; 1 core and 2 GiB without GPUs */
  resources?: ServiceResources;
  /** Bounds of its autoscaler. Refused when they do not fit the pool. */
  replicas: ReplicaRange;
  /** The longest request that must be answered, seconds; 1 to 3599. */
  longestRequestSeconds: number;
  /** What its replicas follow. @default the engine's: see `defaultSignals` */
  signals?: SignalTarget[];
  /** How fast they follow. @default see `ScalingBehavior` */
  behavior?: ScalingBehavior;
  /**
   * How updates roll out. When several services share a pool, pass `rolloutStrategy(...)` over all of them: each of them
   * alone would take the same free GPU. @default an extra replica first where the pool has room for one of this service
   */
  rollout?: RolloutStrategy;
  /** Real requests before a replica is Ready, 0 to 1000; without a sample request there are none. @default 3 */
  warmupRequests?: number;
  /** The request for warm-up and `helm test`. @default the engine's; a custom server has none */
  sampleRequest?: SampleRequest;
  /** PriorityClass of the pods, which must exist. @default the cluster's default */
  priorityClassName?: string;
  /** Environment variables, no secrets; they win over the engine's. @default none */
  env?: Record<string, string>;
  /** Files by name, at most 1 MB together, in `/etc/inference`. A change rolls the pods. @default none */
  files?: Record<string, string>;
}
