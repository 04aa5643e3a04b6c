import type * as pulumi from "@pulumi/pulumi";
import { given } from "../common/given";
import { keptSeries } from "../engines/kept-series";
import { ModelCacheMode, type ServedModel } from "../engines/model";
import { Engine, type EngineProfile, type SampleRequest } from "../engines/profile";
import { poolNodeSelector, poolToleration } from "../gpu/pool";
import { redisClientLabel } from "../redis/valkey";
import { defaultWarmupRequests } from "./limits";
import type { InferenceReleaseArgs } from "./release-args";
import { completeResources, defaultSharedMemoryMiB } from "./resources";

/** Values of the chart: plain data, but for the names of Secrets. Never a secret value. */
export type ChartValues = Record<string, unknown>;

/** An environment variable from a Secret, as the chart takes it. */
interface SecretVariable {
  variable: string;
  secretName: pulumi.Input<string>;
  secretKey: pulumi.Input<string>;
  /** True for the one that weights are fetched with. */
  preload?: boolean;
}

/** Chart values of a service. They leave out what the chart's own defaults say. */
export function serviceValues(args: InferenceReleaseArgs): ChartValues {
  const { profile, replicas, startup, drain } = args;
  return {
    engine: profile.engine,
    image: { reference: profile.image },
    ...(profile.command ? { command: profile.command } : {}),
    args: profile.args,
    env: environment(args),
    secretEnv: secretEnvironment(args),
    ...(args.files ? { files: args.files } : {}),
    runAsUser: profile.runAsUser,
    writablePaths: writablePaths(profile, args.model.cache.mode),
    // Without a cache volume an engine that fetches its weights keeps them in one of these.
    ...(args.model.cache.mode === ModelCacheMode.None ? { writableSizeGiB: cacheSizeGiB(args.model) } : {}),
    port: profile.port,
    probes: {
      readinessPath: profile.readinessPath,
      livenessPath: profile.livenessPath,
      startup: {
        periodSeconds: startup.probePeriodSeconds,
        failureThreshold: startup.probeFailureThreshold,
      },
    },
    progressDeadlineSeconds: startup.progressDeadlineSeconds,
    preStopSeconds: drain.preStopSeconds,
    terminationGracePeriodSeconds: drain.terminationGraceSeconds,
    ...(replicas.scaled ? {} : { replicas: replicas.minReplicas }),
    autoscaling: { enabled: replicas.scaled },
    rollout: { maxSurge: args.rollout.maxSurge, maxUnavailable: args.rollout.maxUnavailable },
    // What a roll-out may take away, a drain may, too.
    podDisruptionBudget: { maxUnavailable: Math.max(1, args.rollout.maxUnavailable) },
    ...placement(args),
    ...(args.redisSecretName === undefined ? {} : { podLabels: { [redisClientLabel]: "true" } }),
    ...(args.priorityClassName ? { priorityClassName: args.priorityClassName } : {}),
    cache: cache(args.model, profile),
    ...requests(args),
    ...apiKey(args),
    metrics: metrics(args),
    networkPolicy: {
      enabled: true,
      loadBalancerCidrs: args.loadBalancerCidrs,
      allowedNamespaces: args.allowedNamespaces,
      ...given({
        allowedServices: args.allowedServices,
        prometheusPodLabels: args.prometheusPodLabels,
        egress: args.egress,
        podIdentity: args.podIdentity,
      }),
      prometheusNamespace: args.prometheusNamespace,
    },
  };
}

/** Labels by which Service, autoscaler and budget find the pods of a service. */
export function serviceSelector(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": "inference-service", "app.kubernetes.io/instance": name };
}

/** The request of warm-up and test: the service's own, or the engine's. */
function sampleRequest(args: InferenceReleaseArgs): SampleRequest | undefined {
  return args.sampleRequest ?? args.profile.sampleRequest;
}

function environment({ profile, env }: InferenceReleaseArgs): Record<string, string> {
  return { ...Object.fromEntries(profile.env.map(({ name, value }) => [name, value])), ...env };
}

function secretEnvironment(args: InferenceReleaseArgs): SecretVariable[] {
  const { profile, huggingFaceTokenSecret: token, redisSecretName: redis } = args;
  return [
    ...(token && profile.huggingFaceTokenVariable
      ? [
          {
            variable: profile.huggingFaceTokenVariable,
            secretName: token.name,
            secretKey: token.key,
            preload: true,
          },
        ]
      : []),
    // The keys of the Secret that the Redis component makes.
    ...(redis === undefined
      ? []
      : ["host", "port", "username", "password", "url"].map((key) => ({
          variable: `REDIS_${key.toUpperCase()}`,
          secretName: redis,
          secretKey: key,
        }))),
  ];
}

