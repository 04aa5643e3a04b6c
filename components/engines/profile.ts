import type { SignalSource } from "../signals/series";

/** Servers that the project knows. `custom` is any HTTP server. */
export const Engine = {
  /** vLLM: language models on GPUs, OpenAI-compatible. */
  Vllm: "vllm",
  /** SGLang: language models on GPUs, OpenAI-compatible. */
  Sglang: "sglang",
  /** Text Generation Inference of Hugging Face. */
  Tgi: "tgi",
  /** NVIDIA Triton: models of many frameworks, on GPU or CPU. */
  Triton: "triton",
  /** Any HTTP server, described where it is used. */
  Custom: "custom",
} as const;
export type Engine = (typeof Engine)[keyof typeof Engine];

/** What a service asks of its engine, and the profile is computed from. */
export interface EngineRequest {
  /** The server. */
  engine: Engine;
  /** Version of the engine, `major.minor.patch`. */
  version: string;
  /** Model as the engine names it: a Hugging Face id, or a path. */
  modelId: string;
  /** Git revision of the model. @default the repository's default branch */
  modelRevision?: string;
  /** Name under which clients ask for the model. @default modelId */
  servedName?: string;
  /** GPUs of one replica: tensor parallelism. 0 for CPU. */
  gpus: number;
  /** Longest context in tokens. @default the model's own */
  maxModelLength?: number;
  /** Time to finish running requests on shutdown, seconds. */
  drainSeconds: number;
  /** Highest number of requests that one replica works on at once. @default the engine's own */
  maxConcurrency?: number;
  /** Arguments appended to the engine's. @default none */
  extraArgs?: string[];
  /** The server itself, for `custom`. @default none; refused for other engines */
  custom?: CustomServer;
}

/** An HTTP server that is not in the catalog. */
export interface CustomServer {
  /** Image, by exact tag or digest. */
  image: string;
  /** Port of the API, 1024 to 65535. */
  port: number;
  /** Answers 200 when the server can take requests. */
  healthPath: string;
  /** Path of the metrics. @default no metrics */
  metricsPath?: string;
  /** Port of the metrics. @default port */
  metricsPort?: number;
  /** Path prefixes that clients may reach. */
  apiPaths: string[];
  /** Command. @default the image's own */
  command?: string[];
  /** Arguments. @default none */
  args?: string[];
  /** Folders that it writes to; each becomes an emptyDir. @default /tmp */
  writablePaths?: string[];
  /** User id to run as. @default 1000 */
  runAsUser?: number;
  /** Compressed size of the image, GiB. @default 1 */
  imageGiB?: number;
  /** Environment variable from which it reads the API key. @default it checks none */
  apiKeyVariable?: string;
  /** Which of its series make which signal, by signal name. @default none */
  signals?: Record<string, SignalSource>;
}

/** An environment variable with a plain value. */
export interface EnvironmentVariable {
  /** Name. */
  name: string;
  /** Value. */
  value: string;
}

/** Everything that the platform must know about an engine at a version, for one service. */
export interface EngineProfile {
  /** The server. */
  engine: Engine;
  /** Its version. */
  version: string;
  /** Image with exact tag. */
  image: string;
  /** Compressed size of the image, GiB. */
  imageGiB: number;
  /** Container command. Absent: the image's own. */
  command?: string[];
  /** Arguments. */
  args: string[];
  /** Environment, no secrets. */
  env: EnvironmentVariable[];
  /** Port of the API. */
  port: number;
  /** Port of the metrics; the API's where it has no other. */
  metricsPort: number;
  /** Absent when the server exports none. */
  metricsPath?: string;
  /** Answers 200 once requests can be taken. */
  readinessPath: string;
  /** Answers 200 while the process need not be restarted. */
  livenessPath: string;
  /** Path prefixes that clients may reach through the ingress. Never `/metrics` or admin routes. */
  apiPaths: string[];
  /** Body of one short real request, for warm-up and the helm test; absent when it cannot be known. */
  sampleRequest?: SampleRequest;
  /** Folders that the server writes to. */
  writablePaths: string[];
  /** Where the model cache is mounted. */
  cachePath: string;
  /** User id of its processes, not root. */
  runAsUser: number;
  /** Environment variable from which the API key is read; absent when the engine checks none. */
  apiKeyVariable?: string;
  /**
   * Seconds after which it closes a connection that nothing is sent on; 0 for never, absent when that is not known. A load
   * balancer that keeps connections for longer sends requests into closed ones, and answers 502.
   */
  keepAliveSeconds?: number;
  /** Environment variable for the Hugging Face token; absent when it needs none. */
  huggingFaceTokenVariable?: string;
  /** True when the engine finishes running requests after SIGTERM. */
  drains: boolean;
  /** Fixed part of the start-up, seconds: process start, compilation, graph capture; without weights. */
  initSeconds: number;
  /** Signals that can be computed from its series at this version, by signal name. */
  signals: Record<string, SignalSource>;
  /** Names of series that this version deprecates, with what replaces each. */
  deprecatedSeries: Record<string, string>;
}

/** A request that exercises the model. */
export interface SampleRequest {
  /** HTTP method. */
  method: string;
  /** Path on the port of the API. */
  path: string;
  /** JSON text; absent for a request without body. */
  body?: string;
}
