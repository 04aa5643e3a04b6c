import { randomOf } from "../../src/random";
import type { EngineCoefficients } from "../../src/replica/coefficients";
import { Replica, type Served } from "../../src/replica/replica";
import type { Measured } from "./measured";

export interface Played {
  ttft: number;
  itl: number;
  throughput: number;
}

/** Plays a measurement on a simulated replica: means over the run, without its first fifth where there are arrivals. */
export function playMeasured(row: Measured, engine: EngineCoefficients): Played {
  const done: Served[] = [];
  const engineOfRun = { ...engine, tokenBudget: row.tokenBudget ?? engine.tokenBudget };
  if (row.engineOnly) engineOfRun.requestMs = 0;
  const replica = new Replica(engineOfRun, (served) => done.push(served), row.hits ?? 0);
  const { input, output } = row;
  const random = randomOf(7);
  if (row.batch !== undefined) {
    for (let n = 0; n < row.batch; n++) replica.add({ at: 0, input, output });
    replica.advance(Number.POSITIVE_INFINITY);
  } else if (row.streams !== undefined) {
    for (let n = 0; n < row.streams; n++) replica.add({ at: n * 0.01, input, output });
    for (let seen = 0; done.length < row.streams * 12; ) {
      replica.advance(replica.clock + 0.001);
      for (; seen < done.length; seen++) replica.add({ at: replica.clock, input, output });
    }
  } else {
    const rate = row.rate ?? 1;
    for (let at = 0; at < 600; at += -Math.log(1 - random()) / rate) replica.add({ at, input, output });
    replica.advance(Number.POSITIVE_INFINITY);
  }
  const kept = row.batch === undefined ? done.slice(Math.floor(done.length / 5)) : done;
  const mean = (of: (served: Served) => number) =>
    kept.reduce((sum, served) => sum + of(served), 0) / kept.length;
  const first = kept[0] as Served;
  const last = kept[kept.length - 1] as Served;
  return {
    ttft: 1000 * mean(({ request, firstTokenAt }) => firstTokenAt - request.at),
    itl:
      1000 *
      mean(({ firstTokenAt, finishedAt, request }) => (finishedAt - firstTokenAt) / (request.output - 1)),
    throughput: kept.length / (last.finishedAt - first.finishedAt),
  };
}
