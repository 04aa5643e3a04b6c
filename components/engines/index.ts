import { wholeNumberProblems } from "../common/bounds";
import { entryOf } from "../common/lookup";
import type { Problem } from "../common/problem";
import { refuseArguments } from "../common/refuse";
import { textProblems } from "../common/text";
import { meantFlag, ownedFlagProblems, parseArguments, secretArgumentProblems } from "./arguments";
import type { EngineEntry, EngineRow } from "./catalog";
import { customProblems, customProfile } from "./custom";
import { concurrency, contextTokens, gpuCount, modelNameRule, revisionRule, versionRule } from "./limits";
import { modelIdProblems } from "./model-id";
import { Engine, type EngineProfile, type EngineRequest } from "./profile";
import { sglang } from "./sglang";
import { tgi } from "./tgi";
import { triton } from "./triton";
import { parseVersion, versionWithin } from "./version";
import { vllm } from "./vllm";

export * from "../signals/series";
export * from "./profile";

/** The engines of the catalog. `custom` has no entry: it is described where it is used. */
export const engineCatalog: Record<string, EngineEntry> = {
  [Engine.Vllm]: vllm,
  [Engine.Sglang]: sglang,
  [Engine.Tgi]: tgi,
  [Engine.Triton]: triton,
};

/** Version of each engine that the shipped stacks and the tests use. Each image was seen in public use in 2026. */
export const defaultVersions: Record<Engine, string> = {
  [Engine.Vllm]: "0.30.0",
  [Engine.Sglang]: "0.5.18",
  [Engine.Tgi]: "3.0.1",
  [Engine.Triton]: "26.7.0",
  [Engine.Custom]: "1.0.0",
};

/**
 * The version ranges of an engine for people: `0.8.3 ≤ version < 0.9.0, …`.
 *
 * @example
 * ```ts
 * knownRanges(Engine.Tgi); // → "2.3.0 ≤ version < 3.1.0"
 * ```
 */
export function knownRanges(engine: Engine): string {
  const rows = entryOf(engineCatalog, engine)?.rows ?? [];
  return rows.map((row) => `${row.from} ≤ version < ${row.until}`).join(", ");
}

/**
 * What is wrong with the request; empty when `engineProfile` will answer.
 *
 * @example
 * ```ts
 * const request = { engine: Engine.Vllm, version: "9.9.9", modelId: "m", gpus: 1, drainSeconds: 60 };
 * engineProblems(request); // → [{ path: "version", value: "9.9.9" }]
 * ```
 */
export function engineProblems(request: EngineRequest): Problem[] {
  const entry = entryOf(engineCatalog, request.engine);
  if (!entry)
    return request.engine === Engine.Custom ? customRequestProblems(request) : [unknownEngine(request)];

  const problems = versionProblems(request, entry);
  if (request.custom)
    problems.push({
      path: "custom",
      value: request.engine,
      message: `is only for engine ${Engine.Custom}`,
      fix: `Remove it, or write engine: ${Engine.Custom}.`,
    });
  problems.push(...modelIdProblems(request.engine, request.modelId));
  if (Number.isInteger(request.gpus) && request.gpus < entry.minGpus)
    problems.push({
      path: "gpus",
      value: request.gpus,
      message: `must be at least ${entry.minGpus} for ${request.engine}, which runs on GPUs`,
    });
  problems.push(...wholeNumberProblems("gpus", request.gpus, gpuCount), ...requestBoundProblems(request));
  if (entry.tensorParallel && request.gpus > 0 && !Number.isInteger(Math.log2(request.gpus)))
    problems.push({
      path: "gpus",
      value: request.gpus,
      message: "must be 1, 2, 4, 8 or 16: the heads of models divide by nothing else",
    });
  const { flags, problems: malformed } = parseArguments(request.extraArgs ?? []);
  problems.push(
    ...malformed,
    ...ownedFlagProblems(flags, entry.ownedFlags, entry.parser),
    ...secretArgumentProblems("extraArgs", request.extraArgs ?? []),
  );
  return problems;
}

