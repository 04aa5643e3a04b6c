import type * as pulumi from "@pulumi/pulumi";
import type { GpuPool } from "../gpu/pool";
import type { ServiceDefinition } from "./definition";
import type { EgressTarget } from "./egress";
import type { SecretKeyReference, ServiceMetrics } from "./release-args";

/** Arguments of `InferenceService`: what it serves, and what it meets in its cluster. */
export interface InferenceServiceArgs extends ServiceDefinition {
  /** Namespace, which must exist. */
  namespace: pulumi.Input<string>;
  /** Nodes for a service with GPUs: `gpuPool(...)`, or a plain object for nodes that are there. @default none */
  pool?: GpuPool;
  /** Namespaces whose pods may call the API. @default none */
  allowFrom?: string[];
  /** Other inference services of the same namespace whose pods may call the API. @default none */
  allowServices?: string[];
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
  /**
   * What the server may connect to beside DNS and port 443 of the internet: other services, databases, a proxy. Addresses of the
   * VPC and of networks connected to it are closed on port 443, too. @default none
   */
  egress?: EgressTarget[];
  /**
   * The service account, which has the service's name, is associated with a role (EKS Pod Identity): its pods may ask their
   * node's agent for credentials. @default false
   */
  podIdentity?: boolean;
  /** How its metrics are collected. @default every 15 s, by a Prometheus that takes every monitor */
  metrics?: ServiceMetrics;
  /**
   * Namespace of Prometheus, whose pods may read the metrics. Where those are on the port of the API, as in vLLM, SGLang and
   * TGI, they may also call what the engine answers without a key. @default monitoring
   */
  prometheusNamespace?: string;
  /** Labels of Prometheus' pods there. @default `app.kubernetes.io/name: prometheus` */
  prometheusPodLabels?: Record<string, string>;
}
