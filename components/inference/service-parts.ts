import type * as pulumi from "@pulumi/pulumi";
import type { HorizontalAutoscalerArgs } from "../scaling/horizontal-autoscaler";
import type { ServiceContract } from "./contract";
import type { InferenceReleaseArgs } from "./release-args";
import type { InferenceServiceArgs } from "./service-args";

/** Arguments of a service's release. */
export function releaseArgs(args: InferenceServiceArgs, contract: ServiceContract): InferenceReleaseArgs {
  const { profile, model, gpusPerReplica, replicas, startup, drain, rollout } = contract;
  return {
    namespace: args.namespace,
    profile,
    model,
    pool: args.pool,
    gpusPerReplica,
    ...args.resources,
    replicas,
    startup,
    drain,
    rollout,
    warmupRequests: args.warmupRequests,
    sampleRequest: args.sampleRequest,
    apiKeySecret: args.apiKeySecret,
    huggingFaceTokenSecret: args.huggingFaceTokenSecret,
    redisSecretName: args.redisSecretName,
    priorityClassName: args.priorityClassName,
    metrics: args.metrics ?? {},
    allowedNamespaces: args.allowFrom ?? [],
    allowedServices: args.allowServices,
    loadBalancerCidrs: args.loadBalancerCidrs ?? [],
    prometheusNamespace: args.prometheusNamespace ?? "monitoring",
    prometheusPodLabels: args.prometheusPodLabels,
    egress: args.egress,
    podIdentity: args.podIdentity,
    env: args.env,
    files: args.files,
  };
}

/** Arguments of a service's autoscaler. */
export function autoscalerArgs(
  contract: ServiceContract,
  namespace: pulumi.Input<string>,
  deploymentName: pulumi.Input<string>,
): HorizontalAutoscalerArgs {
  const { profile, replicas, signals, startup, behavior } = contract;
  const { minReplicas, maxReplicas } = replicas;
  return {
    namespace,
    targetName: deploymentName,
    serviceName: deploymentName,
    minReplicas,
    maxReplicas,
    signals,
    profile,
    startup,
    behavior,
  };
}
