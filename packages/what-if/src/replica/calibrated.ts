import {
  derived,
  type EngineCoefficients,
  type GpuShape,
  gpus,
  type ModelShape,
  models,
} from "./coefficients";

/**
 * What measurements change of the derived coefficients, per model, GPU and tensor parallelism: fitted to the rows of
 * test/replica/measured.ts of the same name, whose errors `npm test` prints. Llama-2-70B and the A100s ran engines of 2023
 * and 2024, the L4 vLLM of early 2025 with an unknown share of prefix hits.
 */
const calibrated: Record<string, Partial<EngineCoefficients>> = {
  "qwen-2.5-7b H100 1": { stepMs: 6.41, sequenceMs: 0.037, contextMs: 0.026, prefillStepMs: 1.55 },
  "llama-2-7b H100 1": {
    stepMs: 8.2,
    sequenceMs: 0.01,
    contextMs: 0.075,
    prefillStepMs: 0.5,
    requestMs: 11.5,
  },
  "llama-3.1-8b H100 1": { stepMs: 6.83, sequenceMs: 0.038, contextMs: 0.062, prefillStepMs: 7.57 },
  "llama-3.1-8b H100 2": { stepMs: 5.43, sequenceMs: 0.021, contextMs: 0.012, prefillStepMs: 2.66 },
  "mistral-nemo-12b H100 1": { stepMs: 8.52, sequenceMs: 0.042, contextMs: 0.046, prefillStepMs: 1.52 },
  "mistral-nemo-12b H100 2": { stepMs: 5.11, sequenceMs: 0.082, contextMs: 0.047, prefillStepMs: 0.34 },
  "llama-3.1-70b H100 4": { stepMs: 16.1, sequenceMs: 0.022, contextMs: 0.031, prefillStepMs: 11.6 },
  "llama-2-70b H100 8": {
    stepMs: 30,
    sequenceMs: 0.29,
    contextMs: 0.012,
    prefillMs: 91.5,
    prefillStepMs: 6.5,
  },
  "llama-2-70b A100 8": {
    stepMs: 44,
    sequenceMs: 0.42,
    contextMs: 0.031,
    prefillMs: 212,
    prefillStepMs: 1.3,
  },
  "llama-3.1-8b A100 2": {
    stepMs: 8.3,
    sequenceMs: 0.15,
    contextMs: 0.085,
    prefillMs: 55,
    prefillStepMs: 0.9,
  },
  "llama-3.1-8b-fp8 L4 1": {
    stepMs: 98,
    sequenceMs: 0.077,
    contextMs: 0.75,
    prefillMs: 97,
    prefillStepMs: 0.9,
  },
};

/** How far coefficients can be trusted. */
export const Basis = {
  /** Fitted to measurements of this model on this GPU. */
  Measured: "measured",
  /** From the shapes, with factors fitted on H100s; A100 within about a sixth, others unvalidated. */
  Derived: "derived",
  /** Given by the user. */
  Given: "given",
} as const;
export type Basis = (typeof Basis)[keyof typeof Basis];

/** Coefficients of a model on a GPU, both by their names in `models` and `gpus`. */
export function coefficientsOf(
  model: string,
  gpu: string,
  tensorParallel = 1,
): { engine: EngineCoefficients; basis: Basis } {
  const shape: ModelShape | undefined = models[model as keyof typeof models];
  const card: GpuShape | undefined = gpus[gpu as keyof typeof gpus];
  if (!shape) throw new Error(`no model ${model}: known are ${Object.keys(models).join(", ")}`);
  if (!card) throw new Error(`no GPU ${gpu}: known are ${Object.keys(gpus).join(", ")}`);
  const measured = calibrated[`${model} ${gpu} ${tensorParallel}`];
  return {
    engine: { ...derived(shape, card, tensorParallel), ...measured },
    basis: measured ? Basis.Measured : Basis.Derived,
  };
}
