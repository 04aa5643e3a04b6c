import { Fleet, type NodePool } from "./fleet/fleet";
import type { Startup } from "./fleet/startup";
import { randomOf } from "./random";
import type { Scaler } from "./scaler";
import { type MetricsPath, Scraper } from "./serving/scrape";
import type { Objective, Serving } from "./serving/serving";

export interface Simulation {
  serving: Serving;
  seconds: number;
  scaler: Scaler;
  initialReplicas: number;
  pool: NodePool;
  startup: Startup;
  path: MetricsPath;
  objective: Objective;
  seed: number;
  /** Interruptions per node and hour. @default 0 */
  spotPerHour?: number;
  /** The clock's step; probes, scans and decisions fall on it. @default 5 */
  tickSeconds?: number;
}

/** One minute of it. */
export interface Minute {
  arrived: number;
  met: number;
  lost: number;
  wanted: number;
  ready: number;
  nodes: number;
}

export interface Outcome {
  minutes: Minute[];
  arrived: number;
  met: number;
  lost: number;
  /** Minutes in which fewer than the objective's share met it. */
  violated: number;
  /** Hours of GPUs' replicas that are placed or still answering; and of nodes that are paid. */
  replicaHours: number;
  nodeHours: number;
  scaleUps: number;
  scaleDowns: number;
  /** Minutes in which pods waited for a node that the pool could not have. */
  unplacedMinutes: number;
  /** Why the replicas were what they were, syncs per reason. */
  reasons: Record<string, number>;
}

/** Plays traffic through a scaler and its fleet in virtual time. */
export function simulate(options: Simulation): Outcome {
  const { serving, scaler, seconds, path, objective } = options;
  const tick = options.tickSeconds ?? 5;
  const fleet = new Fleet(serving, options.pool, options.startup, options.seed);
  const scraper = new Scraper(path, serving);
  const random = randomOf(options.seed + 17);
  fleet.begin(options.initialReplicas);
  const outcome: Outcome = {
    minutes: [],
    arrived: 0,
    met: 0,
    lost: 0,
    violated: 0,
    replicaHours: 0,
    nodeHours: 0,
    scaleUps: 0,
    scaleDowns: 0,
    unplacedMinutes: 0,
    reasons: {},
  };
  const chance = ((options.spotPerHour ?? 0) * tick) / 3600;
  for (let now = tick; now <= seconds; now += tick) {
    serving.advance(now);
    fleet.advance(now);
    if (chance > 0 && random() < chance * fleet.nodeCount) fleet.interrupt(now);
    scraper.tick(fleet.pods, now, tick);
    if (now % scaler.everySeconds < tick) {
      const { replicas, reason } = scaler.decide({ now, fleet, scraper });
      if (reason) outcome.reasons[reason] = (outcome.reasons[reason] ?? 0) + 1;
      if (replicas > fleet.pods.length) outcome.scaleUps += 1;
      if (replicas < fleet.pods.length) outcome.scaleDowns += 1;
      fleet.scale(replicas, now);
    }
    outcome.replicaHours += (fleet.holding * tick) / 3600;
    outcome.nodeHours += (fleet.nodeCount * tick) / 3600;
    if (now % 60 < tick) endMinute(outcome, serving, fleet);
  }
  const settled = serving.settled?.();
  outcome.minutes.forEach((minute, index) => {
    if (settled) {
      minute.met = settled.met[index] ?? 0;
      minute.lost = settled.lost[index] ?? 0;
    }
    outcome.met += minute.met;
    outcome.lost += minute.lost;
    if (minute.arrived > 0 && minute.met < objective.share * minute.arrived - 1e-9) outcome.violated += 1;
  });
  return outcome;
}

function endMinute(outcome: Outcome, serving: Serving, fleet: Fleet): void {
  const { arrived, met, lost } = serving.tally();
  const minute = {
    arrived,
    met,
    lost,
    wanted: fleet.pods.length,
    ready: fleet.readyCount,
    nodes: fleet.nodeCount,
  };
  outcome.minutes.push(minute);
  outcome.arrived += arrived;
  if (fleet.unplaced > 0) outcome.unplacedMinutes += 1;
}
