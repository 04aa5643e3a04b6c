import type { KubeClient, KubeObject } from "../kube/client";
import { path } from "../kube/client";
import { Informer } from "../kube/informer";

/** A change of the number of replicas that a Deployment is asked to have. */
export interface ReplicaChange {
  /** Milliseconds since 1970. */
  at: number;
  replicas: number;
}

/** Keeps every change of the number of replicas, as the API server told it. */
export class Timeline {
  private readonly changes = new Map<string, ReplicaChange[]>();
  private readonly deployments: Informer;
  private readonly autoscalers: Informer;

  constructor(client: KubeClient, namespace: string) {
    this.deployments = new Informer(client, path("apps/v1", "deployments", namespace))
      .on((deployment) => this.note(deployment))
      .start();
    this.autoscalers = new Informer(
      client,
      path("autoscaling/v2", "horizontalpodautoscalers", namespace),
    ).start();
  }

  stop(): void {
    this.deployments.stop();
    this.autoscalers.stop();
  }

  /** Changes of a service in that time, the first being what it had before. */
  of(service: string, from = 0, to = Number.POSITIVE_INFINITY): ReplicaChange[] {
    const all = this.changes.get(service) ?? [];
    const before = all.findLast((change) => change.at < from);
    return [...(before ? [before] : []), ...all.filter((change) => change.at >= from && change.at < to)];
  }

  /** Replicas that the service is asked to have now. */
  now(service: string): number {
    return this.changes.get(service)?.at(-1)?.replicas ?? 0;
  }

  /** Replicas times seconds over that time. */
  replicaSeconds(service: string, from: number, to: number): number {
    const changes = this.of(service, from, to);
    return changes.reduce((sum, change, index) => {
      const end = changes[index + 1]?.at ?? to;
      return sum + (change.replicas * Math.max(0, end - Math.max(from, change.at))) / 1000;
    }, 0);
  }

  /** What an autoscaler says about itself: the conditions that are not as they are when all is well. */
  complaint(service: string): string | undefined {
    const hpa = this.autoscalers.all.find((each) => each.metadata.name === service);
    const conditions = (hpa?.status?.conditions ?? []) as { type: string; status: string; reason: string }[];
    const active = conditions.find((condition) => condition.type === "ScalingActive");
    return active && active.status !== "True" ? active.reason : undefined;
  }

  private note(deployment: KubeObject): void {
    const { name } = deployment.metadata;
    const known = this.changes.get(name) ?? [];
    const replicas = deployment.spec.replicas as number;
    if (known.at(-1)?.replicas === replicas) return;
    this.changes.set(name, [...known, { at: Date.now(), replicas }]);
  }
}