/**
 * Everything that the platform must know about the engine of a service.
 *
 * @throws RunError with every problem of `engineProblems`, one per line.
 *
 * @example
 * ```ts
 * const request = { engine: Engine.Vllm, version: "0.30.0", modelId: "Qwen/Qwen2.5-3B-Instruct", gpus: 1, drainSeconds: 120 };
 * engineProfile(request); // → { port: 8000, readinessPath: "/health", apiKeyVariable: "VLLM_API_KEY" }
 * ```
 */
export function engineProfile(request: EngineRequest): EngineProfile {
  const problems = engineProblems(request);
  refuseArguments("engineProfile", problems);
  if (request.custom) return customProfile(request, request.custom);

  const entry = entryOf(engineCatalog, request.engine);
  const row = entry && rowOf(entry, request.version);
  if (!entry || !row) throw new Error(`the catalog has no row for ${request.engine} ${request.version}`);
  const { metricsPath, ...specifics } = entry.profile(request, row);
  return {
    engine: request.engine,
    version: request.version,
    ...specifics,
    ...(metricsPath && !turnsMetricsOff(entry, request.extraArgs ?? []) ? { metricsPath } : {}),
    drains: row.drains,
    signals: row.signals,
    deprecatedSeries: row.deprecatedSeries,
  };
}

function turnsMetricsOff({ metricsOff, parser }: EngineEntry, extraArgs: string[]): boolean {
  if (!metricsOff) return false;
  const { flag, values } = metricsOff;
  return parseArguments(extraArgs).flags.some(
    (given) =>
      meantFlag(given, [flag], parser) !== undefined &&
      (values === undefined || values.includes(given.value?.toLowerCase() ?? "")),
  );
}

function rowOf(entry: EngineEntry, version: string): EngineRow | undefined {
  const parsed = parseVersion(version);
  return parsed && entry.rows.find((row) => versionWithin(parsed, row.from, row.until));
}

function versionProblems(request: EngineRequest, entry: EngineEntry): Problem[] {
  if (rowOf(entry, request.version)) return [];
  const message = parseVersion(request.version)
    ? `must be a version of the catalog: ${knownRanges(request.engine)} (${entry.boundary})`
    : versionRule.must;
  const known = defaultVersions[request.engine];
  return [{ path: "version", value: request.version, message, fix: `${known} is known to work.` }];
}

function requestBoundProblems(request: EngineRequest): Problem[] {
  const { maxModelLength, maxConcurrency, modelRevision, servedName } = request;
  return [
    ...textProblems("servedName", servedName, modelNameRule),
    ...wholeNumberProblems("maxModelLength", maxModelLength, contextTokens),
    ...wholeNumberProblems("maxConcurrency", maxConcurrency, concurrency),
    ...textProblems("modelRevision", modelRevision, revisionRule),
  ];
}

function unknownEngine(request: EngineRequest): Problem {
  return {
    path: "engine",
    value: request.engine,
    message: `must be one of ${Object.values(Engine).join(", ")}`,
    fix: `Any other HTTP server is ${Engine.Custom}.`,
  };
}

function customRequestProblems(request: EngineRequest): Problem[] {
  if (!request.custom)
    return [
      {
        path: "custom",
        value: undefined,
        message: "must describe the server: image, port, healthPath, apiPaths",
      },
    ];
  const problems = [
    ...customProblems(request.custom),
    ...secretArgumentProblems("custom.command", request.custom.command ?? []),
    ...secretArgumentProblems("custom.args", request.custom.args ?? []),
    ...secretArgumentProblems("extraArgs", request.extraArgs ?? []),
  ];
  problems.push(...wholeNumberProblems("gpus", request.gpus, gpuCount), ...requestBoundProblems(request));
  return problems;
}
