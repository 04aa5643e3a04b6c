// A process of its own: plays a replica of the small server of the use cases. Its replies take a fixed time in a fixed
// number of slots, so that it is full at slots ÷ time requests per second, whatever its CPU does.
//
//   npx tsx packages/rehearsal/src/scaling/server.ts PORT

import { createServer, type ServerResponse } from "node:http";

/** Requests that it works on at once. */
const slots = 20;
/** Time of one request, seconds: with 20 slots it is full at 100 requests per second. */
const serviceSeconds = 0.2;
/** CPU time of one request, seconds: at 100 requests per second half a core. A figure, not burnt. */
const cpuSeconds = 0.005;

const port = Number(process.argv[2]);
/** When each slot is free again, milliseconds. */
const free = new Array<number>(slots).fill(0);
let pending = 0;
let answered = 0;
let ending = false;

/**
 * Answers when the slot that is free first has worked on it. Computed ahead: a machine that is busy delays an answer, and
 * does not make the server smaller.
 */
function work(response: ServerResponse): void {
  const now = performance.now();
  const slot = free.indexOf(Math.min(...free));
  // A tenth to either side, so that replies do not come in step.
  const end = Math.max(now, free[slot] ?? 0) + serviceSeconds * 1000 * (0.9 + 0.2 * Math.random());
  free[slot] = end;
  setTimeout(() => answer(response), end - now);
}

function answer(response: ServerResponse): void {
  answered += 1;
  response.writeHead(200, { "content-type": "application/json", ...(ending && { connection: "close" }) });
  response.end('{"label":"greeting"}');
}

function metrics(): string {
  const line = (status: string, count: number) =>
    `siamese_uninlu_requests_total{method="POST",endpoint="/predict",status="${status}"} ${count}\n`;
  const head =
    "# HELP siamese_uninlu_requests_total Requests by state.\n# TYPE siamese_uninlu_requests_total counter\n";
  return `${head}${line("pending", pending)}${line("200", answered)}`;
}

const server = createServer((request, response) => {
  if (request.url === "/metrics") return void response.end(metrics());
  // What the kubelet would read from the container's control group.
  if (request.url === "/cpu")
    return void response.end(String(answered * cpuSeconds + process.uptime() * 0.02));
  if (request.url === "/health") return void response.end("ok");
  request.resume();
  pending += 1;
  work(response);
});
server.keepAliveTimeout = 60_000;
server.listen(port, "127.0.0.1");

process.on("SIGTERM", () => {
  ending = true;
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), 50);
});