/** The profile's, without what is mounted anyway. Without a cache volume its folder must still be writable. */
function writablePaths(profile: EngineProfile, mode: ModelCacheMode): string[] {
  const usesCache = profile.env.some(({ value }) => `${value}/`.startsWith(`${profile.cachePath}/`));
  const paths = new Set(["/tmp", ...profile.writablePaths]);
  paths.delete("/dev/shm");
  if (mode !== ModelCacheMode.None) paths.delete(profile.cachePath);
  else if (usesCache) paths.add(profile.cachePath);
  return [...paths];
}

function placement(args: InferenceReleaseArgs): ChartValues {
  const { pool, gpusPerReplica } = args;
  const resources = completeResources(args, pool, gpusPerReplica);
  const cpu = (millis: number) => `${millis}m`;
  const memory = (mebibytes: number) => `${mebibytes}Mi`;
  const onPool = pool && gpusPerReplica > 0;
  return {
    resources: {
      requests: { cpu: cpu(resources.cpuMillis), memory: memory(resources.memoryMiB) },
      limits: {
        ...(resources.cpuLimitMillis ? { cpu: cpu(resources.cpuLimitMillis) } : {}),
        memory: memory(resources.memoryLimitMiB),
      },
    },
    sharedMemoryMiB: args.sharedMemoryMiB ?? defaultSharedMemoryMiB(gpusPerReplica, resources.memoryLimitMiB),
    ...(onPool
      ? {
          gpu: { resourceName: pool.resourceName, count: gpusPerReplica },
          nodeSelector: poolNodeSelector(pool),
          tolerations: [poolToleration(pool)],
        }
      : {}),
  };
}

function cache(model: ServedModel, profile: EngineProfile): ChartValues {
  const { mode, claimName, sizeGiB } = model.cache;
  return {
    mode,
    path: profile.cachePath,
    ...(mode === ModelCacheMode.Claim ? { claimName } : {}),
    ...(mode === ModelCacheMode.Node ? { sizeGiB: sizeGiB ?? cacheSizeGiB(model) } : {}),
    ...(preloads(model, profile)
      ? { preload: { model: model.id, ...(model.revision ? { revision: model.revision } : {}) } }
      : {}),
  };
}

/** Weights and their partial downloads, compiled kernels. */
function cacheSizeGiB({ weightsGiB }: ServedModel): number {
  return Math.ceil(2 * weightsGiB) + 10;
}

const hubEngines: Engine[] = [Engine.Vllm, Engine.Sglang, Engine.Tgi];

/** True when an init container fetches the weights: see `ModelCacheArgs.preload`. */
function preloads(model: ServedModel, profile: EngineProfile): boolean {
  const { mode, preload } = model.cache;
  const fromHub = /^[\w.-]+(\/[\w.-]+)?$/.test(model.id);
  return (preload ?? true) && mode !== ModelCacheMode.None && fromHub && hubEngines.includes(profile.engine);
}

function requests(args: InferenceReleaseArgs): ChartValues {
  const sample = sampleRequest(args);
  if (!sample) return {};
  const { method, path, body } = sample;
  return {
    sampleRequest: { method, path, ...(body === undefined ? {} : { body }) },
    warmup: {
      requests: args.warmupRequests ?? defaultWarmupRequests,
      timeoutSeconds: args.drain.longestRequestSeconds,
    },
  };
}

function apiKey({ profile, apiKeySecret }: InferenceReleaseArgs): ChartValues {
  if (!apiKeySecret || !profile.apiKeyVariable) return {};
  const { name, key } = apiKeySecret;
  return { apiKey: { variable: profile.apiKeyVariable, secretName: name, secretKey: key } };
}

function metrics({ profile, metrics: wanted }: InferenceReleaseArgs): ChartValues {
  if (profile.metricsPath === undefined) return { enabled: false };
  return {
    enabled: true,
    port: profile.metricsPort === profile.port ? 0 : profile.metricsPort,
    path: profile.metricsPath,
    intervalSeconds: wanted.scrapeIntervalSeconds ?? 15,
    keep: [...new Set([...keptSeries(profile), ...(wanted.keep ?? [])])].sort(),
    ...(wanted.monitorLabels ? { labels: wanted.monitorLabels } : {}),
  };
}
