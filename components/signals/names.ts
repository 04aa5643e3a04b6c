/** Names of the signals: the same for every engine, and the names of the metrics in the custom metrics API. */
export const SignalName = {
  /** Requests that the engine works on or has queued. */
  RequestsInFlight: "inference_requests_in_flight",
  /** Requests that wait for the engine to start them. */
  QueueDepth: "inference_queue_depth",
  /** Requests answered per second. */
  RequestsPerSecond: "inference_requests_per_second",
  /** Requests that ended in an error, per second. Watched, not scaled on. */
  FailuresPerSecond: "inference_failures_per_second",
  /** Share of the KV cache in use. */
  KvCacheUtilization: "inference_kv_cache_utilization",
  /** 95th percentile of the time to the first token. */
  TimeToFirstTokenP95: "inference_time_to_first_token_p95_seconds",
  /** 99th percentile of the time to the whole answer. */
  RequestLatencyP99: "inference_request_latency_p99_seconds",
  /** Tokens generated per second. */
  TokensPerSecond: "inference_tokens_per_second",
  /** CPU in use, percent of the request. */
  CpuUtilization: "cpu_utilization",
  /** Memory in use, percent of the request. */
  MemoryUtilization: "memory_utilization",
} as const;
export type SignalName = (typeof SignalName)[keyof typeof SignalName];
