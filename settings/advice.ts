import type { Problem } from "../components/common/problem";
import { hubEngines, isHubId } from "../components/engines/model-id";
import { gpuPool } from "../components/gpu/pool";
import { serviceContract } from "../components/inference/contract";
import { gpuMemory } from "../components/inference/gpu-memory";
import { SignalName } from "../components/signals/names";
import { Environment, type ServiceSettings, type Settings } from "./schema";
import { poolArgs, serviceRequest } from "./workload";

/** What works, and is hardly what was meant: values beside others that make little sense together. */
export function adviceFor(settings: Settings): Problem[] {
  return [
    ...nodeAdvice(settings),
    ...settings.model.services.flatMap((service, index) =>
      serviceAdvice(service, settings).map((advice) => ({
        ...advice,
        path: `model.services[${index}].${advice.path}`,
      })),
    ),
    ...metricsAdvice(settings),
  ];
}

/** Nodes beyond those that replicas take; some are kept for updates and for what comes. */
function nodeAdvice({ gpu, model }: Settings): Problem[] {
  const { gpusPerNode } = gpuPool(poolArgs(gpu));
  const nodes = (bound: "min" | "max") =>
    Math.ceil(
      model.services.reduce((sum, { gpus, replicas }) => sum + gpus * replicas[bound], 0) / gpusPerNode,
    );
  const [atLeast, atMost] = [nodes("min"), nodes("max")];
  const advice: Problem[] = [];
  if (gpu.minNodes > Math.max(atMost, 2 * atLeast + 1)) {
    const message = `keeps nodes that no replica can use: at the highest numbers of replicas they take ${atMost}`;
    advice.push({ path: "gpu.minNodes", value: gpu.minNodes, message });
  } else if (gpu.minNodes > 2 * atLeast + 1) {
    const message = `keeps nodes idle: at the lowest numbers of replicas they take ${atLeast}`;
    advice.push({ path: "gpu.minNodes", value: gpu.minNodes, message });
  }
  if (gpu.maxNodes > 2 * atMost + 2) {
    const message = `lets the bill grow further than the services can: at the highest numbers of replicas they take ${atMost} nodes`;
    advice.push({ path: "gpu.maxNodes", value: gpu.maxNodes, message });
  }
  return advice;
}

function serviceAdvice(service: ServiceSettings, { environment, gpu }: Settings): Problem[] {
  const { maxConcurrency, signals = [], model, engine } = service;
  const advice = signals.flatMap(({ signal, target }, index): Problem[] => {
    if (signal !== SignalName.RequestsInFlight || !maxConcurrency || target < maxConcurrency) return [];
    const message = `is not below maxConcurrency (${maxConcurrency}): requests wait before the next replica is asked for`;
    return [
      { path: `signals[${index}].target`, value: target, message, fix: "About 65 % of it leaves room." },
    ];
  });
  const pinned = /^[0-9a-f]{40}$/.test(model.revision ?? "");
  if (
    environment === Environment.Production &&
    hubEngines.includes(engine) &&
    isHubId(model.id, engine) &&
    !pinned
  ) {
    const message = "is no commit: whoever owns the model can change what new replicas serve";
    advice.push({ path: "model.revision", value: model.revision, message, fix: "Pin one of 40 digits." });
  }
  return [...advice, ...concurrencyAdvice(service, gpu)];
}

/** Requests at once for which the KV cache has room when each takes a quarter of the longest context. */
function concurrencyAdvice(service: ServiceSettings, gpu: Settings["gpu"]): Problem[] {
  const { maxConcurrency } = service;
  if (!maxConcurrency || service.gpus === 0) return [];
  const pool = gpuPool(poolArgs(gpu));
  const contract = serviceContract(serviceRequest(service), pool);
  const { kvTokens, contextTokens } = gpuMemory({ ...contract, pool }) ?? {};
  if (kvTokens === undefined || contextTokens === undefined) return [];
  const whole = Math.floor(kvTokens / contextTokens);
  if (maxConcurrency <= (4 * kvTokens) / contextTokens) return [];
  const message = `is more than the KV cache carries: it holds ${kvTokens} tokens, ${whole} ${whole === 1 ? "request" : "requests"} of the longest context (${contextTokens}); others wait or are computed again`;
  return [
    {
      path: "maxConcurrency",
      value: maxConcurrency,
      message,
      fix: "Lower it or model.maxLength, or use larger GPUs.",
    },
  ];
}

/** Series of a small cluster with kube-prometheus-stack's own rules and monitors. Our estimate. */
const series = 50_000;
/** Bytes of one sample on the disk. Source: Prometheus documentation, storage: 1 to 2. */
const sampleBytes = 1.5;

function metricsAdvice({ observability, scaling }: Settings): Problem[] {
  const bytesPerDay = (series * sampleBytes * 86_400) / scaling.scrapeIntervalSeconds;
  const days = Math.floor((0.85 * observability.storageGiB * 2 ** 30) / bytesPerDay);
  if (observability.retentionDays <= days) return [];
  return [
    {
      path: "observability.retentionDays",
      value: observability.retentionDays,
      message: `is longer than the volume of ${observability.storageGiB} GiB lasts: about ${days} days fit, then the oldest go`,
      fix: "Raise observability.storageGiB.",
    },
  ];
}
