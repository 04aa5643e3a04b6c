import { SignalName } from "../signals/names";
import { ArgumentParser } from "./arguments";
import {
  cachePath,
  counters,
  type EngineEntry,
  type EngineRow,
  environment,
  flags,
  gauges,
  homePath,
  instead,
  nonRootEnvironment,
} from "./catalog";
import { parseVersion } from "./version";

const rows: EngineRow[] = [
  {
    from: "23.4.0",
    until: "26.10.0",
    source: "triton-inference-server/server docs/user_guide/metrics.md",
    signals: {
      [SignalName.QueueDepth]: gauges(["nv_inference_pending_request_count"]),
      [SignalName.RequestsPerSecond]: counters(["nv_inference_request_success"]),
      [SignalName.FailuresPerSecond]: counters(["nv_inference_request_failure"]),
      // No latency: its counters hold sums of microseconds, of which no quantile can be taken, and its histogram
      // of first responses exists only for decoupled models and is declared experimental.
    },
    deprecatedSeries: {},
    drains: true,
  },
];

/** Container releases are named by year and month, with a leading zero: `26.07`. */
function release(version: string): string {
  const parsed = parseVersion(version);
  return parsed ? `${parsed.major}.${String(parsed.minor).padStart(2, "0")}` : version;
}

/**
 * NVIDIA Triton, https://github.com/triton-inference-server/server. Its version is that of the container release
 * with a patch of 0: `26.7.0` is `26.07-py3`. The model is the model repository: a folder or an `s3://` address.
 */
export const triton: EngineEntry = {
  rows,
  boundary: "the metrics of other releases have not been read",
  minGpus: 0,
  ownedFlags: {
    "--model-repository": instead.modelId,
    "--model-store": instead.modelId,
    "--http-port": instead.platform,
    "--metrics-port": instead.platform,
    "--exit-timeout-secs": instead.longestRequest,
    "--allow-http": instead.platform,
  },
  parser: ArgumentParser.Getopt,
  tensorParallel: false,
  metricsOff: { flag: "--allow-metrics", values: ["false", "0"] },
  profile: (request) => ({
    image: `nvcr.io/nvidia/tritonserver:${release(request.version)}-py3`,
    imageGiB: 9,
    command: ["tritonserver"],
    args: [
      ...flags({
        "--model-repository": request.modelId,
        "--http-port": 8000,
        "--metrics-port": 8002,
        "--exit-timeout-secs": request.drainSeconds,
      }),
      ...(request.extraArgs ?? []),
    ],
    env: environment(nonRootEnvironment()),
    port: 8000,
    metricsPort: 8002,
    metricsPath: "/metrics",
    readinessPath: "/v2/health/ready",
    livenessPath: "/v2/health/live",
    apiPaths: ["/v2/models"],
    writablePaths: ["/tmp", homePath],
    cachePath,
    // The user `triton-server` of the image.
    runAsUser: 1000,
    // Its HTTP server (libevhtp, for which src/http_server.cc sets no time-out) closes no idle connection.
    keepAliveSeconds: 0,
    initSeconds: 30,
  }),
};
