import type { EngineCoefficients } from "../replica/coefficients";
import { Replica, type Request, type Served } from "../replica/replica";
import type { Gauges, Objective, Serving, Tally } from "./serving";

/** Every request for itself: each goes to the replica with the fewest in flight, as the load balancer of the stack does. */
export class ExactServing implements Serving {
  private readonly replicas = new Map<number, { replica: Replica; answered: number }>();
  private readonly taking: number[] = [];
  /** Arrived while no replica took any. */
  private held: Request[] = [];
  private next = 0;
  private count: Tally = { arrived: 0, met: 0, lost: 0 };
  private readonly metIn: number[] = [];
  private readonly lostIn: number[] = [];

  constructor(
    private readonly engine: EngineCoefficients,
    private readonly requests: Request[],
    private readonly objective: Objective,
    /** After so long an answer is given up. */
    private readonly longestSeconds: number,
    private readonly prefixHits = 0,
  ) {}

  add(id: number, now: number): void {
    const entry = {
      replica: new Replica(this.engine, (served) => this.served(served, entry), this.prefixHits),
      answered: 0,
    };
    entry.replica.clock = now;
    this.replicas.set(id, entry);
    this.taking.push(id);
    for (const request of this.held) entry.replica.add(request, now);
    this.held = [];
  }

  drain(id: number, now: number): number {
    this.taking.splice(this.taking.indexOf(id), 1);
    const { replica } = this.replicas.get(id) as { replica: Replica };
    replica.advance(Number.POSITIVE_INFINITY);
    this.replicas.delete(id);
    return Math.max(now, replica.clock);
  }

  lose(id: number): void {
    if (this.taking.includes(id)) this.taking.splice(this.taking.indexOf(id), 1);
    const entry = this.replicas.get(id);
    for (const { at } of entry?.replica.interrupt() ?? []) add(this.lostIn, at);
    this.replicas.delete(id);
  }

  advance(now: number): void {
    for (
      let request = this.requests[this.next];
      request && request.at < now;
      request = this.requests[++this.next]
    ) {
      this.count.arrived += 1;
      let least: Replica | undefined;
      for (const id of this.taking) {
        const { replica } = this.replicas.get(id) as { replica: Replica };
        replica.advance(request.at);
        if (!least || replica.inFlight < least.inFlight) least = replica;
      }
      if (least) least.add(request);
      else this.held.push(request);
    }
    for (const { replica } of this.replicas.values()) replica.advance(now);
  }

  gauges(id: number): Gauges {
    const { replica, answered } = this.replicas.get(id) as { replica: Replica; answered: number };
    return { running: replica.running, waiting: replica.waiting.length, kvUsage: replica.kvUsage, answered };
  }

  tally(): Tally {
    const { count } = this;
    this.count = { arrived: 0, met: 0, lost: 0 };
    return count;
  }

  settled(): { met: number[]; lost: number[] } {
    for (const { replica } of this.replicas.values()) replica.advance(Number.POSITIVE_INFINITY);
    for (const { at } of this.held) add(this.lostIn, at);
    return { met: this.metIn, lost: this.lostIn };
  }

  private served({ request, firstTokenAt, finishedAt }: Served, entry: { answered: number }): void {
    entry.answered += 1;
    const { at, output } = request;
    const perToken = output > 1 ? (finishedAt - firstTokenAt) / (output - 1) : 0;
    const { firstTokenSeconds, perTokenSeconds } = this.objective;
    if (finishedAt - at > this.longestSeconds) add(this.lostIn, at);
    else if (firstTokenAt - at <= firstTokenSeconds && perToken <= perTokenSeconds) add(this.metIn, at);
  }
}

function add(minutes: number[], at: number): void {
  const minute = Math.floor(at / 60);
  minutes[minute] = (minutes[minute] ?? 0) + 1;
}
