import { signalNamed } from "../../../../../components/signals/catalog";
import { SignalUnit } from "../../../../../components/signals/signal";
import { counted } from "../checks/facts";
import type { PlannedService } from "../types";

/** Engines by the names that their projects give them. */
const engineNames: Record<string, string> = {
  vllm: "vLLM",
  sglang: "SGLang",
  tgi: "TGI",
  triton: "Triton",
};

/** `vLLM 0.30.0`; of a server of one's own its image. */
export function engineText({ engine, engineVersion, image }: PlannedService): string {
  const name = Object.hasOwn(engineNames, engine) ? engineNames[engine] : undefined;
  return name ? `${name} ${engineVersion}` : (image.split("/").at(-1) ?? image);
}

/** `Qwen/Qwen2.5-3B-Instruct on vLLM 0.30.0`. */
export function servedText(service: PlannedService): string {
  return service.model === "" ? engineText(service) : `${service.model} on ${engineText(service)}`;
}

/** `context 8,192 tokens, 64 requests at once per replica`; what the engine decides is said to be its own. */
export function limitsText({ engine, contextTokens, maxConcurrency }: PlannedService): string | undefined {
  if (!Object.hasOwn(engineNames, engine)) return undefined;
  const context = contextTokens
    ? `context ${contextTokens.toLocaleString("en-US")} tokens`
    : "the model's own context";
  const concurrency = maxConcurrency
    ? `${maxConcurrency.toLocaleString("en-US")} requests at once per replica`
    : "the engine's own number of requests at once";
  return `${context}, ${concurrency}`;
}

/** `1 GPU of pool gpu`, `CPU of cluster-system`. */
export function hardwareText({ gpusPerReplica, pool }: PlannedService): string {
  const where = pool ? ` of ${pool}` : "";
  return gpusPerReplica > 0 ? `${counted(gpusPerReplica, "GPU")}${where}` : `CPU${where}`;
}

/** Where clients reach the service. The name of a load balancer is AWS's to give: a plan does not know it. */
export function addressText({ endpoint, url }: PlannedService): string {
  if (endpoint === undefined) return `${url} (inside the cluster)`;
  const { protocol, hostname } = new URL(endpoint);
  return hostname.endsWith(".elb.amazonaws.com")
    ? `${protocol}//… (the load balancer's own name, given by AWS)`
    : endpoint;
}

/** Each signal with its target: `requests in flight 20 per pod`, `time to first token p95 2 s`. */
export function signalTexts({ signals }: PlannedService): string[] {
  return signals.map(({ signal, target }) => {
    const { unit, additive } = signalNamed(signal);
    const name = signal
      .replace(/^inference_/, "")
      .replace(/_seconds$/, "")
      .replaceAll("_", " ");
    return `${name} ${targetText(target, unit)}${additive ? " per pod" : ""}`;
  });
}

function targetText(target: number, unit: SignalUnit): string {
  switch (unit) {
    case SignalUnit.Ratio:
      return `${Math.round(target * 100)} %`;
    case SignalUnit.Percent:
      return `${target} %`;
    case SignalUnit.Seconds:
      return `${target} s`;
    default:
      return target.toLocaleString("en-US");
  }
}

/** `45 s`, `6 min 40 s`, `1 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes < 60) return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
  return minutes % 60 > 0 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}
