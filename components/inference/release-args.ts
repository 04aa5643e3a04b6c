import type * as pulumi from "@pulumi/pulumi";
import type { DrainBudget, StartupBudget } from "../budgets/budgets";
import type { ServedModel } from "../engines/model";
import type { EngineProfile, SampleRequest } from "../engines/profile";
import type { RolloutStrategy } from "../gpu/packing";
import type { GpuPool } from "../gpu/pool";
import type { EgressTarget } from "./egress";

/** One key of an existing Secret in the service's namespace. */
export interface SecretKeyReference {
  /** Name of the Secret. */
  name: pulumi.Input<string>;
  /** Key in the Secret. */
  key: pulumi.Input<string>;
}

/** How many replicas there are, and who decides it. */
export interface ReplicaBounds {
  /** True when a HorizontalAutoscaler owns the number: then the Deployment has no `replicas` at all. */
  scaled: boolean;
  /** Lowest number, at least 1; the number when not scaled. */
  minReplicas: number;
  /** Highest number; equal to `minReplicas` when not scaled. */
  maxReplicas: number;
}

/** How the service's metrics are collected. */
export interface ServiceMetrics {
  /** Seconds between two scrapes, 5 to 60. @default 15 */
  scrapeIntervalSeconds?: number;
  /**
   * Regular expressions of series to keep beside those of the profile's signals; all others are dropped.
   * @default none
   */
  keep?: string[];
  /**
   * Labels of the ServiceMonitor, for a Prometheus that selects monitors by label: kube-prometheus-stack by itself takes
   * those with `release: <its release name>` only. Not needed with our `Prometheus`. @default none
   */
  monitorLabels?: Record<string, string>;
}

/** Arguments of `InferenceRelease`. */
export interface InferenceReleaseArgs {
  /** Namespace, which must exist. */
  namespace: pulumi.Input<string>;
  /** The server: `engineProfile(...)`, or made by hand. */
  profile: EngineProfile;
  /** The model. */
  model: ServedModel;
  /** Nodes for services with GPUs. Required when `gpusPerReplica` is above 0, not used otherwise. @default none */
  pool?: GpuPool;
  /** GPUs of one replica, in units of the pool's resource; 0 runs on the CPU of other nodes. */
  gpusPerReplica: number;
  /** CPU request, thousandths of a core. @default the replica's share of its GPU node; 1000 without GPUs */
  cpuMillis?: number;
  /** CPU limit, thousandths of a core. @default none with GPUs; twice the request without */
  cpuLimitMillis?: number;
  /** Memory request, MiB. @default the replica's share of its GPU node; 2048 without GPUs */
  memoryMiB?: number;
  /** Memory limit, MiB. @default the request */
  memoryLimitMiB?: number;
  /** Size of `/dev/shm`, MiB; counts against the memory limit. @default by GPUs, at most a quarter of the limit */
  sharedMemoryMiB?: number;
  /** Number of replicas. Refused when they do not fit the pool. */
  replicas: ReplicaBounds;
  /** Times of a start: `startupBudget(...)`. Refused when they contradict each other. */
  startup: StartupBudget;
  /** Times of a stop: `drainBudget(...)`. Refused when they contradict each other, or the engine. */
  drain: DrainBudget;
  /** How updates roll out: `rolloutStrategy(...)` of the pool. Refused when the pool has no room for the surge. */
  rollout: RolloutStrategy;
  /** Real requests before a replica is Ready; without a sample request there are none. @default 3 */
  warmupRequests?: number;
  /** The request for warm-up and `helm test`. @default the profile's */
  sampleRequest?: SampleRequest;
  /** Where the API key is. Refused when the engine checks none. @default the API is open to those who reach it */
  apiKeySecret?: SecretKeyReference;
  /** Where the Hugging Face token is, for gated models. @default none */
  huggingFaceTokenSecret?: SecretKeyReference;
  /**
   * Secret of the Redis component. Its keys become `REDIS_HOST`, `REDIS_PORT`, `REDIS_USERNAME`, `REDIS_PASSWORD` and
   * `REDIS_URL`, and the pods get the label that Redis admits. @default no Redis
   */
  redisSecretName?: pulumi.Input<string>;
  /** PriorityClass of the pods, which must exist. @default the cluster's default */
  priorityClassName?: string;
  /** Collection of metrics; without effect when the server exports none. */
  metrics: ServiceMetrics;
  /** Namespaces whose pods may call the API. */
  allowedNamespaces: string[];
  /** Other inference services of the namespace whose pods may call the API. @default none */
  allowedServices?: string[];
  /** CIDRs of the subnets from which the load balancer sends to the pods. */
  loadBalancerCidrs: string[];
  /** Namespace of Prometheus, whose pods may read the metrics. See `InferenceService`. */
  prometheusNamespace: string;
  /** Labels of Prometheus' pods there. @default `app.kubernetes.io/name: prometheus` */
  prometheusPodLabels?: Record<string, string>;
  /** What the server may connect to beside DNS and port 443 of the internet. @default none */
  egress?: EgressTarget[];
  /** True when the service account has an association with a role (EKS Pod Identity). @default false */
  podIdentity?: boolean;
  /** Environment variables, no secrets; they win over the profile's. @default none */
  env?: Record<string, string>;
  /** Files by name, at most 1 MB together, in `/etc/inference`. A change rolls the pods. @default none */
  files?: Record<string, string>;
}
