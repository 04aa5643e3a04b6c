import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { cacheFolder, UserError } from "@inference-platform/kit";
import { csvTraffic } from "./csv";
import { liveTraffic, savedTraffic } from "./prometheus";
import { servegen } from "./servegen";
import { chatLengths, Shape, shape } from "./shapes";
import { cut, type Traffic } from "./traffic";

/** A public trace that can be asked for by its name. */
interface PublicTrace {
  /** Where the user's machine gets it, and what it must be. */
  url?: string;
  sha256?: string;
  /** File or files in a folder of traces. */
  files: string[];
  licence: string;
}

const azure = "https://raw.githubusercontent.com/Azure/AzurePublicDataset/b469a11/data";

/** Data of others, under their licences: nothing of them is part of this project. */
export const publicTraces: Record<string, PublicTrace> = {
  "azure-code": {
    url: `${azure}/AzureLLMInferenceTrace_code.csv`,
    sha256: "54e9a6d2a4bd06ba",
    files: ["azure-2023-code.csv.gz"],
    licence: "Azure/AzurePublicDataset, CC-BY 4.0",
  },
  "azure-conv": {
    url: `${azure}/AzureLLMInferenceTrace_conv.csv`,
    sha256: "2f1e5b666d4e3055",
    files: ["azure-2023-conv.csv.gz"],
    licence: "Azure/AzurePublicDataset, CC-BY 4.0",
  },
  "mooncake-conversation": {
    files: ["mooncake-conversation.csv.gz"],
    licence: "kvcache-ai/Mooncake, Apache-2.0",
  },
  "servegen-m-large": {
    files: ["servegen-m-large-windows.csv.gz", "servegen-m-large-lengths.csv"],
    licence: "alibaba/ServeGen, Apache-2.0",
  },
  "servegen-deepseek-r1": {
    files: ["servegen-deepseek-r1-windows.csv.gz", "servegen-deepseek-r1-lengths.csv"],
    licence: "alibaba/ServeGen, Apache-2.0",
  },
};

/** What `--traffic` understands, for people. */
export const trafficHelp =
  `a public trace (${Object.keys(publicTraces).join(", ")}), a CSV file of requests, a JSON file with the answer of a Prometheus ` +
  `range query, prometheus:ADDRESS, or a shape such as diurnal:2-20 (${Object.values(Shape).join(", ")}: requests/s from low to high)`;

export interface TrafficOptions {
  /** Of shapes and of Prometheus; others are cut to it. */
  days?: number;
  /** Folder with traces that have been fetched. */
  traces?: string;
}

/** Traffic by its name. @throws UserError for one that cannot be had, with what can */
export async function loadTraffic(what: string, options: TrafficOptions): Promise<Traffic> {
  const traffic = await found(what, options);
  return options.days === undefined ? traffic : cut(traffic, options.days * 86_400);
}

async function found(what: string, options: TrafficOptions): Promise<Traffic> {
  const days = options.days ?? 1;
  const [, kind, low, high] = /^([a-z]+):([0-9.]+)-([0-9.]+)$/.exec(what) ?? [];
  if (kind && (Object.values(Shape) as string[]).includes(kind)) {
    if (!(Number(high) >= Number(low)))
      throw new UserError(`--traffic ${what}: the second number is the higher one.`);
    return shape(kind as Shape, Number(low), Number(high), days * 86_400);
  }
  if (what.startsWith("prometheus:")) return liveTraffic(what.slice("prometheus:".length), days, chatLengths);
  const trace = publicTraces[what];
  if (trace) return publicTrace(what, trace, options.traces);
  if (!existsSync(what))
    throw new UserError(`--traffic ${what}: there is no such file; it can be ${trafficHelp}.`);
  const text = readText(what);
  return /\.json(\.gz)?$/.test(what) ? savedTraffic(what, text, chatLengths) : csvTraffic(what, text);
}

async function publicTrace(name: string, trace: PublicTrace, folder: string | undefined): Promise<Traffic> {
  const folders = [folder, join(cacheFolder(process.env), "traces")].filter((one) => one !== undefined);
  const texts = trace.files.map((file) => {
    const at = folders.map((one) => join(one, file)).find(existsSync);
    return at === undefined ? undefined : readText(at);
  });
  if (texts.every((text) => text !== undefined)) {
    const [first = "", second] = texts;
    const traffic = second === undefined ? csvTraffic(name, first) : servegen(name, first, second);
    return { ...traffic, notes: [`traffic: ${trace.licence}`, ...traffic.notes] };
  }
  if (!trace.url)
    throw new UserError(
      `--traffic ${name}: put ${trace.files.join(" and ")} into ${folders.join(" or ")}; docs/what-if.md says how they are made from ${trace.licence}.`,
    );
  const text = await fetched(name, trace);
  return { ...csvTraffic(name, text), notes: [`traffic: ${trace.licence}`] };
}

/** Fetches a trace once and keeps it. */
async function fetched(name: string, { url = "", sha256 = "" }: PublicTrace): Promise<string> {
  const answer = await fetch(url).catch((error: Error) => {
    throw new UserError(
      `--traffic ${name}: ${url} cannot be fetched: ${error.cause ?? error.message}. Save it there and give the file instead.`,
    );
  });
  if (!answer.ok) throw new UserError(`--traffic ${name}: ${url} answers ${answer.status}.`);
  const text = await answer.text();
  const hash = createHash("sha256").update(text).digest("hex");
  if (!hash.startsWith(sha256))
    throw new UserError(`--traffic ${name}: ${url} has changed: sha256 ${hash}, expected ${sha256}….`);
  const folder = join(cacheFolder(process.env), "traces");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, publicTraces[name]?.files[0]?.replace(/\.gz$/, "") ?? name), text);
  return text;
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** A day of a typical chat service whose busiest hour needs `replicas` replicas that each do `perReplica` requests/s. */
export function typicalDay(perReplica: number, replicas: number, days: number): Traffic {
  const busiest = perReplica * replicas;
  const traffic = shape(Shape.Diurnal, busiest * 0.2, busiest, days * 86_400);
  return { ...traffic, name: `a typical day, ${busiest.toFixed(1)} requests/s at its busiest` };
}
