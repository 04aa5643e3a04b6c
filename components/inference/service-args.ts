import type * as pulumi from "@pulumi/pulumi";
import type { GpuPool } from "../gpu/pool";
import type { ServiceDefinition } from "./definition";
import type { SecretKeyReference, ServiceAddress, ServiceMetrics } from "./release-args";

/** Arguments of `InferenceService`: what it serves, and what it meets in its cluster. */
export interface InferenceServiceArgs extends ServiceDefinition {
  /** Namespace, which must exist. */
  namespace: pulumi.Input<string>;
  /** Nodes for a service with GPUs: `gpuPool(...)`, or a plain object for nodes that are there. @default none */
  pool?: GpuPool;
  /** Namespaces whose pods may call the API. @default none */
  allowFrom?: string[];
  /** CIDRs of the subnets from which a load balancer sends to the pods. @default none */
  loadBalancerCidrs?: string[];
  /** Where the API key is. Refused when the engine checks none. @default the API is open to those who reach it */
  apiKeySecret?: SecretKeyReference;
  /** Where the Hugging Face token is, for gated models. @default none */
  huggingFaceTokenSecret?: SecretKeyReference;
  /**
   * Secret of the Redis component. Its keys become `REDIS_HOST`, `REDIS_PORT`, `REDIS_USERNAME`, `REDIS_PASSWORD` and
   * `REDIS_URL`, and the pods get the label that Redis admits. @default no Redis
   */
  redisSecretName?: pulumi.Input<string>;
  /** Further services that the server may connect to; DNS and port 443 are open anyway. @default none */
  egressTo?: ServiceAddress[];
  /** How its metrics are collected. @default every 15 s, by a Prometheus that takes every monitor */
  metrics?: ServiceMetrics;
  /** Namespace of Prometheus, which may read the metrics. @default monitoring */
  prometheusNamespace?: string;
}
