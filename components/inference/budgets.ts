import type { Problem } from "../problem";
import { ModelCacheMode } from "./model";

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
/** Between the slowest start and what waits for it. */
const marginSeconds = 60;
/** Highest idle timeout of an Application Load Balancer. */
const idleTimeoutLimit = 4000;
/** Highest deregistration delay of a target group, and highest HPA window. */
const hourSeconds = 3600;
/** Time between the notice and the end of a spot instance. */
const spotNoticeSeconds = 120;

/** The shortest scale-down window under which a loading replica is never taken for an idle one (not capped). */
export function leastScaleDownWindow(coldSeconds: number): number {
  return Math.max(300, Math.ceil(1.5 * coldSeconds));
}

/**
 * How long a replica of this size takes to start. Never refuses: check the result with {@link budgetProblems},
 * which tells when a start is too slow for any scale-down window.
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

type Slowness = Pick<
  StartupBudget,
  "startupSeconds" | "coldSeconds" | "probePeriodSeconds" | "probeFailureThreshold"
>;

/** Node and image as expected, then a container that becomes ready at the last try of its start-up probe. */
function slowestStart(budget: Slowness): number {
  const beforeStart = Math.max(0, budget.coldSeconds - budget.startupSeconds);
  return beforeStart + budget.probePeriodSeconds * budget.probeFailureThreshold;
}

/**
 * How a replica leaves. An engine that aborts what it has on SIGTERM only gets the signal when the longest
 * request can be over: its whole drain is the wait before.
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
 */
export function releaseTimeout(startup: StartupBudget, drain: DrainBudget, replicas: number): number {
  const eachNext = startup.startupSeconds + drain.terminationGraceSeconds;
  return startup.helmTimeoutSeconds + Math.max(0, replicas - 1) * eachNext;
}

/**
 * Every inequality between the times that does not hold, with the arithmetic. Empty for computed budgets, unless
 * the start is slower than a scale-down window can be, or the longest request longer than load balancers allow.
 */
export function budgetProblems(startup: StartupBudget, drain: DrainBudget): Problem[] {
  return [...startupProblems(startup), ...drainProblems(drain)];
}

function startupProblems(budget: StartupBudget): Problem[] {
  const window = budget.probePeriodSeconds * budget.probeFailureThreshold;
  const slowest = slowestStart(budget);
  const least = leastScaleDownWindow(budget.coldSeconds);
  const probe = `${budget.probePeriodSeconds} s × ${budget.probeFailureThreshold} tries = ${window} s`;
  return [
    ...notPositive("startup", { ...budget }),
    ...unless(budget.coldSeconds >= budget.startupSeconds, {
      path: "startup.coldSeconds",
      value: budget.coldSeconds,
      message: `must include startupSeconds: at least ${budget.startupSeconds}`,
    }),
    ...unless(window >= budget.startupSeconds, {
      path: "startup.probeFailureThreshold",
      value: budget.probeFailureThreshold,
      message: `gives ${probe}, but a start is expected to take ${budget.startupSeconds} s, so the container would be killed while it loads`,
      fix: `Set it to at least ${Math.ceil(budget.startupSeconds / Math.max(1, budget.probePeriodSeconds))}.`,
    }),
    ...unless(budget.progressDeadlineSeconds >= slowest, {
      path: "startup.progressDeadlineSeconds",
      value: budget.progressDeadlineSeconds,
      message: `must cover the slowest start: ${slowest - window} s for node and image + start-up probe ${probe}, together ${slowest} s`,
      fix: `Set it to at least ${slowest}.`,
    }),
    ...unless(budget.helmTimeoutSeconds >= budget.coldSeconds + marginSeconds, {
      path: "startup.helmTimeoutSeconds",
      value: budget.helmTimeoutSeconds,
      message: `must be at least the cold start of ${budget.coldSeconds} s + ${marginSeconds} s = ${budget.coldSeconds + marginSeconds} s`,
    }),
    ...(least > hourSeconds
      ? [
          {
            path: "startup.coldSeconds",
            value: budget.coldSeconds,
            message: `needs a scale-down window of 1.5 × ${budget.coldSeconds} s = ${least} s, but Kubernetes allows at most ${hourSeconds} s: replicas that still load would be removed`,
            fix: "Shorten the start: keep the weights on a claim (model.cache), or use a smaller or quantised model.",
          },
        ]
      : unless(budget.scaleDownWindowSeconds >= least && budget.scaleDownWindowSeconds <= hourSeconds, {
          path: "startup.scaleDownWindowSeconds",
          value: budget.scaleDownWindowSeconds,
          message: `must be from max(300 s, 1.5 × cold start of ${budget.coldSeconds} s) = ${least} s to ${hourSeconds} s`,
        })),
  ];
}

