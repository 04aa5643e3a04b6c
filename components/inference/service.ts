import { relative, sep } from "node:path";
import { Release } from "@pulumi/kubernetes/helm/v3";
import * as pulumi from "@pulumi/pulumi";
import { type DrainBudget, releaseTimeout, type StartupBudget } from "../budgets/budgets";
import { describeProblem } from "../common/problem";
import type { ServedModel } from "../engines/model";
import type { EngineProfile, SampleRequest } from "../engines/profile";
import type { RolloutStrategy } from "../gpu/packing";
import type { GpuPool } from "../gpu/pool";
import { serviceProblems } from "./checks";
import { serviceSelector, serviceValues } from "./values";

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
  /** Seconds between two scrapes, 5 to 60. */
  scrapeIntervalSeconds: number;
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

/** A service that the server talks to. */
export interface ServiceAddress {
  /** Its namespace. */
  namespace: string;
  /** Port of its pods. */
  port: number;
}

/** Arguments of `InferenceService`. */
export interface InferenceServiceArgs {
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
  /** CIDRs of the subnets from which the load balancer sends to the pods. */
  loadBalancerCidrs: string[];
  /** Namespace of Prometheus, which may read the metrics. */
  prometheusNamespace: string;
  /** Further services that the server may connect to; DNS and port 443 are open anyway. @default none */
  egressTo?: ServiceAddress[];
  /** Environment variables, no secrets; they win over the profile's. @default none */
  env?: Record<string, string>;
  /** Files by name, at most 1 MB together, in `/etc/inference`. A change rolls the pods. @default none */
  files?: Record<string, string>;
}

/** Version of the chart beside this file. */
const chartVersion = "0.1.0";

/**
 * One model behind one Service: our chart as a Helm release. Name of release, Deployment and Service are the
 * component's name; changing it replaces everything.
 */
export class InferenceService extends pulumi.ComponentResource {
  /** Name of the Deployment; whoever uses it waits for the release. */
  readonly deploymentName: pulumi.Output<string>;
  /** Name of the Service, the same. */
  readonly serviceName: pulumi.Output<string>;
  /** Port of the API, on the Service and the pods. */
  readonly servicePort: pulumi.Output<number>;
  /** Namespace of everything. */
  readonly namespace: pulumi.Output<string>;
  /** Address inside the cluster, `http://name.namespace.svc:port`. */
  readonly url: pulumi.Output<string>;
  /** Labels that select the pods. */
  readonly selectorLabels: pulumi.Output<Record<string, string>>;
  /** The release itself, for what its outputs do not say. */
  readonly release: Release;

  constructor(name: string, args: InferenceServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:InferenceService", name, {}, opts);
    const problems = serviceProblems(name, args);
    if (problems.length > 0) {
      throw new pulumi.ResourceError(`${name}: ${problems.map(describeProblem).join("\n")}`, this, true);
    }

    this.release = new Release(
      `${name}-release`,
      {
        name,
        namespace: args.namespace,
        chart: chartPath(),
        version: chartVersion,
        values: serviceValues(args),
        timeout: releaseTimeout(args.startup, args.drain, args.replicas.maxReplicas),
        // A roll-back would hide why the pods failed, and take as long as the update: every GPU pod starts again.
        atomic: false,
        // The new pods stay after a failed update, and read ConfigMaps that the clean-up would delete.
        cleanupOnFail: false,
        maxHistory: 5,
      },
      { parent: this },
    );

    const { release } = this;
    this.deploymentName = release.name;
    this.serviceName = release.name;
    this.namespace = release.namespace;
    this.servicePort = release.name.apply(() => args.profile.port);
    this.url = release.namespace.apply((namespace) => `http://${name}.${namespace}.svc:${args.profile.port}`);
    this.selectorLabels = release.name.apply(() => serviceSelector(name));
    this.registerOutputs({
      deploymentName: this.deploymentName,
      serviceName: this.serviceName,
      servicePort: this.servicePort,
      namespace: this.namespace,
      url: this.url,
      selectorLabels: this.selectorLabels,
    });
  }
}

/**
 * The chart's folder, relative to the working directory, which is the project's for program and provider alike: an
 * absolute path would differ between two people's machines and show as a change.
 */
function chartPath(): string {
  const path = relative(process.cwd(), `${__dirname}${sep}chart`).split(sep).join("/");
  return path.startsWith("..") ? path : `./${path}`;
}
