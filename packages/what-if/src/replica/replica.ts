import type { EngineCoefficients } from "./coefficients";

/** A request as traffic has it. */
export interface Request {
  /** Seconds. */
  at: number;
  input: number;
  output: number;
}

/** What became of it. Seconds of the same clock. */
export interface Served {
  request: Request;
  firstTokenAt: number;
  finishedAt: number;
}

interface Sequence {
  request: Request;
  /** Prompt tokens to compute until the first token; after a preemption the tokens it had are among them. */
  toCompute: number;
  /** Tokens in the KV cache. */
  context: number;
  /** Those that only it has there. */
  own: number;
  /** Output tokens that it has. */
  produced: number;
  firstTokenAt: number;
  /** Decode step at which it has all. */
  lastStep: number;
}

/**
 * One replica: continuous batching as vLLM's scheduler has it. A step gives every running sequence its next token, then
 * computes prompts up to the token budget, first come, first served, while sequences and KV tokens are free; when they
 * run out the sequence that came last is put back. Steps in which only tokens are made are taken many at a time.
 */
export class Replica {
  /** When the step under way ends; seconds. */
  clock = 0;
  readonly waiting: Sequence[] = [];
  /** Sequences whose prompts are being computed. */
  private readonly computing: Sequence[] = [];
  /** Sequences that get a token each step: a heap by their last step. */
  private readonly decoding: Sequence[] = [];
  private steps = 0;
  private contextTokens = 0;
  private ownTokens = 0;
  /** Pairs of prompt tokens of the step and tokens that they attend to. */
  private attended = 0;
  promptTokens = 0;
  outputTokens = 0;
  preemptions = 0;

  constructor(
    private readonly engine: EngineCoefficients,
    private readonly served: (served: Served) => void,
    /** Share of a prompt that the prefix cache has. */
    private readonly prefixHits = 0,
  ) {}

  get running(): number {
    return this.computing.length + this.decoding.length;
  }

  get inFlight(): number {
    return this.waiting.length + this.running;
  }

  /** Share of the KV cache in use, 0–1. */
  get kvUsage(): number {
    return Math.min(1, this.ownTokens / this.engine.kvTokens);
  }

  /** A request comes in, by default when it arrives; requests come in the order of time. */
  add(request: Request, at = request.at): void {
    this.advance(at);
    if (this.inFlight === 0) this.clock = Math.max(this.clock, at);
    const toCompute = Math.max(1, Math.ceil(request.input * (1 - this.prefixHits)));
    this.waiting.push({ request, toCompute, context: 0, own: 0, produced: 0, firstTokenAt: 0, lastStep: 0 });
  }

  /** Takes every step that starts before this time. */
  advance(until: number): void {
    while (this.clock < until && this.inFlight > 0) this.step(until);
  }

  /** Requests that are not finished leave, as when the replica is lost. */
  interrupt(): Request[] {
    const left = [...this.waiting, ...this.computing, ...this.decoding].map(({ request }) => request);
    this.waiting.length = this.computing.length = this.decoding.length = 0;
    this.contextTokens = this.ownTokens = 0;
    return left;
  }

  private step(until: number): void {
    const { engine } = this;
    if (
      this.computing.length === 0 &&
      (this.waiting.length === 0 || this.decoding.length >= engine.maxSequences)
    ) {
      this.decode(until);
      return;
    }
    const prompts = this.schedule();
    if (prompts === 0 && this.decoding.length > 0) {
      this.decode(until);
      return;
    }
    const decoded = this.decoding.length;
    const ms =
      Math.max(
        engine.stepMs,
        (engine.prefillMs * prompts) / 1000 + (engine.attentionMs * this.attended) / 1e6,
      ) +
      engine.prefillStepMs +
      engine.sequenceMs * (decoded + this.computing.length) +
      (engine.contextMs * this.contextTokens) / 1000;
    this.clock += ms / 1000;
    this.promptTokens += prompts;
    this.produce(1);
    this.startDecoding();
  }

  /** Gives the step's budget to prompts and says how many tokens of them it computes. */
  private schedule(): number {
    const { engine } = this;
    let budget = engine.tokenBudget - this.decoding.length;
    let prompts = 0;
    this.attended = 0;
    const compute = (sequence: Sequence) => {
      const tokens = Math.min(sequence.toCompute, budget);
      this.attended += tokens * (sequence.context - sequence.toCompute + tokens / 2);
      sequence.toCompute -= tokens;
      budget -= tokens;
      prompts += tokens;
    };
    for (const sequence of this.computing) compute(sequence);
    while (budget > 0 && this.running < engine.maxSequences) {
      const next = this.waiting[0];
      if (!next || (this.ownTokens + next.toCompute + 1 > engine.kvTokens && this.running > 0)) break;
      this.waiting.shift();
      next.own = next.toCompute;
      next.context = next.request.input + next.produced;
      this.ownTokens += next.own;
      this.computing.push(next);
      compute(next);
    }
    return prompts;
  }

