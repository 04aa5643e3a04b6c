import { Agent, createServer, request, type Server } from "node:http";
import { type KubeClient, path } from "../kube/client";
import { Informer } from "../kube/informer";
import { portOf } from "./ports";

/** Round robin over the endpoints that Kubernetes says are ready, as a Service or a load balancer would do it. */
export class RoundRobin {
  /** Requests in flight by service: what the engines' gauges should add up to. */
  readonly inFlight = new Map<string, number>();
  private readonly next = new Map<string, number>();
  private readonly slices: Informer;
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });

  private constructor(
    private readonly server: Server,
    client: KubeClient,
    namespace: string,
    /** Port of the process behind an address of the cluster. */
    private readonly portBehind: (ip: string) => number | undefined,
  ) {
    this.slices = new Informer(client, path("discovery.k8s.io/v1", "endpointslices", namespace)).start();
  }

  static async start(
    client: KubeClient,
    namespace: string,
    portBehind: (ip: string) => number | undefined,
  ): Promise<RoundRobin> {
    const server = createServer();
    const proxy = new RoundRobin(server, client, namespace, portBehind);
    proxy.serve();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** Address under which a service is reached. */
  urlOf(service: string): string {
    return `http://127.0.0.1:${portOf(this.server)}/${service}`;
  }

  /** Ports of the replicas that requests go to now. */
  readyPorts(service: string): number[] {
    return this.slices.all
      .filter((slice) => slice.metadata.labels?.["kubernetes.io/service-name"] === service)
      .flatMap((slice) => (slice.endpoints ?? []) as Endpoint[])
      .filter((endpoint) => endpoint.conditions?.ready)
      .flatMap((endpoint) => this.portBehind(endpoint.addresses[0] ?? "") ?? []);
  }

  close(): void {
    this.slices.stop();
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  private serve(): void {
    this.server.keepAliveTimeout = 60_000;
    this.server.on("request", (incoming, outgoing) => {
      const [, service = "", ...rest] = (incoming.url ?? "").split("/");
      const ports = this.readyPorts(service);
      const turn = (this.next.get(service) ?? 0) + 1;
      this.next.set(service, turn);
      const port = ports[turn % ports.length];
      if (port === undefined) return void outgoing.writeHead(503).end();
      this.count(service, 1);
      outgoing.on("close", () => this.count(service, -1));
      const { method, headers } = incoming;
      const sent = request(
        { agent: this.agent, host: "127.0.0.1", port, method, path: `/${rest.join("/")}`, headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
          answer.on("error", () => outgoing.destroy());
        },
      );
      sent.on("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
      incoming.pipe(sent);
    });
  }

  private count(service: string, change: number): void {
    this.inFlight.set(service, (this.inFlight.get(service) ?? 0) + change);
  }
}

interface Endpoint {
  addresses: string[];
  conditions?: { ready?: boolean };
}
