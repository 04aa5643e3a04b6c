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

/** Coefficients of a model on a GPU, and how they are known. */
export interface KnownEngine {
  engine: EngineCoefficients;
  basis: Basis;
  weightsGiB: number;
  notes: string[];
}

/**
 * Coefficients of a model by its name in `models` or on its hub, on a GPU by its name in `gpus`. The shape of an unknown
 * model is that of the known one nearest in size.
 *
 * @throws Error for a GPU that is not known, or a model whose name does not say its size
 */
export function coefficientsOf(model: string, gpu: string, tensorParallel = 1): KnownEngine {
  const card: GpuShape | undefined = gpus[gpu as keyof typeof gpus];
  if (!card) throw new Error(`no GPU ${gpu}: known are ${Object.keys(gpus).join(", ")}`);
  const { name, shape, note } = shapeOf(model);
  const measured = calibrated[`${name} ${gpu} ${tensorParallel}`];
  const notes = note ? [note] : [];
  if (!measured)
    notes.push(
      `speed of ${model} on ${gpu} is derived from its size and the GPU's data sheet, not measured` +
        (card.measured ? "" : `; nothing was measured on ${gpu} with this engine`),
    );
  return {
    engine: { ...derived(shape, card, tensorParallel), ...measured },
    basis: measured ? Basis.Measured : Basis.Derived,
    weightsGiB: (shape.parameters * shape.weightBytes * 1e9) / 2 ** 30,
    notes,
  };
}

function shapeOf(model: string): { name: string; shape: ModelShape; note?: string } {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9.]/g, "")
      .replace(/meta|instruct|chat|hf|it$/g, "");
  const wanted = plain(model.slice(model.lastIndexOf("/") + 1));
  const exact = Object.entries(models).find(([name]) => plain(name) === wanted);
  if (exact) return { name: exact[0], shape: exact[1] };
  const billions = Number(/([0-9.]+)b/.exec(wanted)?.[1]);
  if (!(billions > 0))
    throw new Error(
      `no model ${model}, and its name does not say its size: known are ${Object.keys(models).join(", ")}`,
    );
  const distance = (shape: ModelShape) => Math.abs(Math.log(shape.parameters / billions));
  const [name, nearest] = Object.entries(models).reduce((best, one) =>
    distance(one[1]) < distance(best[1]) ? one : best,
  );
  const note = `the shape of ${model} is taken to be that of ${name} at ${billions} billion parameters`;
  return { name: model, shape: { ...nearest, parameters: billions }, note };
}