  /** Prompts that are computed give their first token with the step. */
  private startDecoding(): void {
    for (let index = 0; index < this.computing.length; ) {
      const sequence = this.computing[index] as Sequence;
      if (sequence.toCompute > 0) {
        index += 1;
        continue;
      }
      this.computing.splice(index, 1);
      if (sequence.produced === 0) sequence.firstTokenAt = this.clock + this.engine.requestMs / 1000;
      sequence.produced += 1;
      this.outputTokens += 1;
      sequence.lastStep = this.steps + sequence.request.output - sequence.produced;
      sequence.context += 1;
      sequence.own += 1;
      this.ownTokens += 1;
      if (sequence.produced >= sequence.request.output) this.finish(sequence, sequence.own);
      else {
        this.contextTokens += sequence.context;
        // Kept without the steps so far, so that a step changes no sequence.
        sequence.produced -= this.steps;
        sequence.context -= this.steps;
        sequence.own -= this.steps;
        this.push(sequence);
      }
    }
  }

  /** Steps without prompts: as many as end nothing and start before the time, at once. */
  private decode(until: number): void {
    const { engine } = this;
    const count = this.decoding.length;
    const first = engine.stepMs + engine.sequenceMs * count + (engine.contextMs * this.contextTokens) / 1000;
    const growth = (engine.contextMs * count) / 1000;
    const next = this.decoding[0] as Sequence;
    const room = Math.floor((engine.kvTokens - this.ownTokens) / count);
    const remaining = (until - this.clock) * 1000;
    const inTime =
      growth > 1e-9
        ? (Math.sqrt((first - growth / 2) ** 2 + 2 * growth * remaining) - (first - growth / 2)) / growth
        : remaining / first;
    const steps = Math.max(1, Math.min(next.lastStep - this.steps, room, Math.ceil(inTime)));
    this.clock += (steps * first + (growth * steps * (steps - 1)) / 2) / 1000;
    this.produce(steps);
  }

  /** Every decoding sequence gets so many tokens; those that have all are finished, and the last ones leave when KV is short. */
  private produce(steps: number): void {
    const tokens = steps * this.decoding.length;
    this.steps += steps;
    this.contextTokens += tokens;
    this.ownTokens += tokens;
    this.outputTokens += tokens;
    while (this.decoding[0] && this.decoding[0].lastStep <= this.steps) {
      const done = this.pop();
      this.contextTokens -= done.context + this.steps;
      this.finish(done, done.own + this.steps);
    }
    while (this.ownTokens > this.engine.kvTokens && this.running > 1) this.preempt();
  }

  private finish(sequence: Sequence, own: number): void {
    this.ownTokens -= own;
    const { request, firstTokenAt } = sequence;
    this.served({
      request,
      firstTokenAt,
      finishedAt: Math.max(firstTokenAt, this.clock + this.engine.requestMs / 1000),
    });
  }

  private preempt(): void {
    const last = this.decoding.reduce((latest, one) => (one.request.at > latest.request.at ? one : latest));
    this.decoding.splice(this.decoding.indexOf(last), 1);
    this.decoding.sort((a, b) => a.lastStep - b.lastStep);
    this.contextTokens -= last.context + this.steps;
    this.ownTokens -= last.own + this.steps;
    last.produced += this.steps;
    last.toCompute = last.request.input + last.produced;
    this.waiting.unshift(last);
    this.preemptions += 1;
  }

  private push(sequence: Sequence): void {
    const heap = this.decoding;
    let at = heap.push(sequence) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as Sequence).lastStep <= sequence.lastStep) break;
      heap[at] = heap[parent] as Sequence;
      at = parent;
    }
    heap[at] = sequence;
  }

  private pop(): Sequence {
    const heap = this.decoding;
    const top = heap[0] as Sequence;
    const last = heap.pop() as Sequence;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length &&
        (heap[child + 1] as Sequence).lastStep < (heap[child] as Sequence).lastStep
      )
        child += 1;
      if ((heap[child] as Sequence).lastStep >= last.lastStep) break;
      heap[at] = heap[child] as Sequence;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
