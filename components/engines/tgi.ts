import { SignalName } from "../signals/names";
import { ArgumentParser } from "./arguments";
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
  instead,
  nonRootEnvironment,
} from "./catalog";
import { tgiCommand } from "./launch";

const rows: EngineRow[] = [
  {
    from: "2.3.0",
    until: "3.1.0",
    source:
      "huggingface/text-generation-inference router/src/server.rs, backends/v3/src; docs/source/reference/metrics.md",
    signals: {
      // There is no gauge of running requests; the size of the current batch is the nearest.
      [SignalName.RequestsInFlight]: gauges(["tgi_batch_current_size", "tgi_queue_size"]),
      [SignalName.QueueDepth]: gauges(["tgi_queue_size"]),
      [SignalName.RequestsPerSecond]: counters(["tgi_request_success"]),
      // The sum of a histogram is a counter.
      [SignalName.TokensPerSecond]: counters(["tgi_request_generated_tokens_sum"]),
      [SignalName.RequestLatencyP99]: histogram("tgi_request_duration"),
      [SignalName.FailuresPerSecond]: counters(["tgi_request_failure"]),
    },
    deprecatedSeries: {},
    // The launcher gives its server 90 seconds after SIGTERM; before 3.2 there is no flag to change that.
    drains: true,
  },
];

/** Text Generation Inference, https://github.com/huggingface/text-generation-inference (in maintenance mode). */
export const tgi: EngineEntry = {
  rows,
  boundary: "from 3.1 the image keeps Python under /root, which a non-root user cannot read (issue 3082)",
  minGpus: 1,
  ownedFlags: {
    "--model-id": instead.modelId,
    "--revision": instead.revision,
    "--hostname": instead.platform,
    "--port": instead.platform,
    "-p": instead.platform,
    "--prometheus-port": instead.platform,
    "--api-key": instead.apiKey,
    "--num-shard": instead.gpus,
    "--sharded": instead.gpus,
    "--max-total-tokens": instead.maxLength,
    "--max-concurrent-requests": instead.maxConcurrency,
    "--huggingface-hub-cache": instead.cache,
  },
  parser: ArgumentParser.Clap,
  variablesOfFlags: true,
  tensorParallel: true,
  profile: (request) => ({
    image: `ghcr.io/huggingface/text-generation-inference:${request.version}`,
    imageGiB: 6,
    command: tgiCommand(),
    args: [
      ...flags({
        "--model-id": request.modelId,
        "--revision": request.modelRevision,
        // The image's own port is 80.
        "--port": 8080,
        "--num-shard": request.gpus,
        "--max-total-tokens": request.maxModelLength,
        "--max-concurrent-requests": request.maxConcurrency,
        "--huggingface-hub-cache": `${cachePath}/huggingface/hub`,
      }),
      ...(request.extraArgs ?? []),
    ],
    env: environment({ ...nonRootEnvironment(), TRITON_CACHE_DIR: `${cachePath}/triton` }),
    port: 8080,
    metricsPort: 8080,
    metricsPath: "/metrics",
    readinessPath: "/health",
    livenessPath: "/health",
    apiPaths: ["/v1", "/generate", "/generate_stream"],
    sampleRequest: completionRequest(request),
    writablePaths: ["/tmp", homePath],
    cachePath,
    runAsUser: 1000,
    apiKeyVariable: "TGI_API_KEY",
    // Its HTTP server (axum 0.7 without a timer) closes no idle connection.
    keepAliveSeconds: 0,
    huggingFaceTokenVariable: "HF_TOKEN",
    initSeconds: 60,
  }),
};
