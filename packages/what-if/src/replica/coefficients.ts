/** How long a step of an engine takes, and what it can hold: one model on one kind and number of GPUs. */
export interface EngineCoefficients {
  /** Of a step, whatever is in it: weights read once, kernels launched. Prompts are computed at the same time. */
  stepMs: number;
  /** Per sequence that gets a token in the step. */
  sequenceMs: number;
  /** Per 1,000 tokens of context read in the step, over all its sequences. */
  contextMs: number;
  /** Per 1,000 prompt tokens computed in the step. */
  prefillMs: number;
  /** Per 1,000 prompt tokens that attend to 1,000 tokens before them. */
  attentionMs: number;
  /** Of a step that computes a prompt, on top. */
  prefillStepMs: number;
  /** Before and after the engine, per request: HTTP, tokenizer. */
  requestMs: number;
  /** Tokens of all sequences that its KV cache holds. */
  kvTokens: number;
  /** vLLM's --max-num-seqs. */
  maxSequences: number;
  /** vLLM's --max-num-batched-tokens: prompt and output tokens of a step. */
  tokenBudget: number;
}

/** An architecture, as its config.json has it. */
export interface ModelShape {
  /** Billions. */
  parameters: number;
  layers: number;
  /** Key and value heads, and their size. */
  kvHeads: number;
  headSize: number;
  /** Width of attention: heads times their size. */
  width: number;
  /** Bytes per weight: 2 for BF16, 1 for FP8. */
  weightBytes: number;
}

/** A GPU, as its data sheet has it: dense BF16 TFLOPS, TB/s, GB. */
export interface GpuShape {
  tflops: number;
  bandwidth: number;
  memory: number;
  /** How much of the arithmetic a long prompt gets. */
  prefillEfficiency: number;
  /** Whether a measurement stands behind the figures of this GPU. */
  measured: boolean;
}

/**
 * Sources, November 2026: config.json of the models; peak and bandwidth of H100, A100 and L40S from
 * inference-sim/inference-sim f90a1e3 hardware_config.json, of L4 and A10G from NVIDIA's data sheets.
 */
export const models = {
  "qwen-2.5-3b": { parameters: 3.09, layers: 36, kvHeads: 2, headSize: 128, width: 2048, weightBytes: 2 },
  "qwen-2.5-14b": { parameters: 14.77, layers: 48, kvHeads: 8, headSize: 128, width: 5120, weightBytes: 2 },
  "qwen-2.5-32b": { parameters: 32.8, layers: 64, kvHeads: 8, headSize: 128, width: 5120, weightBytes: 2 },
  "llama-3.1-8b": { parameters: 8.03, layers: 32, kvHeads: 8, headSize: 128, width: 4096, weightBytes: 2 },
  "llama-3.1-8b-fp8": {
    parameters: 8.03,
    layers: 32,
    kvHeads: 8,
    headSize: 128,
    width: 4096,
    weightBytes: 1,
  },
  "qwen-2.5-7b": { parameters: 7.62, layers: 28, kvHeads: 4, headSize: 128, width: 3584, weightBytes: 2 },
  "llama-2-7b": { parameters: 6.74, layers: 32, kvHeads: 32, headSize: 128, width: 4096, weightBytes: 2 },
  "mistral-nemo-12b": {
    parameters: 12.25,
    layers: 40,
    kvHeads: 8,
    headSize: 128,
    width: 4096,
    weightBytes: 2,
  },
  "ministral-3-8b-fp8": {
    parameters: 8.8,
    layers: 34,
    kvHeads: 8,
    headSize: 128,
    width: 4096,
    weightBytes: 1,
  },
  "llama-3.1-70b": { parameters: 70.6, layers: 80, kvHeads: 8, headSize: 128, width: 8192, weightBytes: 2 },
  "llama-2-70b": { parameters: 69, layers: 80, kvHeads: 8, headSize: 128, width: 8192, weightBytes: 2 },
} satisfies Record<string, ModelShape>;

export const gpus = {
  H100: { tflops: 989.5, bandwidth: 3.35, memory: 80, prefillEfficiency: 0.45, measured: true },
  A100: { tflops: 312, bandwidth: 2.04, memory: 80, prefillEfficiency: 0.38, measured: true },
  L40S: { tflops: 362, bandwidth: 0.864, memory: 48, prefillEfficiency: 0.32, measured: false },
  A10G: { tflops: 70, bandwidth: 0.6, memory: 24, prefillEfficiency: 0.32, measured: false },
  L4: { tflops: 121, bandwidth: 0.3, memory: 24, prefillEfficiency: 0.32, measured: false },
} satisfies Record<string, GpuShape>;

/**
 * What a step takes beyond the hardware's bounds: a factor on reading the weights, and microseconds per layer, sequence and
 * step. Fitted to the H100 rows of test/replica/measured.ts (vLLM 0.15), in the form of inference-sim's trained-physics
 * model (sim/latency/trained_physics_model.go, f90a1e3); KV reads are taken at the full bandwidth.
 */
const weightFactor = 1.2;
const layerUs = 30;
const parallelLayerUs = 12;
const sequenceUs = 43;
const fixedUs = 115;
const prefillLayerUs = 29;
const parallelPrefillLayerUs = 15;
const requestMs = 16;
/** vLLM's --gpu-memory-utilization, less what activations and graphs take. */
const memoryShare = 0.9;
const reservedGb = 2.5;

/** Coefficients from the shapes alone. */
export function derived(
  model: ModelShape,
  gpu: GpuShape,
  tensorParallel = 1,
  tokenBudget = 2048,
): EngineCoefficients {
  const weightsGb = model.parameters * model.weightBytes;
  const kvBytes = 2 * model.kvHeads * model.headSize * 2 * model.layers;
  const bandwidth = gpu.bandwidth * tensorParallel;
  const free = (gpu.memory * memoryShare - reservedGb) * tensorParallel - weightsGb;
  const parallel = tensorParallel > 1 ? 1 : 0;
  return {
    stepMs:
      (weightFactor * weightsGb) / bandwidth +
      ((layerUs + parallel * parallelLayerUs) * model.layers + fixedUs) / 1000,
    sequenceMs: sequenceUs / 1000,
    contextMs: kvBytes / bandwidth / 1e6,
    attentionMs:
      (4 * model.layers * model.width) / (gpu.tflops * tensorParallel * gpu.prefillEfficiency) / 1e3,
    prefillMs: ((2 * model.parameters) / (gpu.tflops * tensorParallel * gpu.prefillEfficiency)) * 1000,
    prefillStepMs: ((prefillLayerUs + parallel * parallelPrefillLayerUs) * model.layers) / 1000,
    requestMs,
    kvTokens: Math.max(0, Math.floor((free * 1e9) / kvBytes)),
    maxSequences: 128,
    tokenBudget,
  };
}
