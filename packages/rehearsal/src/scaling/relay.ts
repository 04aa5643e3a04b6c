import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { Kubelet, PlayedPod } from "./kubelet";
import { portOf } from "./ports";

/** What may be wrong with the series of a service. */
export const SeriesFault = {
  /** They are not exported any more. */
  Vanished: "vanished",
  /** Their values are not numbers. */
  NotANumber: "not a number",
} as const;
export type SeriesFault = (typeof SeriesFault)[keyof typeof SeriesFault];

/**
 * Stands between Prometheus and the engines: passes their expositions on as they are, or with a fault; and answers as
 * the kubelets' cAdvisor with the CPU time of the processes.
 */
export class Relay {
  /** Faults by service. */
  readonly faults = new Map<string, SeriesFault>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /**
   * @param cpuPath Path under which an engine itself tells its CPU seconds, for those that only model their CPU.
   */
  static async start(
    kubelet: Kubelet,
    namespace: string,
    cpuPath: (service: string) => string | undefined,
  ): Promise<Relay> {
    const answer = async (url: string): Promise<string | undefined> => {
      if (url === "/cadvisor") {
        const readings = await Promise.all(
          [...kubelet.played.values()]
            .filter((pod) => pod.child?.running() && pod.ready)
            .map((pod) => usage(pod, namespace, cpuPath(pod.service))),
        );
        return readings.join("");
      }
      const [, kind, name = "", ...rest] = url.split("/");
      const pod = kind === "pods" ? kubelet.played.get(name) : undefined;
      if (!pod?.child?.running()) return undefined;
      const text = await read(pod.port, `/${rest.join("/")}`);
      return withFault(text, relay.faults.get(pod.service));
    };
    const server = createServer((request, response) => {
      answer(request.url ?? "").then(
        (text) => {
          response.writeHead(text === undefined ? 503 : 200, { "content-type": "text/plain; version=0.0.4" });
          response.end(text);
        },
        () => response.writeHead(503).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const relay = new Relay(server, portOf(server));
    return relay;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** An exposition as it would be with the fault; comments stay. */
export function withFault(text: string, fault: SeriesFault | undefined): string {
  if (!fault) return text;
  const lines = text.split("\n");
  if (fault === SeriesFault.Vanished)
    return lines
      .filter((line) => line.startsWith("#"))
      .join("\n")
      .concat("\n");
  return lines.map((line) => (line.startsWith("#") ? line : line.replace(/ \S+$/, " NaN"))).join("\n");
}

/** Requests to an engine; each fails after a second. */
async function read(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(1_000) });
  return response.text();
}

async function usage(pod: PlayedPod, namespace: string, cpuPath: string | undefined): Promise<string> {
  const pid = pod.child?.pid;
  try {
    const seconds = cpuPath === undefined ? processCpu(`${pid}`) : Number(await read(pod.port, cpuPath));
    const labels = `namespace="${namespace}",pod="${pod.name}",container="server",node="rehearsal"`;
    return (
      `container_cpu_usage_seconds_total{${labels}} ${seconds}\n` +
      `container_memory_working_set_bytes{${labels}} ${256 * 2 ** 20}\n`
    );
  } catch {
    return "";
  }
}

/** CPU seconds of a process: user and system time, in hundredths. */
function processCpu(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
