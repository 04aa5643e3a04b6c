import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isUserError } from "@inference-platform/kit";
import { readStack } from "@inference-platform/planner";
import { parse, stringify } from "yaml";
import type { Settings } from "../../settings";
import { readSettings, report } from "../../settings/load";

/**
 * A stack file in few words: a known one with changes. Paths are those of the settings; `s.` stands for the first service,
 * `config.` for a full key, `file.` for a key beside `config`.
 */
export interface StackFileCase {
  name: string;
  base: string;
  set?: Record<string, unknown>;
  remove?: string[];
  /** Text of the file that is replaced by another, after the other changes. */
  replace?: [string, string];
  /** What the list of problems must have. */
  expect?: string[];
  /** What no message may show. @default nothing */
  hidden?: string;
}

type Node = Record<string, unknown>;

const root = join(__dirname, "../..");
const prefix = "inference-platform:";

const folder = mkdtempSync(join(tmpdir(), "stack-files-"));
writeFileSync(join(folder, "Pulumi.yaml"), "name: inference-platform\nruntime: nodejs\n");

function shipped(name: string): Node {
  return parse(readFileSync(join(root, `Pulumi.${name}.yaml`), "utf8")) as Node;
}

/** Changes of the staging stack that make other kinds of services. */
const kinds: Record<string, Record<string, unknown>> = {
  custom: {
    "model.services": [
      {
        name: "nlu",
        engine: "custom",
        model: { id: "siamese-uninlu", weightsGiB: 0.4, cache: { mode: "none" } },
        gpus: 0,
        resources: { cpuMillis: 1000, memoryMiB: 2048, cpuLimitMillis: 2000, memoryLimitMiB: 4096 },
        replicas: { min: 2, max: 8 },
        custom: {
          image: "ghcr.io/me/siamese-uninlu:1.4.0",
          port: 7860,
          healthPath: "/health",
          metricsPath: "/metrics",
          apiPaths: ["/api"],
          signals: {
            inference_requests_per_second: {
              series: [
                {
                  name: "siamese_uninlu_requests_total",
                  kind: "counter",
                  where: [{ label: "status", operator: "!=", value: "pending" }],
                },
              ],
            },
          },
        },
        signals: [
          { signal: "cpu_utilization", target: 60 },
          { signal: "inference_requests_per_second", target: 20 },
        ],
        sampleRequest: { path: "/api/parse", body: '{"text": "Hello"}' },
      },
    ],
  },
  big: { "gpu.instanceTypes": ["g6.12xlarge"], "gpu.diskGiB": 500, "s.gpus": 4 },
  sglang: { "s.engine": "sglang", "s.version": "0.5.18" },
  tgi: { "s.engine": "tgi", "s.version": "3.0.1" },
  triton: {
    "s.engine": "triton",
    "s.version": "26.7.0",
    "s.model.id": "s3://models/repository",
    "s.gpus": 1,
  },
  public: {
    "ingress.scheme": "internet-facing",
    "ingress.inboundCidrs": ["8.8.8.0/24"],
    "ingress.tls": true,
    "ingress.domain": "llm.example.com",
    "ingress.hostedZoneId": "Z0123456789ABC",
  },
};

/** The text of a case's stack file. */
export function textOf({ base, set = {}, remove = [], replace }: StackFileCase): string {
  const file = shipped(kinds[base] ? "staging" : base);
  for (const [path, value] of Object.entries(structuredClone({ ...kinds[base], ...set })))
    put(file, steps(path), value);
  for (const path of remove) {
    const at = steps(path);
    delete (parent(file, at) as Node)[String(at.at(-1))];
  }
  const text = stringify(file, { lineWidth: 0 });
  if (!replace) return text;
  if (!text.includes(replace[0])) throw new Error(`the file has no ${replace[0]}`);
  return text.replace(replace[0], () => replace[1]);
}

function steps(path: string): (string | number)[] {
  if (path.startsWith("config.")) return ["config", path.slice("config.".length)];
  if (path.startsWith("file.")) return [path.slice("file.".length)];
  const [group = "", ...rest] = (path.startsWith("s.") ? `model.services.0${path.slice(1)}` : path).split(
    ".",
  );
  return ["config", `${prefix}${group}`, ...rest.map((step) => (/^\d+$/.test(step) ? Number(step) : step))];
}

function parent(file: Node, path: (string | number)[]): unknown {
  return path.slice(0, -1).reduce<unknown>((at, step, index) => {
    const node = at as Record<string | number, unknown>;
    node[step] ??= typeof path[index + 1] === "number" ? [] : {};
    return node[step];
  }, file);
}

function put(file: Node, path: (string | number)[], value: unknown): void {
  Object.defineProperty(parent(file, path), path.at(-1) ?? "", {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** What a plan and `pulumi up` say of a stack file: the lines of the refusal, none when it is accepted. */
export function refusalOf(text: string): string[] {
  return outcomeOf(text).lines;
}

/** What comes of a stack file: its settings, or the lines of the refusal. */
export function outcomeOf(text: string): { settings?: Settings; lines: string[] } {
  writeFileSync(join(folder, "Pulumi.test.yaml"), text);
  try {
    const { context } = readStack(folder, "test");
    const config = {
      values: context.config,
      secret: context.secretKeys,
      project: context.project,
      stack: "test",
    };
    const { found, problems } = readSettings(config, false);
    if (found) return { settings: found.settings, lines: [] };
    return { lines: report(problems, context.project, "test").split("\n").slice(1) };
  } catch (error) {
    if (isUserError(error)) return { lines: [(error as Error).message] };
    throw error;
  }
}
