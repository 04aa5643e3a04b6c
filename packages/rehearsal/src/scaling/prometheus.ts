import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Child, freePorts, type Supervisor, until } from "../processes";
import type { PlayedPod } from "./kubelet";
import { pacedDuration } from "./pace";
import type { DeployedService } from "./stack";

/** A series and its newest value. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
  /** When it was scraped or computed, milliseconds since 1970. */
  at: number;
}

/** A real Prometheus that scrapes the engines of the rehearsal as the operator would configure it. */
export class PrometheusProcess {
  private child?: Child;

  private constructor(
    private readonly supervisor: Supervisor,
    private readonly binary: string,
    private readonly dir: string,
    readonly port: number,
  ) {}

  static async start(
    supervisor: Supervisor,
    binary: string,
    services: DeployedService[],
    relayPort: number,
    scrapeSeconds: number,
  ): Promise<PrometheusProcess> {
    const dir = join(supervisor.dir, "prometheus");
    mkdirSync(join(dir, "targets"), { recursive: true });
    const interval = pacedDuration(`${scrapeSeconds}s`);
    const jobs = services.map((service) => scrapeJob(service, join(dir, "targets", `${service.name}.json`)));
    const config = {
      global: { scrape_interval: interval, scrape_timeout: interval },
      scrape_configs: [...jobs, cadvisorJob(relayPort, interval)],
    };
    writeFileSync(join(dir, "prometheus.yml"), stringify(config));
    const [port] = (await freePorts(1)) as [number];
    const started = new PrometheusProcess(supervisor, binary, dir, port);
    await started.resume();
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, again after `stop`; what it stored is still there. */
  async resume(): Promise<void> {
    this.child = this.supervisor.start("prometheus", this.binary, [
      `--config.file=${join(this.dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(this.dir, "data")}`,
      `--web.listen-address=127.0.0.1:${this.port}`,
      `--query.lookback-delta=${pacedDuration("5m")}`,
      "--log.level=warn",
    ]);
    await until("Prometheus to be ready", 30, async () => (await fetch(`${this.url}/-/ready`)).ok);
  }

  async stop(): Promise<void> {
    await this.child?.stop();
  }

  /** Tells it which pods there are, ready or not, as the endpoints of the Service would. */
  setTargets(service: DeployedService, pods: PlayedPod[], relayPort: number): void {
    const file = join(this.dir, "targets", `${service.name}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(pods.map((pod) => target(service, pod, relayPort))));
    renameSync(`${file}.new`, file);
  }

  async query(expression: string): Promise<Sample[]> {
    const answer = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`, {
      signal: AbortSignal.timeout(5_000),
    });
    const { data } = (await answer.json()) as {
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return (data?.result ?? []).map(({ metric, value: [at, value] }) => ({
      labels: metric,
      value: Number(value),
      at: at * 1000,
    }));
  }
}

/** A scrape as the operator writes it for a ServiceMonitor, with targets from a file. */
export function scrapeJob(service: DeployedService, file: string): object {
  const endpoint = service.monitor.spec.endpoints[0];
  if (!endpoint) throw new Error(`the ServiceMonitor ${service.name} has no endpoint`);
  return {
    job_name: `serviceMonitor/${service.namespace}/${service.name}/0`,
    honor_labels: endpoint.honorLabels ?? false,
    scrape_interval: pacedDuration(endpoint.interval),
    scrape_timeout: pacedDuration(endpoint.interval),
    file_sd_configs: [{ files: [file], refresh_interval: "1s" }],
    metric_relabel_configs: endpoint.metricRelabelings?.map(({ action, sourceLabels, regex }) => ({
      action,
      source_labels: sourceLabels,
      regex,
    })),
  };
}

/** One pod with the labels that the operator's relabeling gives it. */
function target(service: DeployedService, pod: PlayedPod, relayPort: number) {
  const { targetLabels = [], endpoints } = service.monitor.spec;
  const kubernetesService = service.objects.find((object) => object.kind === "Service");
  const copied = targetLabels.map((label) => [
    label.replace(/[^a-zA-Z0-9_]/g, "_"),
    kubernetesService?.metadata.labels?.[label] ?? "",
  ]);
  return {
    targets: [`127.0.0.1:${relayPort}`],
    labels: {
      __metrics_path__: `/pods/${pod.name}${endpoints[0]?.path ?? "/metrics"}`,
      namespace: service.namespace,
      service: service.serviceName,
      pod: pod.name,
      container: "server",
      endpoint: endpoints[0]?.port ?? "",
      job: service.serviceName,
      instance: `${pod.ip}:${service.profile.metricsPort}`,
      ...Object.fromEntries(copied),
    },
  };
}

/** The kubelets' own metrics, of which only the containers' CPU and memory are played. */
function cadvisorJob(relayPort: number, interval: string): object {
  return {
    job_name: "kubelet",
    honor_labels: true,
    scrape_interval: interval,
    scrape_timeout: interval,
    metrics_path: "/cadvisor",
    static_configs: [{ targets: [`127.0.0.1:${relayPort}`] }],
  };
}
