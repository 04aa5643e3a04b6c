import { idleTimeoutLimit } from "../common/load-balancer";
import type { LabelMatch, MetricSeries, SignalSource } from "../signals/series";
import { SeriesKind } from "../signals/series";
import type { ArgumentParser } from "./arguments";
import type { EngineProfile, EngineRequest } from "./profile";

/** What an engine does the same way over a range of its versions. */
export interface EngineRow {
  /** First version of the range. */
  from: string;
  /** First version after the range. */
  until: string;
  /** Where the series' names, labels and kinds were read. */
  source: string;
  /** Signals that can be computed, by signal name. */
  signals: Record<string, SignalSource>;
  /** Series that the versions of this range still export and a later one drops, with what replaces each. */
  deprecatedSeries: Record<string, string>;
  /** True when running requests are finished after SIGTERM. */
  drains: boolean;
}

/** How metrics are turned off by an argument. */
export interface MetricsOff {
  /** The flag, with its dashes. */
  flag: string;
  /** In lower case. @default the flag alone does */
  values?: string[];
}

/** An engine of the catalog. */
export interface EngineEntry {
  /** Ranges of versions, oldest first, without gaps that a released version would fall into by accident. */
  rows: EngineRow[];
  /** Why versions before the first or after the last range are not there. */
  boundary: string;
  /** Fewest GPUs that one replica needs. */
  minGpus: number;
  /** Flags that the platform sets itself, with what to use in their place: they may not be repeated in `extraArgs`. */
  ownedFlags: Record<string, string>;
  /** How the engine reads its arguments. */
  parser: ArgumentParser;
  /** True when every flag also has a variable of its name. @default false */
  variablesOfFlags?: boolean;
  /** Variables that open what must stay closed, with what each does. @default none */
  dangerousVariables?: Record<string, string>;
  /** True when the GPUs of a replica are one tensor-parallel group. */
  tensorParallel: boolean;
  /** Flag that turns the engine's metrics off, with the values that do; any value where there are none. @default none */
  metricsOff?: MetricsOff;
  /** Everything but the parts that follow from the request and the row alone. */
  profile(request: EngineRequest, row: EngineRow): EngineSpecifics;
}

/** What to use in place of flags that engines have in common. */
export const instead = {
  modelId: "Set model.id.",
  revision: "Set model.revision.",
  servedName: "Set model.servedName.",
  gpus: "Set gpus: those of a replica are one tensor-parallel group.",
  maxLength: "Set model.maxLength.",
  maxConcurrency: "Set maxConcurrency.",
  longestRequest: "Set longestRequestSeconds.",
  platform: "Remove it: probes, routes and monitors count on it.",
  apiKey: "Remove it: the key comes from a Secret.",
  cache: "Set model.cache: the folder is where it is mounted.",
  tls: "Remove it: TLS ends at the load balancer, and probes speak plain HTTP.",
  file: "Write its keys as arguments: a file would pass by every check.",
} as const;

/** The part of a profile that each engine computes in its own way. */
export type EngineSpecifics = Omit<
  EngineProfile,
  "engine" | "version" | "signals" | "deprecatedSeries" | "drains"
>;

/** Folder for everything that an engine downloads or compiles; on the node's fastest disk when it has one. */
export const cachePath = "/cache";

/** Home of the engine's user: images set none, or one that only root can write to. */
export const homePath = "/home/engine";

/**
 * Environment that lets an image made for root run as another user on a read-only root: Python asks for the name
 * of the user (`getpass.getuser`), and libraries put their caches under the home folder.
 */
export function nonRootEnvironment(): Record<string, string> {
  return { HOME: homePath, USER: "engine", LOGNAME: "engine", HF_HOME: `${cachePath}/huggingface` };
}

/**
 * How long engines keep idle connections, seconds: above the idle timeout that any load balancer can have, so that the
 * side that sends requests is always the one that closes.
 */
export const keepAliveSeconds = idleTimeoutLimit + 5;

/** What uvicorn closes idle connections after when the engine has no setting for it (`timeout_keep_alive=5`). */
export const fixedKeepAliveSeconds = 5;

/** A record as the list that containers take. */
export function environment(variables: Record<string, string>): EngineSpecifics["env"] {
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/** `--flag=value` for every flag that has a value. */
export function flags(values: Record<string, string | number | undefined>): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([flag, value]) => `${flag}=${value}`);
}

/** A signal that is the sum of gauges. */
export function gauges(names: string[], where?: LabelMatch[]): SignalSource {
  return { series: names.map((name) => series(name, SeriesKind.Gauge, where)) };
}

/** A signal that is the rate of counters. */
export function counters(names: string[], where?: LabelMatch[]): SignalSource {
  return { series: names.map((name) => series(name, SeriesKind.Counter, where)) };
}

/** A signal that is a quantile of a histogram. */
export function histogram(name: string, scale?: number): SignalSource {
  const source: SignalSource = { series: [series(name, SeriesKind.Histogram)] };
  return scale === undefined ? source : { ...source, scale };
}

function series(name: string, kind: SeriesKind, where?: LabelMatch[]): MetricSeries {
  return where ? { name, kind, where } : { name, kind };
}

/** The shortest real request of the OpenAI API: one token. */
export function completionRequest(request: EngineRequest): EngineSpecifics["sampleRequest"] {
  const model = request.servedName ?? request.modelId;
  return {
    method: "POST",
    path: "/v1/completions",
    body: JSON.stringify({ model, prompt: "Hello", max_tokens: 1 }),
  };
}
