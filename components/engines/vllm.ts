import { SignalName } from "../signals/names";
import type { SignalSource } from "../signals/series";
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
import { cubinFolder, vllmCommand } from "./launch";
import { isAtLeast } from "./version";

const loggers = "vllm-project/vllm vllm/v1/metrics/loggers.py";
const policy = "docs/design/metrics.md, PRs 18354 and 30041";

function signals(kvCache: string): Record<string, SignalSource> {
  return {
    [SignalName.RequestsInFlight]: gauges(["vllm:num_requests_running", "vllm:num_requests_waiting"]),
    [SignalName.QueueDepth]: gauges(["vllm:num_requests_waiting"]),
    [SignalName.RequestsPerSecond]: counters(["vllm:request_success_total"]),
    [SignalName.TokensPerSecond]: counters(["vllm:generation_tokens_total"]),
    // Named `_perc`, but between 0 and 1.
    [SignalName.KvCacheUtilization]: gauges([kvCache]),
    [SignalName.TimeToFirstTokenP95]: histogram("vllm:time_to_first_token_seconds"),
    [SignalName.RequestLatencyP99]: histogram("vllm:e2e_request_latency_seconds"),
    // From the HTTP layer: the engine has no counter of its own for requests that ended in an error.
    [SignalName.FailuresPerSecond]: counters(
      ["http_requests_total"],
      [
        { label: "handler", operator: "=~", value: "/v1/.*" },
        { label: "status", operator: "=", value: "5xx" },
      ],
    ),
  };
}

const oldKvCache = { "vllm:gpu_cache_usage_perc": "vllm:kv_cache_usage_perc" };
const oldTokenLatency = { "vllm:time_per_output_token_seconds": "vllm:inter_token_latency_seconds" };

const rows: EngineRow[] = [
  {
    from: "0.8.3",
    until: "0.9.0",
    source: loggers,
    signals: signals("vllm:gpu_cache_usage_perc"),
    deprecatedSeries: {},
    drains: false,
  },
  {
    from: "0.9.0",
    until: "0.11.0",
    source: `${loggers}; ${policy}: the KV-cache gauge is renamed in 0.9 and exported under both names`,
    signals: signals("vllm:kv_cache_usage_perc"),
    deprecatedSeries: oldKvCache,
    drains: false,
  },
  {
    from: "0.11.0",
    until: "0.12.0",
    source: `${loggers}; ${policy}: the old KV-cache gauge is hidden, the old token latency deprecated`,
    signals: signals("vllm:kv_cache_usage_perc"),
    deprecatedSeries: { ...oldKvCache, ...oldTokenLatency },
    drains: false,
  },
  {
    from: "0.12.0",
    until: "0.18.0",
    source: `${loggers}; ${policy}: both old names are gone`,
    signals: signals("vllm:kv_cache_usage_perc"),
    deprecatedSeries: {},
    drains: false,
  },
  {
    from: "0.18.0",
    until: "0.31.0",
    source: `${loggers}; --shutdown-timeout by PR 36666`,
    signals: signals("vllm:kv_cache_usage_perc"),
    deprecatedSeries: {},
    drains: true,
  },
];

/** First version with VLLM_HTTP_TIMEOUT_KEEP_ALIVE (vllm/envs.py; 0.9.0 has a fixed 5). */
const setsKeepAlive = "0.9.1";
/** First version whose FlashInfer reads FLASHINFER_CUBIN_DIR: 0.6.16 (its package metadata; 0.26.0 has 0.6.14). */
const readsCubinFolder = "0.27.0";

/**
 * Versions that write every VLLM_ variable, VLLM_API_KEY among them, into cache_key_factors.json below the cache
 * (compile_factors of vllm/envs.py, read in 0.11.2, 0.12.0, 0.28.0 and 0.29.0; PR 52523).
 */
function keepsKeyInCache(version: string): boolean {
  return isAtLeast(version, "0.12.0") && !isAtLeast(version, "0.29.0");
}

