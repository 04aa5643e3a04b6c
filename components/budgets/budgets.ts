import { ModelCacheMode } from "../engines/model";
import { hourSeconds, idleTimeoutLimit, leastScaleDownWindow, marginSeconds, slowestStart } from "./limits";

export { budgetProblems, budgetWarnings } from "./checks";
export { leastScaleDownWindow } from "./limits";

/** How long a new replica may take, and every timeout derived from it. Seconds. */
export interface StartupBudget {
  /** Expected time from container start to Ready: weights, compilation, warm-up. */
  startupSeconds: number;
  /** Expected time from pod created to Ready on a node that must first be started: node, image pull, start-up. */
  coldSeconds: number;
  /** Start-up probe: seconds between two tries. */
  probePeriodSeconds: number;
  /** Start-up probe: tries before the container is restarted; period × tries ≥ the worst case. */
  probeFailureThreshold: number;
  /** Deployment `progressDeadlineSeconds`. */
  progressDeadlineSeconds: number;
  /** Helm `timeout`: every replica that is created at first, node provisioning included. */
  helmTimeoutSeconds: number;
  /** HPA scale-down window: ≥ max(300, 1.5 × coldSeconds), at most 3600. */
  scaleDownWindowSeconds: number;
}

/** How long requests may take, and how a replica leaves without losing one. Seconds. */
export interface DrainBudget {
  /** The longest request that must be answered. */
  longestRequestSeconds: number;
  /** Wait before the engine is told to stop, while load balancers take the pod out. */
  preStopSeconds: number;
  /** Time the engine gets to finish what it has. */
  drainSeconds: number;
  /** Pod `terminationGracePeriodSeconds`: ≥ preStop + drain. */
  terminationGraceSeconds: number;
  /** Target group deregistration delay: ≤ preStop + drain. */
  deregistrationDelaySeconds: number;
  /** Load balancer idle timeout: > the longest request, 1 to 4000. */
  idleTimeoutSeconds: number;
}

/** What the start-up depends on. */
export interface StartupRequest {
  /** Compressed size of the image, GiB. */
  imageGiB: number;
  /** Size of the weights, GiB. */
  weightsGiB: number;
  /** Where a starting replica finds the weights. */
  cache: ModelCacheMode;
  /** Fixed part of the start-up without weights: process start, compilation, graph capture. Seconds. */
  initSeconds: number;
  /** Time until a new node can run pods, seconds. @default 180 */
  nodeProvisionSeconds?: number;
  /** Measured or wanted figures; what is not given is computed from the ones that are. @default none */
  overrides?: Partial<StartupBudget>;
}

/** What the drain depends on. */
export interface DrainRequest {
  /** The longest request that must be answered, seconds; 1 to 3599. */
  longestRequestSeconds: number;
  /** True when the engine finishes running requests after SIGTERM. */
  drains: boolean;
  /** Wanted figures; what is not given is computed from the ones that are. @default none */
  overrides?: Partial<DrainBudget>;
}

/** Figures that the start-up is estimated with; replace the result by measured times through `overrides`. */
export const startupFigures = {
  /** Pull and unpack: 9.5 GB compressed in 334 s (eks-blueprints, ml-container-cache). Lazy pulling is faster. */
  imagePullGiBPerSecond: 0.026,
  /** From the model hub or S3 over the internet, without a tuned streamer: about 1 Gbit/s. Our estimate. */
  weightsDownloadGiBPerSecond: 0.1,
  /** Disk to GPU: 8B model of 15 GiB in 48 s from gp3 (NVIDIA Run:ai benchmark); EFS: 894 GiB in 43 min. */
  weightsReadGiBPerSecond: 0.31,
  /** EC2 start, join, network and device plugin; 30 s at best (EKS guide). Our estimate. */
  nodeProvisionSeconds: 180,
  /** A few requests before Ready; the first one takes about 2.6 s (EKS guide). */
  warmupSeconds: 10,
  /** The slowest start that is not a failure, in expected starts. */
  worstCaseFactor: 2.5,
} as const;

/** Seconds that load balancers and proxies need to stop sending after a pod is marked for deletion (KServe: 15). */
const settleSeconds = 15;
/** Between the engine's deadline and the kill: time to exit. */
const exitSeconds = 5;
/**
 * How long a replica of this size takes to start. Never refuses: check the result with {@link budgetProblems},
 * which tells when a start is too slow for any scale-down window.
 *
 * @example
 * ```ts
 * const measured = { startupSeconds: 95 };
 * startupBudget({ imageGiB: 8, weightsGiB: 6.2, cache: "node", initSeconds: 90, overrides: measured }); // → measured
 * ```
 */