function drainProblems(budget: DrainBudget): Problem[] {
  const window = budget.preStopSeconds + budget.drainSeconds;
  const sum = `preStop ${budget.preStopSeconds} s + drain ${budget.drainSeconds} s = ${window} s`;
  const longest = budget.longestRequestSeconds;
  return [
    ...notPositive("drain", { ...budget, preStopSeconds: 1, drainSeconds: 1 }),
    ...["preStopSeconds" as const, "drainSeconds" as const].flatMap((key) =>
      unless(Number.isInteger(budget[key]) && budget[key] >= 0, {
        path: `drain.${key}`,
        value: budget[key],
        message: "must be a whole number of seconds, 0 or more",
      }),
    ),
    ...unless(longest < hourSeconds, {
      path: "drain.longestRequestSeconds",
      value: longest,
      message: `must be below ${hourSeconds} s, the longest deregistration delay of a target group`,
      fix: "Stream long answers in parts, or give the work to a queue.",
    }),
    ...unless(longest <= window, {
      path: "drain.drainSeconds",
      value: budget.drainSeconds,
      message: `gives ${sum}, less than the longest request of ${longest} s, which would be cut off`,
    }),
    ...unless(window <= budget.terminationGraceSeconds, {
      path: "drain.terminationGraceSeconds",
      value: budget.terminationGraceSeconds,
      message: `must be at least ${sum}, or the pod is killed while it drains`,
    }),
    ...unless(budget.deregistrationDelaySeconds <= window, {
      path: "drain.deregistrationDelaySeconds",
      value: budget.deregistrationDelaySeconds,
      message: `must be at most ${sum}, or the load balancer still holds connections to a pod that is gone`,
    }),
    ...unless(longest >= hourSeconds || budget.deregistrationDelaySeconds >= longest, {
      path: "drain.deregistrationDelaySeconds",
      value: budget.deregistrationDelaySeconds,
      message: `must be at least the longest request of ${longest} s, or the load balancer cuts it off`,
    }),
    ...unless(
      longest >= hourSeconds ||
        (budget.idleTimeoutSeconds > longest && budget.idleTimeoutSeconds <= idleTimeoutLimit),
      {
        path: "drain.idleTimeoutSeconds",
        value: budget.idleTimeoutSeconds,
        message: `must be above the longest request of ${longest} s and at most ${idleTimeoutLimit} s, the limit of the load balancer`,
      },
    ),
  ];
}

/** What works, but not for every request. Spot instances end two minutes after the notice. */
export function budgetWarnings(drain: DrainBudget, spot: boolean): Problem[] {
  return unless(!spot || drain.terminationGraceSeconds <= spotNoticeSeconds, {
    path: "drain.terminationGraceSeconds",
    value: drain.terminationGraceSeconds,
    message: `is longer than the ${spotNoticeSeconds} s between the notice and the end of a spot instance, so requests over ${spotNoticeSeconds} s can be lost`,
    fix: "Use on-demand nodes for long requests.",
  });
}

function notPositive(group: string, budget: Record<string, number>): Problem[] {
  return Object.entries(budget).flatMap(([key, value]) =>
    unless(Number.isInteger(value) && value >= 1, {
      path: `${group}.${key}`,
      value,
      message: "must be a whole number, 1 or more",
    }),
  );
}

function unless(holds: boolean, problem: Problem): Problem[] {
  return holds ? [] : [problem];
}
