import { SignalName } from "../signals/names";
import type { LabelMatch } from "../signals/series";
import { ArgumentParser } from "./arguments";
import {
  cachePath,
  completionRequest,
  counters,
  type EngineEntry,
  type EngineRow,
  environment,
  fixedKeepAliveSeconds,
  flags,
  gauges,
  histogram,
  homePath,
  instead,
  keepAliveSeconds,
  nonRootEnvironment,
} from "./catalog";
import { cubinFolder, sglangCommand } from "./launch";
import { isAtLeast } from "./version";

// With priority scheduling each gauge has one more series per priority beside the sum, which has an empty label;
// an empty value also matches the series that lack the label.
const sumOfPriorities: LabelMatch[] = [{ label: "priority", operator: "=", value: "" }];

const rows: EngineRow[] = [
  {
    from: "0.5.0",
    until: "0.6.0",
    source:
      "sgl-project/sglang python/sglang/srt/metrics/collector.py; docs/references/production_metrics.md",
    signals: {
      [SignalName.RequestsInFlight]: gauges(
        ["sglang:num_running_reqs", "sglang:num_queue_reqs"],
        sumOfPriorities,
      ),
      [SignalName.QueueDepth]: gauges(["sglang:num_queue_reqs"], sumOfPriorities),
      [SignalName.RequestsPerSecond]: counters(["sglang:num_requests_total"]),
      [SignalName.TokensPerSecond]: counters(["sglang:generation_tokens_total"]),
      [SignalName.KvCacheUtilization]: gauges(["sglang:token_usage"]),
      [SignalName.TimeToFirstTokenP95]: histogram("sglang:time_to_first_token_seconds"),
      [SignalName.RequestLatencyP99]: histogram("sglang:e2e_request_latency_seconds"),
      // Requests that the engine or the client gave up.
      [SignalName.FailuresPerSecond]: counters(["sglang:num_aborted_requests_total"]),
    },
    deprecatedSeries: {},
    // The tokenizer manager waits for running requests after SIGTERM (PR 1838), without a limit of its own.
    drains: true,
  },
];

/** First version with a FlashInfer that reads FLASHINFER_CUBIN_DIR: 0.6.17 (its package metadata; 0.5.16 has 0.6.14). */
const readsCubinFolder = "0.5.18";
/** First version with SGLANG_TIMEOUT_KEEP_ALIVE (srt/environ.py; 0.5.9 has a fixed 5). */
const setsKeepAlive = "0.5.10";
/** First version with SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION (srt/environ.py; not in 0.5.5). */
const setsHealth = "0.5.6";

/** Health that costs nothing to ask, where the version has it: by default `/health` generates a token, for up to 20 s. */
function switches(version: string): Record<string, string> {
  return {
    ...(isAtLeast(version, readsCubinFolder) ? cubinFolder(cachePath) : {}),
    ...(isAtLeast(version, setsKeepAlive) ? { SGLANG_TIMEOUT_KEEP_ALIVE: String(keepAliveSeconds) } : {}),
    ...(isAtLeast(version, setsHealth) ? { SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION: "false" } : {}),
  };
}

/** SGLang, https://github.com/sgl-project/sglang. */
export const sglang: EngineEntry = {
  rows,
  boundary: "the metrics of other versions have not been read",
  minGpus: 1,
  ownedFlags: {
    "--model": instead.modelId,
    "--model-path": instead.modelId,
    "--revision": instead.revision,
    "--host": instead.platform,
    "--port": instead.platform,
    "--api-key": instead.apiKey,
    "--served-model-name": instead.servedName,
    "--tp": instead.gpus,
    "--tp-size": instead.gpus,
    "--tensor-parallel-size": instead.gpus,
    "--pp-size": instead.gpus,
    "--pipeline-parallel-size": instead.gpus,
    "--dp": instead.gpus,
    "--dp-size": instead.gpus,
    "--data-parallel-size": instead.gpus,
    "--nnodes": instead.gpus,
    "--context-length": instead.maxLength,
    "--max-running-requests": instead.maxConcurrency,
    "--enable-metrics": instead.platform,
    "--download-dir": instead.cache,
    "--config": instead.file,
    "--ssl-keyfile": instead.tls,
    "--ssl-certfile": instead.tls,
  },
  parser: ArgumentParser.Argparse,
  tensorParallel: true,
  profile: (request) => ({
    image: `lmsysorg/sglang:v${request.version}`,
    // An estimate: the image carries a CUDA tool chain for kernels compiled at run time.
    imageGiB: 14,
    command: sglangCommand(!isAtLeast(request.version, readsCubinFolder)),
    args: [
      ...flags({
        "--model-path": request.modelId,
        "--revision": request.modelRevision,
        "--served-model-name": request.servedName ?? request.modelId,
        "--host": "0.0.0.0",
        "--port": 30000,
        "--tp-size": request.gpus,
        "--context-length": request.maxModelLength,
        "--max-running-requests": request.maxConcurrency,
      }),
      "--enable-metrics",
      ...(request.extraArgs ?? []),
    ],
    env: environment({
      ...nonRootEnvironment(),
      TORCHINDUCTOR_CACHE_DIR: `${cachePath}/torchinductor`,
      TRITON_CACHE_DIR: `${cachePath}/triton`,
      FLASHINFER_WORKSPACE_BASE: cachePath,
      ...switches(request.version),
    }),
    port: 30000,
    metricsPort: 30000,
    metricsPath: "/metrics",
    readinessPath: "/health",
    // An answer to `/health` waits for the engine in older versions: a busy one would be restarted. Metrics answer at once,
    // and need no key either (srt/utils.py, add_api_key_middleware).
    livenessPath: isAtLeast(request.version, setsHealth) ? "/health" : "/metrics",
    keepAliveSeconds: isAtLeast(request.version, setsKeepAlive) ? keepAliveSeconds : fixedKeepAliveSeconds,
    apiPaths: ["/v1"],
    sampleRequest: completionRequest(request),
    writablePaths: ["/tmp", homePath],
    cachePath,
    runAsUser: 1000,
    apiKeyVariable: "SGLANG_API_KEY",
    huggingFaceTokenVariable: "HF_TOKEN",
    initSeconds: 90,
  }),
};
