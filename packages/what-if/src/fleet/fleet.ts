import type { PodView } from "../hpa/calculator";
import { type Random, randomOf } from "../random";
import type { Serving } from "../serving/serving";
import { drawSeconds, type Startup, scanSeconds, unneededSeconds } from "./startup";

/** Nodes that replicas can run on. */
export interface NodePool {
  min: number;
  max: number;
  replicasPerNode: number;
}

interface Node {
  readyAt: number;
  /** Image is there from then on. */
  pulledAt?: number;
  pods: number;
  emptySince?: number;
}

export interface Pod {
  id: number;
  createdAt: number;
  node?: Node;
  runningAt: number;
  readyAt: number;
  ready: boolean;
}

/** The pods of a Deployment and the nodes below them, over time. */
export class Fleet {
  readonly pods: Pod[] = [];
  /** Gone from the Deployment, still answering what they have. */
  private draining: { node?: Node; until: number }[] = [];
  private nodes: Node[] = [];
  private next = 0;
  private readonly random: Random;
  /** Pods that no node could be had for, at the last look. */
  unplaced = 0;

  constructor(
    private readonly serving: Serving,
    private readonly pool: NodePool,
    private readonly startup: Startup,
    seed: number,
  ) {
    this.random = randomOf(seed);
    for (let n = 0; n < pool.min; n++) this.nodes.push({ readyAt: 0, pods: 0 });
  }

  /** Replicas that have been running for long. */
  begin(replicas: number): void {
    for (let n = 0; n < replicas; n++) {
      const pod = this.create(-3600);
      while (!this.nodes.some((node) => node.pods < this.pool.replicasPerNode))
        this.nodes.push({ readyAt: -3600, pods: 0 });
      const node = this.nodes.find(({ pods }) => pods < this.pool.replicasPerNode) as Node;
      node.pods += 1;
      node.pulledAt = -3600;
      Object.assign(pod, { node, runningAt: -3600, readyAt: -3600, ready: true });
      this.serving.add(pod.id, 0);
    }
  }

  get readyCount(): number {
    return this.pods.reduce((count, { ready }) => (ready ? count + 1 : count), 0);
  }

  get nodeCount(): number {
    return this.nodes.length;
  }

  /** Pods that hold a GPU: placed, or still answering. */
  get holding(): number {
    return this.nodes.reduce((sum, { pods }) => sum + pods, 0);
  }

  scale(replicas: number, now: number): void {
    while (this.pods.length < replicas) this.create(now);
    while (this.pods.length > replicas) this.remove(now);
  }

  /** What has happened until now. */
  advance(now: number): void {
    if (this.draining.some(({ until }) => until <= now))
      this.draining = this.draining.filter(({ node, until }) => {
        if (until > now) return true;
        if (node) leave(node, now);
        return false;
      });
    this.place(now);
    for (const pod of this.pods)
      if (!pod.ready && pod.readyAt <= now) {
        pod.ready = true;
        this.serving.add(pod.id, now);
      }
    // The autoscaler removes nodes that have been empty for long.
    if (
      this.nodes.length > this.pool.min &&
      this.nodes.some(({ emptySince }) => (emptySince ?? now) <= now - unneededSeconds)
    )
      this.nodes = this.nodes.filter(
        ({ emptySince }, index) => index < this.pool.min || (emptySince ?? now) > now - unneededSeconds,
      );
  }

  views(now: number): PodView[] {
    return this.pods.map((pod) => ({
      running: pod.runningAt < now,
      ready: pod.ready,
      startedAt: pod.runningAt,
      readySince: pod.ready ? pod.readyAt : pod.runningAt,
    }));
  }

  /** A node is taken back with its pods, as spot capacity is; the Deployment makes new ones. */
  interrupt(now: number): void {
    const node = this.nodes[Math.floor(this.random() * this.nodes.length)];
    if (!node) return;
    const replicas = this.pods.length;
    for (const pod of this.pods.filter((one) => one.node === node)) {
      if (pod.ready) this.serving.lose(pod.id, now);
      this.pods.splice(this.pods.indexOf(pod), 1);
    }
    this.draining = this.draining.filter((one) => one.node !== node);
    this.nodes.splice(this.nodes.indexOf(node), 1);
    while (this.nodes.length < this.pool.min) this.nodes.push(this.launch(now));
    this.scale(replicas, now);
  }

  private create(now: number): Pod {
    const pod = {
      id: this.next++,
      createdAt: now,
      runningAt: Number.POSITIVE_INFINITY,
      readyAt: Number.POSITIVE_INFINITY,
      ready: false,
    };
    this.pods.push(pod);
    return pod;
  }

  private place(now: number): void {
    this.unplaced = 0;
    for (const pod of this.pods) {
      if (pod.node) continue;
      const free = this.nodes.filter(({ pods }) => pods < this.pool.replicasPerNode);
      let node = free.find(({ readyAt }) => readyAt <= now) ?? free[0];
      if (!node && this.nodes.length < this.pool.max) {
        node = this.launch(now);
        this.nodes.push(node);
      }
      if (!node) {
        this.unplaced += 1;
        continue;
      }
      node.pods += 1;
      node.emptySince = undefined;
      node.pulledAt ??= Math.max(now, node.readyAt) + drawSeconds(this.startup.image, this.random);
      pod.node = node;
      pod.runningAt = Math.max(now + 1, node.readyAt + 1, node.pulledAt);
      pod.readyAt = pod.runningAt + drawSeconds(this.startup.load, this.random);
    }
  }

  private launch(now: number): Node {
    return {
      readyAt: now + scanSeconds * this.random() + drawSeconds(this.startup.node, this.random),
      pods: 0,
    };
  }

  /** Those that are not ready go first, then the youngest: the ReplicaSet's order. */
  private remove(now: number): void {
    let at = this.pods.length - 1;
    this.pods.forEach((pod, index) => {
      const best = this.pods[at] as Pod;
      if (pod.ready < best.ready || (pod.ready === best.ready && pod.createdAt > best.createdAt)) at = index;
    });
    const [pod] = this.pods.splice(at, 1) as [Pod];
    if (!pod.ready) {
      if (pod.node) leave(pod.node, now);
      return;
    }
    this.draining.push({ node: pod.node, until: this.serving.drain(pod.id, now) });
  }
}

function leave(node: Node, now: number): void {
  node.pods -= 1;
  if (node.pods === 0) node.emptySince = now;
}