function caches(version: string): Record<string, string> {
  return {
    // Where the file would have the key, the folder ends with the pod: a claim would keep it, and show it to others.
    VLLM_CACHE_ROOT: keepsKeyInCache(version) ? `${homePath}/vllm` : `${cachePath}/vllm`,
    TORCHINDUCTOR_CACHE_DIR: `${cachePath}/torchinductor`,
    TRITON_CACHE_DIR: `${cachePath}/triton`,
    FLASHINFER_WORKSPACE_BASE: cachePath,
    ...(isAtLeast(version, readsCubinFolder) ? cubinFolder(cachePath) : {}),
  };
}

/** vLLM, https://github.com/vllm-project/vllm. */
export const vllm: EngineEntry = {
  rows,
  boundary:
    "before 0.8.3 the image cannot run as a non-root user, after 0.30 the metrics have not been read yet",
  minGpus: 1,
  ownedFlags: {
    "--model": instead.modelId,
    "--revision": instead.revision,
    "--host": instead.platform,
    "--port": instead.platform,
    "--api-key": instead.apiKey,
    "--served-model-name": instead.servedName,
    "--tensor-parallel-size": instead.gpus,
    "-tp": instead.gpus,
    "--pipeline-parallel-size": instead.gpus,
    "-pp": instead.gpus,
    "--data-parallel-size": instead.gpus,
    "-dp": instead.gpus,
    "--data-parallel-size-local": instead.gpus,
    "-dpl": instead.gpus,
    "--nnodes": instead.gpus,
    "--max-model-len": instead.maxLength,
    "--max-num-seqs": instead.maxConcurrency,
    "--shutdown-timeout": instead.longestRequest,
    "--download-dir": instead.cache,
    "--config": instead.file,
    "--uds": instead.platform,
    "--ssl-keyfile": instead.tls,
    "--ssl-certfile": instead.tls,
  },
  parser: ArgumentParser.Argparse,
  dangerousVariables: {
    VLLM_SERVER_DEV_MODE: "opens routes that put the server to sleep and reset its caches",
    VLLM_ALLOW_INSECURE_SERIALIZATION: "lets requests run code in the engine",
  },
  tensorParallel: true,
  metricsOff: { flag: "--disable-log-stats" },
  profile: (request, row) => ({
    image: `vllm/vllm-openai:v${request.version}`,
    // 8.8 GB measured by AWS (EKS user guide, ml-inference-load-serve-model); it grows with each version.
    imageGiB: 9,
    // The image's entry point changed over the versions; this is the same in all of them.
    command: isAtLeast(request.version, readsCubinFolder) ? ["vllm", "serve"] : vllmCommand(),
    args: [
      request.modelId,
      ...flags({
        "--revision": request.modelRevision,
        "--served-model-name": request.servedName ?? request.modelId,
        "--host": "0.0.0.0",
        "--port": 8000,
        "--tensor-parallel-size": request.gpus,
        "--max-model-len": request.maxModelLength,
        "--max-num-seqs": request.maxConcurrency,
        // The default of 0 cuts off running requests.
        "--shutdown-timeout": row.drains ? request.drainSeconds : undefined,
      }),
      ...(request.extraArgs ?? []),
    ],
    env: environment({
      ...nonRootEnvironment(),
      ...caches(request.version),
      ...(isAtLeast(request.version, setsKeepAlive)
        ? { VLLM_HTTP_TIMEOUT_KEEP_ALIVE: String(keepAliveSeconds) }
        : {}),
      VLLM_NO_USAGE_STATS: "1",
    }),
    port: 8000,
    metricsPort: 8000,
    metricsPath: "/metrics",
    readinessPath: "/health",
    livenessPath: "/health",
    apiPaths: ["/v1"],
    sampleRequest: completionRequest(request),
    writablePaths: ["/tmp", homePath],
    cachePath,
    // The user `vllm` of the image since PR 40275; older images have no entry for it, which the environment covers.
    runAsUser: 2000,
    apiKeyVariable: "VLLM_API_KEY",
    keepAliveSeconds: isAtLeast(request.version, setsKeepAlive) ? keepAliveSeconds : fixedKeepAliveSeconds,
    huggingFaceTokenVariable: "HF_TOKEN",
    // torch.compile about 50 s and graph capture up to 60 s without a cache (EKS user guide; vllm issue 44881).
    initSeconds: 120,
  }),
};
