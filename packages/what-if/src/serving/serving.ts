/** What people expect of an answer. */
export interface Objective {
  /** First token, seconds. */
  firstTokenSeconds: number;
  /** Mean time per further token, seconds. */
  perTokenSeconds: number;
  /** Share of the requests of a minute that must meet both, or the minute counts as violated. */
  share: number;
}

/** Gauges and counters of one replica, as its metrics have them. */
export interface Gauges {
  running: number;
  waiting: number;
  /** 0–1. */
  kvUsage: number;
  /** Requests answered since its start. */
  answered: number;
}

/** What was served since the last look. */
export interface Tally {
  arrived: number;
  /** Of the requests that arrived: those that met the objective. */
  met: number;
  /** Given up because they would have waited longer than the longest request may take, or lost with a replica. */
  lost: number;
}

/** Replicas under traffic. Replicas are told apart by numbers that the fleet gives. */
export interface Serving {
  add(replica: number, now: number): void;
  /** It takes no new requests and finishes what it has. @returns when it is empty */
  drain(replica: number, now: number): number;
  /** It is lost with everything in it. */
  lose(replica: number, now: number): void;
  /** Plays the traffic up to this time, one tick from the last. */
  advance(now: number): void;
  gauges(replica: number): Gauges;
  /** Of the requests that arrived since the last call; those still on their way are not yet known to have met it. */
  tally(): Tally;
  /** At the end: requests that met the objective and that were lost, by the minute of their arrival. */
  settled?(): { met: number[]; lost: number[] };
}
