import { UserError } from "@inference-platform/kit";
import type { Plan, NodePool as PlannedPool } from "@inference-platform/planner";
import { metricsTiming } from "../../../components/signals/timing";
import type { NodePool } from "./fleet/fleet";
import { type Startup, startupOf } from "./fleet/startup";
import type { HpaSpec } from "./hpa/spec";
import { type Basis, coefficientsOf } from "./replica/calibrated";
import type { EngineCoefficients } from "./replica/coefficients";
import type { MetricsPath } from "./serving/scrape";

/** What a plan says about the scaling of one service. */
export interface ServiceScaling {
  name: string;
  model: string;
  /** Name in `gpus`. */
  gpu: string;
  engine: EngineCoefficients;
  basis: Basis;
  /** Undefined: a fixed number of replicas. */
  hpa?: HpaSpec;
  min: number;
  max: number;
  pool: NodePool;
  startup: Startup;
  path: MetricsPath;
  longestSeconds: number;
  /** US dollars. */
  nodeHour: number;
  /** What had to be assumed. */
  assumptions: string[];
}

type Values = Record<string, unknown>;

/** The label that node groups carry, as `gpus` has it. */
const accelerators: Record<string, string> = {
  "nvidia-l4": "L4",
  "nvidia-l40s": "L40S",
  "nvidia-a10g": "A10G",
  "nvidia-a100": "A100",
  "nvidia-h100": "H100",
};

/** The services of a plan that run a model on GPUs. @throws UserError when one cannot be simulated */
export function servicesOf(plan: Plan): ServiceScaling[] {
  return plan.placement.workloads
    .filter(
      ({ kind, request }) =>
        kind === "Deployment" && Object.keys(request.extended).some((name) => name.includes("gpu")),
    )
    .map((workload) => serviceOf(plan, workload.name));
}

function serviceOf(plan: Plan, name: string): ServiceScaling {
  const workload = plan.placement.workloads.find((one) => one.name === name && one.kind === "Deployment");
  const pool = plan.placement.pools.find((one) => one.name === workload?.pools[0]);
  const values = valuesOf(plan, name);
  if (!workload || !pool || !values)
    throw new UserError(`${name}: its plan has no node pool or no values of its release.`);
  const args = (values.args as string[] | undefined) ?? [];
  const model =
    args.find((argument) => !argument.startsWith("-")) ??
    option(args, "--model") ??
    option(args, "--model-path") ??
    "";
  const gpu = accelerators[pool.labels["k8s.amazonaws.com/accelerator"] ?? ""];
  if (!gpu)
    throw new UserError(
      `${name}: nodes of ${pool.name} carry no accelerator that can be simulated (${Object.keys(accelerators).join(", ")}).`,
    );
  const tensorParallel = Number(option(args, "--tensor-parallel-size") ?? 1);
  const { engine, basis, notes, weightsGiB } = coefficientsOf(model, gpu, tensorParallel);
  const cached = (values.cache as Values | undefined)?.mode !== "none";
  const timing = metricsTiming(Number((values.metrics as Values | undefined)?.intervalSeconds ?? 15));
  const hpa = plan.resources.find(
    ({ type, inputs }) =>
      type === "kubernetes:autoscaling/v2:HorizontalPodAutoscaler" &&
      ((inputs.spec as Values).scaleTargetRef as Values).name === name,
  )?.inputs.spec as HpaSpec | undefined;
  const requested = Math.max(1, ...Object.values(workload.request.extended));
  const onNode = Math.max(1, ...Object.values(pool.allocatable?.extended ?? {}));
  return {
    name,
    model,
    gpu,
    engine: {
      ...engine,
      maxSequences: Number(option(args, "--max-num-seqs") ?? engine.maxSequences),
      tokenBudget: Number(option(args, "--max-num-batched-tokens") ?? engine.tokenBudget),
    },
    basis,
    hpa,
    min: workload.replicas.floor,
    max: workload.replicas.ceiling,
    pool: {
      min: pool.nodes.floor,
      max: pool.nodes.ceiling,
      replicasPerNode: Math.max(1, Math.floor(onNode / requested)),
    },
    startup: startupOf({ weightsGiB, imageCached: false, weightsCached: false }),
    path: {
      scrapeSeconds: timing.scrapeIntervalSeconds,
      relistSeconds: timing.relistIntervalSeconds,
      rateSeconds: timing.rateWindowSeconds,
    },
    longestSeconds: longest(plan, name),
    nodeHour: nodeHourOf(plan, pool),
    assumptions: [
      ...notes,
      cached
        ? "nodes that the pool adds are new: image and weights are downloaded although the service keeps them on the node"
        : "image and weights are downloaded on every new node",
    ],
  };
}

/** Values of the service's release, which has its name in the cluster. */
function valuesOf(plan: Plan, name: string): Values | undefined {
  return plan.resources.find(
    ({ type, inputs }) => type === "kubernetes:helm.sh/v3:Release" && inputs.name === name,
  )?.inputs.values as Values | undefined;
}

/** Value of `--name=value` or `--name value`. */
function option(args: string[], name: string): string | undefined {
  const at = args.findIndex((argument) => argument === name || argument.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return args[at]?.includes("=") ? args[at]?.slice(name.length + 1) : args[at + 1];
}

/** The longest request that a pod waits for when it ends: what its drain is made for. */
function longest(plan: Plan, name: string): number {
  const args = (valuesOf(plan, name)?.args as string[] | undefined) ?? [];
  return Number(option(args, "--shutdown-timeout") ?? 300);
}

/** Of the bill's line for the pool's nodes. */
function nodeHourOf(plan: Plan, pool: PlannedPool): number {
  const line = plan.cost.lines.find(
    ({ item }) => item.startsWith("nodes ") && item.endsWith(`(${pool.name})`),
  );
  const count = line?.quantity.ceiling ?? 0;
  return line?.hourly && count > 0 ? line.hourly.ceiling / count : 0;
}
