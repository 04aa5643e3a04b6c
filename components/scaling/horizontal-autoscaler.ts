import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import * as pulumi from "@pulumi/pulumi";
import type { StartupBudget } from "../budgets/budgets";
import { wholeNumberProblems } from "../common/bounds";
import { below, type Problem } from "../common/problem";
import { refuse } from "../common/refuse";
import type { EngineProfile } from "../engines/profile";
import { platformLabels } from "../namespace/labels";
import type { SignalTarget } from "../signals/signal";
import type { ExternalSignal } from "./adapter-rules";
import { behaviorProblems, hpaBehavior, type ScalingBehavior } from "./behavior";
import { customSignalProblems, signalProblems } from "./checks";
import { hpaMetrics, quantity } from "./hpa-metrics";
import { replicaCount } from "./limits";

/** Arguments of `HorizontalAutoscaler`. */
export interface HorizontalAutoscalerArgs {
  /** Namespace of the Deployment. */
  namespace: pulumi.Input<string>;
  /** Name of the Deployment. It must not say a number of replicas itself. */
  targetName: pulumi.Input<string>;
  /** Name of the Service whose series the signals over the whole service are taken from. */
  serviceName: pulumi.Input<string>;
  /** Lowest number of replicas, 1 or more: from 0 nothing would measure a need. */
  minReplicas: number;
  /** Highest number of replicas, at least `minReplicas`. */
  maxReplicas: number;
  /** What to hold, each at its target; the one that asks for most replicas counts. At least one, not only latencies. */
  signals: SignalTarget[];
  /**
   * Numbers outside the pods, each with its target per replica. The adapter offers them by `externalRule`. With one,
   * `signals` may be empty. @default none
   */
  external?: ExternalTarget[];
  /** The engine, which says which signals there are. */
  profile: EngineProfile;
  /** How long replicas take to start: scale-down waits longer. */
  startup: StartupBudget;
  /** How fast to follow. @default 2 pods per minute up after 30 s, 1 pod per 2 minutes down after the start-up budget */
  behavior?: ScalingBehavior;
}

/** A target of one replica per so many items that wait outside the pods. */
export interface ExternalTarget extends ExternalSignal {
  /** Amount per replica, above 0: 100 gives one replica for every 100 waiting tasks. */
  perReplica: number;
}

/**
 * The one autoscaler of a service: any number of signals, and a behavior made for replicas that start slowly.
 *
 * @example
 * ```ts
 * // Workers of a queue: one replica for every 100 tasks that wait, whatever their Deployment is made of.
 * new HorizontalAutoscaler(
 *   "worker",
 *   {
 *     namespace: "apps",
 *     targetName: "worker",
 *     serviceName: "worker",
 *     minReplicas: 1,
 *     maxReplicas: 20,
 *     signals: [],
 *     external: [{ name: "queue_depth", labels: { queue: "tasks" }, perReplica: 100 }],
 *     profile: chat.profile,
 *     startup: chat.startup,
 *   },
 *   { provider },
 * );
 * ```
 */
export class HorizontalAutoscaler extends pulumi.ComponentResource {
  /** Name of the autoscaler. */
  readonly autoscalerName: pulumi.Output<string>;

  constructor(name: string, args: HorizontalAutoscalerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:HorizontalAutoscaler", name, {}, opts);
    refuse(this, name, autoscalerProblems(args));
    const behavior = args.behavior ?? {};
    const external = args.external ?? [];

    const autoscaler = new HorizontalPodAutoscaler(
      `${name}-hpa`,
      {
        metadata: {
          name: args.targetName,
          namespace: args.namespace,
          labels: platformLabels(name, "autoscaler"),
          // It reports Ready only once the first metrics are read, minutes after the first replica at best.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: args.targetName },
          minReplicas: args.minReplicas,
          maxReplicas: args.maxReplicas,
          metrics: [...hpaMetrics(args.signals, args.serviceName), ...external.map(externalMetric)],
          behavior: hpaBehavior(behavior, args.startup),
        },
      },
      { parent: this },
    );
    this.autoscalerName = autoscaler.metadata.name;
    this.registerOutputs({ autoscalerName: this.autoscalerName });
  }
}

/**
 * Everything wrong with the arguments of an autoscaler. Paths are those of the arguments.
 *
 * @example
 * ```ts
 * const { profile, signals, startup } = chat;
 * const where = { namespace: "llm", targetName: "chat", serviceName: "chat" };
 * autoscalerProblems({ ...where, minReplicas: 2, maxReplicas: 1, signals, profile, startup }); // → [{ path: "minReplicas", value: 2 }]
 * ```
 */
export function autoscalerProblems(args: HorizontalAutoscalerArgs): Problem[] {
  const { profile, signals, startup, behavior = {}, external = [] } = args;
  return [
    ...boundProblems(args.minReplicas, args.maxReplicas),
    ...(signals.length === 0 && external.length > 0 ? [] : signalProblems(profile, signals)),
    ...externalProblems(external),
    ...customSignalProblems(profile),
    ...below("behavior", behaviorProblems(behavior, startup)),
  ];
}

/**
 * What is wrong with the bounds of an autoscaler.
 *
 * @example
 * ```ts
 * boundProblems(0, 4); // → [{ path: "minReplicas", value: 0 }]
 * ```
 */
export function boundProblems(minReplicas: number, maxReplicas: number): Problem[] {
  const problems = [
    ...wholeNumberProblems("minReplicas", minReplicas, replicaCount),
    ...wholeNumberProblems("maxReplicas", maxReplicas, replicaCount),
  ];
  if (problems.length > 0 || minReplicas <= maxReplicas) return problems;
  return [
    {
      path: "minReplicas",
      value: minReplicas,
      message: `must be at most the highest number of replicas (${maxReplicas})`,
    },
  ];
}

function externalProblems(external: ExternalTarget[]): Problem[] {
  return external
    .map((wanted, index) => ({ wanted, path: `external[${index}].perReplica` }))
    .filter(({ wanted }) => !(wanted.perReplica >= 0.001 && Number.isFinite(wanted.perReplica)))
    .map(({ wanted, path }) => ({ path, value: wanted.perReplica, message: "must be above 0" }));
}

function externalMetric({ name, labels, perReplica }: ExternalTarget) {
  return {
    type: "External",
    external: {
      metric: { name, selector: { matchLabels: labels } },
      target: { type: "AverageValue", averageValue: quantity(perReplica) },
    },
  };
}
