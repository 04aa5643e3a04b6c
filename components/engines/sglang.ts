import { SignalName } from "../signals/names";
import type { LabelMatch } from "../signals/series";
import {
  cachePath,
  completionRequest,
  counters,
  type EngineEntry,
  type EngineRow,
  environment,
  flags,
  gauges,
  histogram,
  homePath,
  nonRootEnvironment,
} from "./catalog";

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

// SGLang takes its key only as an argument. Without the variable the argument is left out.
const launch =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell expands it, not TypeScript
  'exec python3 -m sglang.launch_server "$@" ${SGLANG_API_KEY:+--api-key "$SGLANG_API_KEY"}';

/** SGLang, https://github.com/sgl-project/sglang. */
export const sglang: EngineEntry = {
  rows,
  boundary: "the metrics of other versions have not been read",
  minGpus: 1,
  ownedFlags: [
    "--model",
    "--model-path",
    "--revision",
    "--host",
    "--port",
    "--api-key",
    "--served-model-name",
    "--tp",
    "--tp-size",
    "--tensor-parallel-size",
    "--context-length",
    "--max-running-requests",
    "--enable-metrics",
  ],
  // Metrics are off unless asked for, and the platform always asks.
  metricsOffArgs: /^$/,
  profile: (request) => ({
    image: `lmsysorg/sglang:v${request.version}`,
    // An estimate: the image carries a CUDA tool chain for kernels compiled at run time.
    imageGiB: 14,
    command: ["/bin/sh", "-c", launch, "sglang"],
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
    }),
    port: 30000,
    metricsPort: 30000,
    metricsPath: "/metrics",
    readinessPath: "/health",
    livenessPath: "/health",
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
