import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { sleep } from "../src/processes";
import { Load } from "../src/scaling/load";

// The worker is a thread of its own: what compiles the tests does not compile it.
it("the load of the scaling loop is sent, and seen", async () => {
  const server = createServer((_request, response) => response.end("{}"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const load = new Load(() => ({ url: `http://127.0.0.1:${port}/`, body: "{}" }));
  try {
    const began = Date.now();
    load.set("chat", 50);
    const seen = () => load.view("chat", began - 1000, Date.now() + 60_000);
    while (seen().requests < 10 && Date.now() - began < 20_000) await sleep(100);
    expect(seen().requests).toBeGreaterThanOrEqual(10);
    expect(seen().failures).toEqual({});
  } finally {
    await load.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});
