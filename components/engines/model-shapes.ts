/** What the memory of a model's KV cache depends on. */
export interface ModelShape {
  /** Layers with attention. */
  layers: number;
  /** Key-value heads of a layer. */
  kvHeads: number;
  /** Size of a head. */
  headSize: number;
  /** Longest context of the model's own, tokens. */
  contextTokens: number;
}

/**
 * Models by a part of their name, the longer part first. Source: config.json of each on the Hugging Face hub
 * (num_hidden_layers, num_key_value_heads, head_dim, max_position_embeddings), November 2026.
 */
const shapes: [string, number, number, number, number][] = [
  // part of the name, layers, KV heads, head size, context
  ["qwen2.5-0.5b", 24, 2, 64, 32_768],
  ["qwen2.5-1.5b", 28, 2, 128, 32_768],
  ["qwen2.5-3b", 36, 2, 128, 32_768],
  ["qwen2.5-7b", 28, 4, 128, 32_768],
  ["qwen2.5-14b", 48, 8, 128, 32_768],
  ["qwen2.5-32b", 64, 8, 128, 32_768],
  ["qwen2.5-72b", 80, 8, 128, 32_768],
  ["qwen3-0.6b", 28, 8, 128, 40_960],
  ["qwen3-1.7b", 28, 8, 128, 40_960],
  ["qwen3-4b", 36, 8, 128, 40_960],
  ["qwen3-8b", 36, 8, 128, 40_960],
  ["qwen3-14b", 40, 8, 128, 40_960],
  ["qwen3-32b", 64, 8, 128, 40_960],
  ["qwq-32b", 64, 8, 128, 40_960],
  ["llama-2-7b", 32, 32, 128, 4096],
  ["llama-2-13b", 40, 40, 128, 4096],
  ["llama-2-70b", 80, 8, 128, 4096],
  ["llama-3-8b", 32, 8, 128, 8192],
  ["llama-3-70b", 80, 8, 128, 8192],
  ["llama-3.1-8b", 32, 8, 128, 131_072],
  ["llama-3.1-70b", 80, 8, 128, 131_072],
  ["llama-3.1-405b", 126, 8, 128, 131_072],
  ["llama-3.2-1b", 16, 8, 64, 131_072],
  ["llama-3.2-3b", 28, 8, 128, 131_072],
  ["llama-3.3-70b", 80, 8, 128, 131_072],
  ["mistral-7b-instruct-v0.2", 32, 8, 128, 32_768],
  ["mistral-7b-instruct-v0.3", 32, 8, 128, 32_768],
  ["mixtral-8x7b", 32, 8, 128, 32_768],
  ["mistral-small-24b", 40, 8, 128, 32_768],
  ["deepseek-r1-distill-qwen-1.5b", 28, 2, 128, 131_072],
  ["deepseek-r1-distill-qwen-7b", 28, 4, 128, 131_072],
  ["deepseek-r1-distill-qwen-14b", 48, 8, 128, 131_072],
  ["deepseek-r1-distill-qwen-32b", 64, 8, 128, 131_072],
  ["deepseek-r1-distill-llama-8b", 32, 8, 128, 131_072],
  ["deepseek-r1-distill-llama-70b", 80, 8, 128, 131_072],
];

/** Names whose models are built differently from those whose name they contain. */
const others = /-(vl|omni|audio|embedding|reranker|2507|1m)\b/;

/** The shape of a model, by its id; undefined for one that is not known. */
export function modelShape(id: string): ModelShape | undefined {
  const name = id.toLowerCase().replace("meta-llama/meta-", "");
  if (others.test(name)) return undefined;
  const found = shapes
    .filter(([part]) => new RegExp(`(^|[/-])${part.replaceAll(".", "\\.")}(?![\\d.])`).test(name))
    .sort(([a], [b]) => b.length - a.length)[0];
  if (!found) return undefined;
  const [, layers, kvHeads, headSize, contextTokens] = found;
  return { layers, kvHeads, headSize, contextTokens };
}

/** Bytes of the KV cache for one token, over all GPUs of a tensor-parallel group. */
export function kvBytesPerToken(shape: ModelShape, gpus: number, bytesPerValue: number): number {
  // With fewer heads than GPUs, heads are held more than once.
  return 2 * shape.layers * Math.max(shape.kvHeads, gpus) * shape.headSize * bytesPerValue;
}
