import { hoursPerMonth } from "@inference-platform/planner";
import { Reason } from "../hpa/controller";
import { fixedScaler, HpaScaler } from "../scaler";
import { Bench, metShare, type Scenario, usualSeconds } from "../scenario";
import type { Minute, Outcome } from "../simulate";
import type { ServiceScaling } from "../stack";
import type { Traffic } from "../traffic/traffic";

/** One way to run the service. */
export interface Row {
  name: string;
  /** Share of the requests within the objective. */
  met: number;
  /** Minutes in which fewer than the objective's share was. */
  violatedMinutes: number;
  lost: number;
  gpuHours: number;
  nodeHours: number;
  /** US dollars for the nodes over the time, and a month at that pace. */
  dollars: number;
  monthlyDollars: number;
}

/** What traffic does to a service as its stack has it. */
export interface WhatIf {
  service: string;
  model: string;
  gpu: string;
  traffic: { name: string; hours: number; requests: number; perSecond: number };
  objective: Scenario["objective"];
  /** The stack's own scaling. */
  stack: Row;
  /** The floor, the ceiling, the best fixed size, who knows the future. */
  beside: Row[];
  replicas: { min: number; mean: number; max: number };
  scaleUps: number;
  scaleDowns: number;
  /** What held the replicas back, from the most syncs on. */
  limits: { what: string; share: number }[];
  /** Whether every request was played, or flows of them. */
  exact: boolean;
  seed: number;
  assumptions: string[];
  minutes: Minute[];
  /** Replicas that who knows the future has ready, per minute. */
  oracle: number[];
  /** Requests per minute that one replica does within the objective. */
  perReplica: number;
}

export interface WhatIfOptions {
  objective: Scenario["objective"];
  seed: number;
}

/** Plays traffic through a service's scaling, and through what it could be compared with. */
export function whatIf(service: ServiceScaling, traffic: Traffic, options: WhatIfOptions): WhatIf {
  const bench = new Bench(scenarioOf(service, traffic, options));
  const own = bench.play(service.hpa ? new HpaScaler(service.hpa) : fixedScaler(service.min));
  const oracle = bench.oracle(metShare(own));
  const row = (name: string, outcome: Outcome) => rowOf(name, outcome, service, traffic.seconds);
  const ready = own.minutes.map((minute) => minute.ready);
  return {
    service: service.name,
    model: service.model,
    gpu: service.gpu,
    traffic: {
      name: traffic.name,
      hours: traffic.seconds / 3600,
      requests: Math.round(own.arrived),
      perSecond: own.arrived / traffic.seconds,
    },
    objective: options.objective,
    stack: row(service.hpa ? "this stack" : `fixed at ${service.min}`, own),
    beside: besides(bench, metShare(own), row, oracle),
    replicas: {
      min: Math.min(...ready),
      mean: ready.reduce((sum, count) => sum + count, 0) / ready.length,
      max: Math.max(...ready),
    },
    scaleUps: own.scaleUps,
    scaleDowns: own.scaleDowns,
    limits: limitsOf(own),
    exact: bench.exact,
    seed: options.seed,
    assumptions: assumptionsOf(service, traffic, bench),
    minutes: own.minutes,
    oracle: oracle.minutes.map((minute) => minute.ready),
    perReplica: bench.capacity.holding * 60,
  };
}

export function scenarioOf(service: ServiceScaling, traffic: Traffic, options: WhatIfOptions): Scenario {
  const { engine, pool, startup, path, min, max, longestSeconds } = service;
  return { traffic, engine, prefixHits: 0, pool, startup, path, min, max, longestSeconds, ...options };
}

function besides(
  bench: Bench,
  share: number,
  row: (name: string, outcome: Outcome) => Row,
  oracle: Outcome,
): Row[] {
  const floor = Math.max(1, bench.scenario.min);
  const ceiling = bench.fixed(bench.most);
  const best = bench.bestFixed(Math.min(share, metShare(ceiling)));
  return [
    row(`floor: ${floor} all the time`, bench.fixed(floor)),
    row(`ceiling: ${bench.most} all the time`, ceiling),
    row(`best fixed size: ${best.replicas}`, best.outcome),
    row("oracle: knows the traffic", oracle),
  ];
}

function rowOf(name: string, outcome: Outcome, { nodeHour }: ServiceScaling, seconds: number): Row {
  const dollars = outcome.nodeHours * nodeHour;
  return {
    name,
    met: metShare(outcome),
    violatedMinutes: outcome.violated,
    lost: Math.round(outcome.lost),
    gpuHours: outcome.replicaHours,
    nodeHours: outcome.nodeHours,
    dollars,
    monthlyDollars: (dollars / seconds) * hoursPerMonth * 3600,
  };
}

const named: Partial<Record<Reason, string>> = {
  [Reason.Window]: "stabilization window",
  [Reason.Rate]: "scaling policy: pods per period",
  [Reason.Bound]: "minReplicas or maxReplicas",
  [Reason.Unreadable]: "metrics that cannot be read",
};

function limitsOf(outcome: Outcome): WhatIf["limits"] {
  const syncs = Math.max(
    1,
    Object.values(outcome.reasons).reduce((sum, count) => sum + count, 0),
  );
  const minutes = Math.max(1, outcome.minutes.length);
  const starting = outcome.minutes.filter(({ wanted, ready }) => wanted > ready).length;
  const limits = [
    ...Object.entries(named).map(([reason, what]) => ({
      what,
      share: (outcome.reasons[reason] ?? 0) / syncs,
    })),
    { what: "no node to be had: the pool is full", share: outcome.unplacedMinutes / minutes },
    { what: "replicas that were still starting", share: starting / minutes },
  ];
  return limits.filter(({ share }) => share > 0.001).sort((a, b) => b.share - a.share);
}

function assumptionsOf(service: ServiceScaling, traffic: Traffic, bench: Bench): string[] {
  const { startup, path } = service;
  const { node, image, load } = startup;
  const { holding, most } = bench.capacity;
  return [
    `one replica does ${holding.toFixed(2)} requests/s within the objective and ${most.toFixed(2)} at most`,
    ...service.assumptions,
    `start-up: node ${node.median.toFixed(0)} s (p95 ${node.p95.toFixed(0)} s), image ${image.median.toFixed(0)} s, ` +
      `weights and engine ${load.median.toFixed(0)} s (p95 ${load.p95.toFixed(0)} s): ` +
      `${usualSeconds(startup, 0).toFixed(0)} s on average with a new node; published figures (docs/what-if.md)`,
    `scraped every ${path.scrapeSeconds} s, new series known within ${path.relistSeconds} s, decisions every 15 s`,
    "no prefix cache hits, no failures, nodes of the pool's size can always be had",
    ...traffic.notes,
  ];
}
