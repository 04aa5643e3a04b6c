// A thread of its own, so that what the rehearsal does beside does not delay requests or distort their latency.
//
// Requests leave at a constant rate whether or not earlier ones were answered (an open loop): users do not wait for each
// other. A closed loop, such as autocannon's connections, would slow down with the server and hide its queue.

import { parentPort } from "node:worker_threads";
import { Agent } from "undici";
import type { LoadCommand, LoadReport } from "./load";

/** Requests of one service without answer, above which new ones are dropped and counted as failed. */
const mostInFlight = 4_000;

interface Stream extends LoadCommand {
  /** Requests per second now. */
  rate: number;
  started: number;
  owed: number;
  inFlight: number;
}

const agent = new Agent({
  pipelining: 1,
  keepAliveTimeout: 30_000,
  headersTimeout: 60_000,
  bodyTimeout: 60_000,
});
const streams = new Map<string, Stream>();
let reports: LoadReport[] = [];

parentPort?.on("message", (command: LoadCommand) => {
  const before = streams.get(command.service);
  streams.set(command.service, {
    ...command,
    rate: before?.rate ?? 0,
    started: performance.now(),
    owed: before?.owed ?? 0,
    inFlight: before?.inFlight ?? 0,
  });
});

async function send(stream: Stream, due: number): Promise<void> {
  const report = (ok: boolean, detail?: string) => {
    const at = performance.timeOrigin + due;
    const milliseconds = performance.now() - due;
    reports.push({ service: stream.service, at, milliseconds, ok, ...(detail !== undefined && { detail }) });
  };
  const own = streams.get(stream.service);
  if (!own || own.inFlight >= mostInFlight) return report(false, "dropped by the generator");
  own.inFlight += 1;
  try {
    const { origin, pathname } = new URL(stream.url);
    const { statusCode, body } = await agent.request({
      origin,
      path: pathname,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: stream.body,
    });
    const text = await body.text();
    const complete = stream.ends === undefined || text.trimEnd().endsWith(stream.ends);
    if (statusCode === 200 && complete) report(true);
    else report(false, statusCode === 200 ? "cut off" : `status ${statusCode}`);
  } catch (error) {
    report(false, error instanceof Error ? error.message : String(error));
  } finally {
    // The entry is replaced when the rate changes.
    const current = streams.get(stream.service);
    if (current) current.inFlight -= 1;
  }
}

let last = performance.now();
setInterval(() => {
  const now = performance.now();
  for (const stream of streams.values()) {
    const { from, to, seconds } = stream;
    const part = seconds > 0 ? Math.min(1, (now - stream.started) / 1000 / seconds) : 1;
    stream.rate = from + (to - from) * part;
    stream.owed += (stream.rate * (now - last)) / 1000;
    const count = Math.floor(stream.owed);
    stream.owed -= count;
    // Latency counts from when a request was due, so that a late tick does not make it look short.
    for (let i = 0; i < count; i++) void send(stream, last + ((i + 1) / count) * (now - last));
  }
  last = now;
}, 10);

setInterval(() => {
  parentPort?.postMessage(reports);
  reports = [];
}, 250);
