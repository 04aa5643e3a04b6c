import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { typescriptWorkerArguments } from "@inference-platform/kit";

/** From now on so many requests per second to a service. */
export interface LoadCommand {
  service: string;
  url: string;
  body: string;
  /** How a complete answer ends. @default any */
  ends?: string;
  /** Requests per second at first. */
  from: number;
  /** Requests per second after `seconds`. */
  to: number;
  seconds: number;
}

/** One request and how it went. */
export interface LoadReport {
  service: string;
  /** When it was due, milliseconds since 1970. */
  at: number;
  milliseconds: number;
  ok: boolean;
  /** What went wrong. */
  detail?: string;
}

/** What the client saw of a service in some time. */
export interface ClientView {
  requests: number;
  failed: number;
  /** How requests failed, with their number. */
  failures: Record<string, number>;
  /** Milliseconds; NaN without requests. */
  p50: number;
  p95: number;
}

/** Sends real requests at constant rates, and remembers how each went. */
export class Load {
  private readonly reports: LoadReport[] = [];
  private readonly worker: Worker;
  private readonly rates = new Map<string, number>();

  constructor(private readonly urlOf: (service: string) => { url: string; body: string; ends?: string }) {
    this.worker = new Worker(join(__dirname, "load-worker.ts"), {
      execArgv: typescriptWorkerArguments,
    });
    this.worker.on("message", (reports: LoadReport[]) => this.reports.push(...reports));
    this.worker.unref();
  }

  /** Changes the rate of a service, at once or evenly over some seconds. */
  set(service: string, perSecond: number, overSeconds = 0): void {
    const from = overSeconds > 0 ? (this.rates.get(service) ?? 0) : perSecond;
    this.rates.set(service, perSecond);
    const command: LoadCommand = {
      service,
      ...this.urlOf(service),
      from,
      to: perSecond,
      seconds: overSeconds,
    };
    this.worker.postMessage(command);
  }

  /** What was seen of requests that were due in that time. */
  view(service: string, from: number, to: number): ClientView {
    const some = this.reports.filter((each) => each.service === service && each.at >= from && each.at < to);
    const failures: Record<string, number> = {};
    for (const { ok, detail = "" } of some) if (!ok) failures[detail] = (failures[detail] ?? 0) + 1;
    const times = some.map((each) => each.milliseconds).sort((a, b) => a - b);
    const at = (share: number) =>
      Math.round(times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN);
    return {
      requests: some.length,
      failed: some.filter((each) => !each.ok).length,
      failures,
      p50: at(0.5),
      p95: at(0.95),
    };
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}