export function startupBudget(request: StartupRequest): StartupBudget {
  const given = request.overrides ?? {};
  const figures = startupFigures;
  const download = request.weightsGiB / figures.weightsDownloadGiBPerSecond;
  const read = request.weightsGiB / figures.weightsReadGiBPerSecond;
  const fetch = request.cache === ModelCacheMode.Node ? download : 0;
  const startupSeconds =
    given.startupSeconds ?? Math.ceil(fetch + read + request.initSeconds + figures.warmupSeconds);
  const node = request.nodeProvisionSeconds ?? figures.nodeProvisionSeconds;
  const beforeStart = Math.ceil(node + request.imageGiB / figures.imagePullGiBPerSecond);
  const coldSeconds = given.coldSeconds ?? beforeStart + startupSeconds;

  // A claim is empty once: then the first replica downloads.
  const firstFill = request.cache === ModelCacheMode.Claim ? download : 0;
  const worst = Math.max(120, figures.worstCaseFactor * startupSeconds, startupSeconds + firstFill);
  // Small servers are noticed quickly, large ones are not asked all the time.
  const probePeriodSeconds =
    given.probePeriodSeconds ?? Math.min(10, Math.max(2, Math.round(startupSeconds / 15)));
  const probeFailureThreshold = given.probeFailureThreshold ?? Math.ceil(worst / probePeriodSeconds);

  const slowest = slowestStart({ startupSeconds, coldSeconds, probePeriodSeconds, probeFailureThreshold });
  const progressDeadlineSeconds = given.progressDeadlineSeconds ?? Math.max(600, slowest + marginSeconds);
  return {
    startupSeconds,
    coldSeconds,
    probePeriodSeconds,
    probeFailureThreshold,
    progressDeadlineSeconds,
    helmTimeoutSeconds:
      given.helmTimeoutSeconds ?? Math.max(progressDeadlineSeconds, coldSeconds) + marginSeconds,
    scaleDownWindowSeconds:
      given.scaleDownWindowSeconds ?? Math.min(hourSeconds, leastScaleDownWindow(coldSeconds)),
  };
}

/**
 * How a replica leaves. An engine that aborts what it has on SIGTERM only gets the signal when the longest
 * request can be over: its whole drain is the wait before.
 *
 * @example
 * ```ts
 * drainBudget({ longestRequestSeconds: 120, drains: true }); // → { preStopSeconds: 15, drainSeconds: 120, terminationGraceSeconds: 140 }
 * ```
 */
export function drainBudget(request: DrainRequest): DrainBudget {
  const given = request.overrides ?? {};
  const longestRequestSeconds = given.longestRequestSeconds ?? request.longestRequestSeconds;
  const preStopSeconds =
    given.preStopSeconds ?? (request.drains ? settleSeconds : settleSeconds + longestRequestSeconds);
  const drainSeconds = given.drainSeconds ?? (request.drains ? longestRequestSeconds : exitSeconds);
  return {
    longestRequestSeconds,
    preStopSeconds,
    drainSeconds,
    terminationGraceSeconds: given.terminationGraceSeconds ?? preStopSeconds + drainSeconds + exitSeconds,
    deregistrationDelaySeconds:
      given.deregistrationDelaySeconds ?? Math.min(hourSeconds, longestRequestSeconds + exitSeconds),
    idleTimeoutSeconds:
      given.idleTimeoutSeconds ??
      Math.min(idleTimeoutLimit, Math.max(60, longestRequestSeconds + exitSeconds)),
  };
}

/**
 * Time that helm waits for an update of a service: the first replica may need a node, the others follow one after
 * another, each after the one that it replaces has left.
 *
 * @example
 * ```ts
 * releaseTimeout(chat.startup, chat.drain, 1) === chat.startup.helmTimeoutSeconds; // → true
 * ```
 */
export function releaseTimeout(startup: StartupBudget, drain: DrainBudget, replicas: number): number {
  const eachNext = startup.startupSeconds + drain.terminationGraceSeconds;
  return startup.helmTimeoutSeconds + Math.max(0, replicas - 1) * eachNext;
}
