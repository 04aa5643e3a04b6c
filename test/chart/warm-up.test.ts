import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { inferenceChart } from "../support/helm";

const runnable = ["sh", "curl"].every((tool) => {
  try {
    execFileSync(tool, tool === "curl" ? ["--version"] : ["-c", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
if (!runnable) console.warn("warm-up scripts: skipped, there is no sh or no curl here");

interface Request {
  path: string;
  body: string;
  key: string | undefined;
}

let folder: string;
let server: Server;
let port: number;
let seen: Request[];
let status: number;
let answers: boolean;
let child: ChildProcess | undefined;

const listen = (on: number) =>
  new Promise<void>((resolve) => {
    server = createServer(async (request: IncomingMessage, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      if (request.url === "/health") return response.writeHead(200).end();
      seen.push({ path: String(request.url), body, key: request.headers.authorization });
      if (answers) response.writeHead(status).end("an answer");
    }).listen(on, "127.0.0.1", () => resolve());
  });
const close = () =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
const marker = () => existsSync(join(folder, "warm"));
const until = (holds: () => boolean) =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 5000, interval: 20 });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "warm-up-"));
  for (const script of ["request.sh", "warm-up.sh", "test.sh"])
    writeFileSync(join(folder, script), readFileSync(join(inferenceChart, "files", script)));
  writeFileSync(join(folder, "body"), '{"prompt": "it\'s \\"x\\""}');
  seen = [];
  status = 200;
  answers = true;
  await listen(0);
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  child?.kill("SIGKILL");
  child = undefined;
  await close();
  rmSync(folder, { recursive: true });
});

/** Starts a script as in the pod; the promise is of its exit code. */
function start(script: string): Promise<number | null> {
  const env = {
    PATH: process.env.PATH,
    BASE: `http://127.0.0.1:${port}`,
    HEALTH_PATH: "/health",
    REQUEST_METHOD: "POST",
    REQUEST_PATH: "/v1/completions",
    REQUEST_TIMEOUT: "30",
    REQUESTS: "2",
    MARKER: join(folder, "warm"),
    API_KEY: "sekret",
    POLL_SECONDS: "0.05",
  };
  const started = spawn("sh", [join(folder, script)], { env, stdio: ["ignore", "pipe", "ignore"] });
  child = started;
  return new Promise((resolve) => started.on("exit", resolve));
}

test.runIf(runnable)(
  "marks the pod warm after the requests, with key and body, and again after a restart",
  async () => {
    start("warm-up.sh");
    await until(marker);
    expect(seen).toEqual(
      [1, 2].map(() => ({
        path: "/v1/completions",
        body: '{"prompt": "it\'s \\"x\\""}',
        key: "Bearer sekret",
      })),
    );
    await close();
    await until(() => !marker());
    await listen(port);
    await until(marker);
    expect(seen).toHaveLength(4);
  },
);

test.runIf(runnable)("a server that refuses the request is not warm", async () => {
  status = 500;
  start("warm-up.sh");
  await until(() => seen.length >= 3);
  expect(marker()).toBe(false);
  status = 200;
  await until(marker);
});

test.runIf(runnable)("leaves at once when the pod does, in the middle of a request", async () => {
  answers = false;
  const exit = start("warm-up.sh");
  await until(() => seen.length === 1);
  const asked = Date.now();
  child?.kill("SIGTERM");
  expect(await exit).toBe(0);
  expect(Date.now() - asked).toBeLessThan(1000);
});

test.runIf(runnable)("helm test prints the answer, and fails with the server", async () => {
  const exit = start("test.sh");
  let output = "";
  child?.stdout?.on("data", (text) => {
    output += text;
  });
  expect(await exit).toBe(0);
  expect(output).toBe("an answer\nok\n");
  status = 401;
  expect(await start("test.sh")).not.toBe(0);
});
