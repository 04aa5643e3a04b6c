import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ClusterConnection } from "../../components/safeguards/connection";

/** An API server of which the tests say what is in it and what it answers. */
export class Api {
  readonly calls: string[] = [];
  /** Lists by path; what is not there is empty. */
  readonly lists: Record<string, object[]> = {};
  status = 200;
  /** Objects by path; one that is deleted is gone. */
  readonly objects: Record<string, object | undefined> = {};
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      this.calls.push(`${request.method} ${url.pathname}`);
      const [status, answer] = this.answer(request.method ?? "", url.pathname);
      response.statusCode = status;
      response.end(JSON.stringify(answer));
    });
  }

  async start(): Promise<ClusterConnection> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    const kubeconfig = JSON.stringify({
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: "u", user: { token: "t" } }],
    });
    return new ClusterConnection(() => kubeconfig);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  get changes(): string[] {
    return this.calls.filter((call) => !call.startsWith("GET"));
  }

  private answer(method: string, path: string): [number, object] {
    if (this.status !== 200) return [this.status, { message: "Unauthorized" }];
    if (!(path in this.objects)) return [200, { items: this.lists[path] ?? [] }];
    const object = this.objects[path];
    if (object === undefined) return [404, { reason: "NotFound", message: "not found" }];
    if (method === "DELETE") this.objects[path] = undefined;
    return [200, object];
  }
}
