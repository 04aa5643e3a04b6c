import { get } from "node:http";
import type { KubeClient, KubeObject } from "../kube/client";
import { path } from "../kube/client";
import { Informer } from "../kube/informer";
import { type Child, freePorts, type Supervisor, sleep } from "../processes";
import { paced } from "./pace";

/** How the process of a pod is started. */
export interface Launch {
  command: string;
  args: string[];
  cwd?: string;
}

/** What plays the engine of a service. */
export interface EngineStandIn {
  launch(port: number): Launch;
  healthPath: string;
  /** Time from container start to Ready of the stack's budget, seconds. */
  startupSeconds: number;
}

/** A pod whose engine is a process here. Times are milliseconds since 1970. */
export interface PlayedPod {
  name: string;
  service: string;
  ip: string;
  port: number;
  created: number;
  scheduled: number;
  ready?: number;
  deleted?: number;
  gone?: number;
  child?: Child;
}

const pods = path("v1", "pods");
const nodes = path("v1", "nodes");
const leases = path("coordination.k8s.io/v1", "leases", "kube-node-lease");

/**
 * Plays the kubelet of two nodes: pods that the scheduler puts there get an address, a process after the start-up time
 * of the budget, Ready when the process answers; on deletion the wait of preStop, SIGTERM, and the kill at the end of
 * the grace period. All times are paced.
 */
export class Kubelet {
  readonly played = new Map<string, PlayedPod>();
  private readonly informer: Informer;
  private lease?: NodeJS.Timeout;
  private next = 2;
  private stopped = false;
  readonly errors: string[] = [];

  constructor(
    private readonly client: KubeClient,
    private readonly supervisor: Supervisor,
    private readonly namespace: string,
    private readonly engineOf: (service: string) => EngineStandIn | undefined,
    private readonly onChange: () => void,
  ) {
    this.informer = new Informer(client, path("v1", "pods", namespace), (error) => {
      this.errors.push(String(error));
    });
  }

