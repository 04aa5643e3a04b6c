/** The public entry: components, their arguments, and the catalogs and pure functions that make their contracts. */

export * from "./budgets/budgets";
export { Cluster, type ClusterArgs } from "./cluster/cluster";
export type { ClusterCredentialsArgs } from "./cluster/credentials";
export { PodIdentity, type PodIdentityArgs } from "./cluster/pod-identity";
export { SupportType } from "./cluster/support-type";
export type { SystemNodesArgs } from "./cluster/system-nodes";
export type { Bounds } from "./common/bounds";
export { type ChartPin, charts } from "./common/charts";
export { describeProblem, type Problem } from "./common/problem";
export { clusterTag, clusterTags } from "./common/tags";
export * from "./engines";
export { ArgumentParser } from "./engines/arguments";
export type { EngineEntry, EngineRow, EngineSpecifics, MetricsOff } from "./engines/catalog";
export { type ModelCacheArgs, ModelCacheMode, type ServedModel } from "./engines/model";
export { NvidiaDevicePlugin, type NvidiaDevicePluginArgs } from "./gpu/device-plugin";
export { type InstanceGpus, type InstanceType, instanceType, instanceTypes } from "./gpu/instances";
export { GpuMetrics, type GpuMetricsArgs } from "./gpu/metrics";
export { GpuNodeGroup, type GpuNodeGroupArgs } from "./gpu/node-group";
export { type PoolDemand, type RolloutStrategy, rolloutStrategy } from "./gpu/packing";
export { CapacityType, type GpuPool, type GpuPoolArgs, gpuPool, type NodeTaint, poolQuota } from "./gpu/pool";
export { type ServiceContract, type ServiceRequest, serviceContract } from "./inference/contract";
export * from "./inference/definition";
export type { EgressTarget } from "./inference/egress";
export { InferenceRelease } from "./inference/release";
export * from "./inference/release-args";
export { InferenceSecrets, type InferenceSecretsArgs } from "./inference/secrets";
export { InferenceService } from "./inference/service";
export type { InferenceServiceArgs } from "./inference/service-args";
export * from "./ingress/ingress";
export { LoadBalancerController, type LoadBalancerControllerArgs } from "./ingress/load-balancer-controller";
export * from "./namespace/namespace";
export { NatGateways, Network, type NetworkArgs } from "./network/network";
export { InferenceMonitoring, type InferenceMonitoringArgs } from "./observability/inference-monitoring";
export type { MonitoredService } from "./observability/monitored-service";
export { Prometheus, type PrometheusArgs } from "./observability/prometheus";
export {
  checkedPlatform,
  type Platform,
  type PlatformOutputs,
  platformSchemaVersion,
  readPlatform,
  type ServiceAddressOutputs,
} from "./platform/outputs";
export type { AdmittedNamespace, RedisArgs } from "./redis/args";
export { Redis } from "./redis/redis";
export { EvictionPolicy } from "./redis/valkey";
export { registerSafeguards, type SafeguardsArgs } from "./safeguards";
export { DeletionProtection, type DeletionProtectionArgs } from "./safeguards/deletion-protection";
export * from "./scaling";
export { type RequiredRules, requiredAdapterRules } from "./scaling/required-rules";
