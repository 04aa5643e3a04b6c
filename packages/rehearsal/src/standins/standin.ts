import type { Cloud, CloudState } from "../cloud";
import type { ControlPlane } from "../control-plane";
import { type KubeClient, type KubeObject, path } from "../kube/client";
import { Informer } from "../kube/informer";

/** The kinds that stand-ins watch. */
const watched = {
  nodes: path("v1", "nodes"),
  pods: path("v1", "pods"),
  claims: path("v1", "persistentvolumeclaims"),
  volumes: path("v1", "persistentvolumes"),
  attachments: path("storage.k8s.io/v1", "volumeattachments"),
  storageClasses: path("storage.k8s.io/v1", "storageclasses"),
  deployments: path("apps/v1", "deployments"),
  ingresses: path("networking.k8s.io/v1", "ingresses"),
  ingressClasses: path("networking.k8s.io/v1", "ingressclasses"),
  apiServices: path("apiregistration.k8s.io/v1", "apiservices"),
  mutatingWebhooks: path("admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations"),
  validatingWebhooks: path("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations"),
};

type Watched = Record<keyof typeof watched, Informer>;

/** What every stand-in works with. */
export interface Stage extends Watched {
  client: KubeClient;
  cloud: Cloud;
  plane: ControlPlane;
  /** Keeps what a stand-in did, for the report; the same text is kept once. */
  note(text: string): void;
}

/** Plays a part that a cloud or a program in a pod would play. */
export interface StandIn {
  /** Name in the report. */
  name: string;
  /** What it stands in for, in one line. */
  playing: string;
  /** Compares what is with what should be, and mends it. Called several times a second. */
  reconcile(stage: Stage, state: CloudState): Promise<void>;
}

/** Runs the stand-ins until it is stopped. */
export class Cast {
  private readonly notes = new Map<string, Set<string>>();
  private readonly informers: Informer[];
  private readonly stage: Watched;
  private timer?: NodeJS.Timeout;
  private turn: Promise<void> = Promise.resolve();
  private readonly lastErrors = new Map<string, string>();
  /** Names of stand-ins that do nothing for now: faults switch them off. */
  readonly absent = new Set<string>();

  constructor(
    private readonly plane: ControlPlane,
    private readonly cloud: Cloud,
    readonly members: StandIn[],
  ) {
    const entries = Object.entries(watched).map(
      ([name, url]) => [name, new Informer(plane.client, url)] as const,
    );
    this.informers = entries.map(([, informer]) => informer);
    this.stage = Object.fromEntries(entries) as Watched;
  }

  start(): void {
    for (const informer of this.informers) informer.start();
    const again = () => {
      this.timer = setTimeout(() => {
        this.turn = this.round().finally(again);
      }, 150);
    };
    again();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.turn;
    clearTimeout(this.timer);
    for (const informer of this.informers) informer.stop();
  }

  /** What each stand-in did, by its name. */
  report(): { name: string; playing: string; notes: string[] }[] {
    return this.members.map(({ name, playing }) => ({
      name,
      playing,
      notes: [...(this.notes.get(name) ?? [])],
    }));
  }

  /** Errors of the last rounds: a stand-in that cannot do its part explains a pod that does not start. */
  errors(): string[] {
    return [...this.lastErrors].map(([name, message]) => `${name}: ${message}`);
  }

  private async round(): Promise<void> {
    const state = await this.cloud.state().catch(() => undefined);
    if (!state) return;
    for (const member of this.members) {
      if (this.absent.has(member.name)) continue;
      try {
        await member.reconcile(this.stageFor(member), state);
        this.lastErrors.delete(member.name);
      } catch (error) {
        this.lastErrors.set(member.name, error instanceof Error ? error.message : String(error));
      }
    }
  }

  private stageFor(member: StandIn): Stage {
    const notes = this.notes.get(member.name) ?? new Set<string>();
    this.notes.set(member.name, notes);
    const { plane, cloud } = this;
    return { ...this.stage, client: plane.client, cloud, plane, note: (text) => notes.add(text) };
  }
}

/** True when a Deployment has a pod that is ready. */
export function isAvailable(deployment: KubeObject | undefined): boolean {
  return (deployment?.status?.readyReplicas ?? 0) > 0;
}

/** The Deployment of a program, found by the label that its chart gives it. */
export function deploymentOf(stage: Stage, appName: string): KubeObject | undefined {
  return stage.deployments.all.find(
    (candidate) => candidate.metadata.labels?.["app.kubernetes.io/name"] === appName,
  );
}