  /** Makes the nodes and begins to play; `nodeLabels` go to the node with GPUs. */
  async start(nodeLabels: Record<string, string>): Promise<void> {
    const names = ["rehearsal-gpu", "rehearsal-cpu"];
    await Promise.all([
      this.addNode(names[0] as string, nodeLabels, { "nvidia.com/gpu": "64" }),
      this.addNode(names[1] as string, {}, {}),
    ]);
    this.lease = setInterval(() => {
      for (const name of names) {
        const renewTime = `${new Date().toISOString().slice(0, -1)}000Z`;
        this.client.patch(`${leases}/${name}`, { spec: { renewTime } }).catch(() => {});
      }
    }, 8_000);
    this.informer.on((pod, gone) => this.see(pod, gone)).start();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.lease);
    this.informer.stop();
  }

  /** Pods of a service that were not removed yet. */
  podsOf(service: string): PlayedPod[] {
    return [...this.played.values()].filter((pod) => pod.service === service && !pod.gone);
  }

  /** The pod with that address. */
  byIp(ip: string): PlayedPod | undefined {
    return [...this.played.values()].find((pod) => pod.ip === ip && !pod.gone);
  }

  private async addNode(name: string, labels: Record<string, string>, extra: Record<string, string>) {
    const resources = { cpu: "512", memory: "2Ti", pods: "110", "ephemeral-storage": "8Ti", ...extra };
    await this.client.create(nodes, {
      metadata: { name, labels: { ...labels, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } },
    });
    const now = new Date().toISOString();
    await this.client.patch(`${nodes}/${name}/status`, {
      status: {
        capacity: resources,
        allocatable: resources,
        conditions: [
          {
            type: "Ready",
            status: "True",
            reason: "Played",
            lastHeartbeatTime: now,
            lastTransitionTime: now,
          },
        ],
      },
    });
    await this.client.create(leases, {
      metadata: { name, namespace: "kube-node-lease" },
      spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: `${now.slice(0, -1)}000Z` },
    });
  }

  private async see(pod: KubeObject, gone: boolean): Promise<void> {
    const { name, deletionTimestamp } = pod.metadata;
    const known = this.played.get(name);
    if (gone) {
      if (known) known.gone = Date.now();
      this.onChange();
    } else if (!known && pod.spec.nodeName) await this.run(pod);
    else if (known && deletionTimestamp && !known.deleted) await this.end(known, pod);
  }

  private async run(pod: KubeObject): Promise<void> {
    const service = pod.metadata.labels?.["app.kubernetes.io/instance"] ?? "";
    const engine = this.engineOf(service);
    if (!engine) return;
    const ip = `10.244.${Math.floor(this.next / 250)}.${this.next++ % 250}`;
    const played: PlayedPod = {
      name: pod.metadata.name,
      service,
      ip,
      port: 0,
      created: Date.parse(pod.metadata.creationTimestamp ?? ""),
      scheduled: Date.now(),
    };
    this.played.set(played.name, played);
    [played.port] = (await freePorts(1)) as [number];
    await this.setStatus(pod, played, false);
    await sleep(1000 * paced(engine.startupSeconds));
    if (played.deleted || this.stopped) return;
    const { command, args, cwd } = engine.launch(played.port);
    played.child = this.supervisor.start(played.name, command, args, cwd === undefined ? {} : { cwd });
    while (!(await answers(played.port, engine.healthPath))) {
      if (played.deleted || this.stopped) return;
      if (!played.child.running()) throw new Error(`${played.name} ended before it was ready`);
      await sleep(50);
    }
    played.ready = Date.now();
    await this.setStatus(pod, played, true);
    this.onChange();
  }

  private async end(played: PlayedPod, pod: KubeObject): Promise<void> {
    played.deleted = Date.now();
    const server = (
      pod.spec.containers as { lifecycle?: { preStop?: { sleep?: { seconds: number } } } }[]
    )[0];
    const preStop = paced(server?.lifecycle?.preStop?.sleep?.seconds ?? 0);
    const grace = paced((pod.spec.terminationGracePeriodSeconds as number | undefined) ?? 30);
    if (played.child) {
      await sleep(1000 * preStop);
      await played.child.stop(Math.max(100, 1000 * (grace - preStop)));
    }
    await this.client.remove(path("v1", "pods", this.namespace, played.name), { gracePeriodSeconds: 0 });
  }

  private async setStatus(pod: KubeObject, played: PlayedPod, ready: boolean): Promise<void> {
    const now = new Date().toISOString();
    const condition = (type: string, value: boolean) => ({
      type,
      status: value ? "True" : "False",
      lastTransitionTime: now,
    });
    const container = (spec: { name: string; image: string }, done: boolean) => ({
      name: spec.name,
      image: spec.image,
      imageID: spec.image,
      restartCount: 0,
      ready: done || ready,
      started: done || ready,
      state: { running: { startedAt: now } },
    });
    // Strategic patches merge conditions by type; the merge patch of this client replaces the list.
    const scheduled = {
      ...condition("PodScheduled", true),
      lastTransitionTime: new Date(played.scheduled).toISOString(),
    };
    await this.client.patch(
      `${pods.replace("/pods", `/namespaces/${this.namespace}/pods`)}/${played.name}/status`,
      {
        status: {
          phase: "Running",
          startTime: new Date(played.scheduled).toISOString(),
          podIP: played.ip,
          podIPs: [{ ip: played.ip }],
          conditions: [
            scheduled,
            condition("Initialized", true),
            condition("ContainersReady", ready),
            condition("Ready", ready),
          ],
          initContainerStatuses: (
            (pod.spec.initContainers ?? []) as { name: string; image: string; restartPolicy?: string }[]
          ).map((spec) =>
            spec.restartPolicy === "Always"
              ? container(spec, true)
              : {
                  ...container(spec, true),
                  state: {
                    terminated: { exitCode: 0, reason: "Completed", startedAt: now, finishedAt: now },
                  },
                },
          ),
          containerStatuses: (pod.spec.containers as { name: string; image: string }[]).map((spec) =>
            container(spec, false),
          ),
        },
      },
    );
  }
}

/** True when the process answers 200. */
function answers(port: number, url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: "127.0.0.1", port, path: url, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on("error", () => resolve(false))
      .on("timeout", function (this: import("node:http").ClientRequest) {
        this.destroy();
      });
  });
}
