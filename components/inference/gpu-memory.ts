import type { Problem } from "../common/problem";
import { type GivenFlag, parseArguments } from "../engines/arguments";
import type { ServedModel } from "../engines/model";
import { kvBytesPerToken, modelShape } from "../engines/model-shapes";
import { Engine, type EngineProfile } from "../engines/profile";
import { isAtLeast } from "../engines/version";
import type { GpuPool } from "../gpu/pool";

/** A replica on its GPUs. */
export interface GpuReplica {
  profile: EngineProfile;
  model: ServedModel;
  pool?: GpuPool;
  gpusPerReplica: number;
}

/** Where the memory of a replica's GPUs goes, GiB over all of them. */
export interface GpuMemory {
  /** What the engine may take. */
  usable: number;
  /** Weights, as they are loaded. */
  weights: number;
  /** Activations and captured graphs, at least. */
  overhead: number;
  /** What is left for the KV cache. */
  kvCache: number;
  /** Tokens that it holds; undefined for a model whose shape is not known. */
  kvTokens?: number;
  /** Longest context asked for, or the model's own; undefined when neither is known. */
  contextTokens?: number;
}

/** How engines that load the whole model name what memory depends on. */
interface MemoryFlags {
  share: string;
  defaultShare: (version: string) => number;
  context: string;
  quantization: string;
  /** True when it does not start without room for one request of the longest context. */
  needsContext: boolean;
}

const engines: Partial<Record<Engine, MemoryFlags>> = {
  [Engine.Vllm]: {
    share: "--gpu-memory-utilization",
    // vllm/config/cache.py: 0.92 in 0.25.0 and 0.30.0, 0.9 in 0.18.
    defaultShare: (version) => (isAtLeast(version, "0.25.0") ? 0.92 : 0.9),
    context: "--max-model-len",
    quantization: "--quantization",
    needsContext: true,
  },
  [Engine.Sglang]: {
    share: "--mem-fraction-static",
    // Computed from the GPU, 0.88 when that fails (docs, advanced_features/server_arguments; sglang PR 29135).
    defaultShare: () => 0.88,
    context: "--context-length",
    quantization: "--quantization",
    needsContext: false,
  },
  [Engine.Tgi]: {
    share: "--cuda-memory-fraction",
    defaultShare: () => 1,
    context: "--max-total-tokens",
    quantization: "--quantize",
    needsContext: true,
  },
};

/** Per GPU, GiB: CUDA context, activations, graphs. The least that is seen; most models take more. */
const overheadPerGpu = 1;

/** Where the memory of a replica's GPUs goes; undefined for engines that do not load the whole model into it. */
export function gpuMemory({ profile, model, pool, gpusPerReplica: gpus }: GpuReplica): GpuMemory | undefined {
  const names = engines[profile.engine];
  if (!names || !pool || gpus === 0) return undefined;
  const { flags } = parseArguments(profile.args);
  const number = (name: string) => finite(last(flags, name)?.value);
  const share = number(names.share) ?? names.defaultShare(profile.version);
  const physical = (gpus * pool.gpuMemoryMiB) / 1024 / (pool.sharesPerGpu ?? 1);
  const usable = Math.min(1, share * (pool.sharesPerGpu ?? 1)) * physical;
  const offloaded = gpus * (number("--cpu-offload-gb") ?? 0);
  const weights = Math.max(
    0,
    model.weightsGiB * loadedShare(last(flags, names.quantization)?.value) - offloaded,
  );
  const overhead = gpus * overheadPerGpu;
  const kvCache = usable - weights - overhead;
  const shape = modelShape(model.id);
  const bytes = last(flags, "--kv-cache-dtype")?.value?.startsWith("fp8") ? 1 : 2;
  return {
    usable,
    weights,
    overhead,
    kvCache,
    ...(shape && { kvTokens: Math.floor((kvCache * 2 ** 30) / kvBytesPerToken(shape, gpus, bytes)) }),
    contextTokens: number(names.context) ?? shape?.contextTokens,
  };
}

/** What is left of the weights when the engine makes them smaller while it loads: at least this much. */
function loadedShare(quantization: string | undefined): number {
  if (quantization === undefined) return 1;
  if (/^(bitsandbytes|torchao)/.test(quantization)) return 0.25;
  return /^(fp8|int8|eetq|experts_int8|w8a8|ptpc_fp8|tpu_int8)/.test(quantization) ? 0.5 : 1;
}

/** The last one counts. */
function last(flags: GivenFlag[], name: string): GivenFlag | undefined {
  return flags.findLast((flag) => flag.name === name);
}

function finite(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || text === "" || !Number.isFinite(value) ? undefined : value;
}

/** Why the model and the KV cache of one request do not fit the GPUs of a replica. Paths are `model.…` and `extraArgs`. */
export function gpuMemoryProblems(replica: GpuReplica): Problem[] {
  const memory = gpuMemory(replica);
  if (!memory) return [];
  const { pool, gpusPerReplica, profile, model } = replica;
  const { usable, weights, overhead, kvCache, kvTokens, contextTokens } = memory;
  const names = engines[profile.engine];
  const size = (gib: number) => `${gib.toFixed(1)} GiB`;
  const gpus = `${gpusPerReplica} × ${pool?.instanceTypes[0]}`;
  if (kvCache <= 0)
    return [
      {
        path: "model.weightsGiB",
        value: model.weightsGiB,
        message: `must leave room for the KV cache: of ${size(usable)} that ${profile.engine} uses of the GPU memory of a replica (${gpus}), weights take ${size(weights)} and activations at least ${size(overhead)}`,
        fix: "Use more GPUs per replica, larger ones, or a quantised model.",
      },
    ];
  const sharing = sharingProblems(replica, names);
  if (sharing.length > 0) return sharing;
  if (
    !names?.needsContext ||
    kvTokens === undefined ||
    contextTokens === undefined ||
    contextTokens <= kvTokens
  )
    return [];
  return [
    {
      path: "model.maxLength",
      value: contextTokens,
      message: `must be at most ${kvTokens} tokens: that is the KV cache which fits beside the weights, and ${profile.engine} does not start without room for one request`,
      fix: "Set model.maxLength lower, use more or larger GPUs, or a quantised model.",
    },
  ];
}

/** Engines on one GPU know nothing of each other: each takes its share of the whole. */
function sharingProblems({ pool, profile }: GpuReplica, names: MemoryFlags | undefined): Problem[] {
  const shares = pool?.sharesPerGpu ?? 1;
  if (!names || shares === 1) return [];
  const given = finite(last(parseArguments(profile.args).flags, names.share)?.value);
  const share = given ?? names.defaultShare(profile.version);
  if (share * shares <= 1) return [];
  const most = Math.floor(95 / shares) / 100;
  return [
    {
      path: "extraArgs",
      value: given === undefined ? [] : [`${names.share}=${given}`],
      message: `must have ${names.share}=${most} or less: ${shares} pods share a GPU, and each takes ${Math.round(100 * share)} % of its memory`,
    },
  ];
}
