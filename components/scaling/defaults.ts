import { Engine, type EngineRequest } from "../engines/profile";
import { SignalName } from "../signals/names";
import type { SignalTarget } from "../signals/signal";

/** A signal that a service follows unless it says otherwise, and why. */
export interface DefaultSignal extends SignalTarget {
  /** One sentence with the source of the figure. */
  reason: string;
}

/** Share of the concurrency of one replica at which the next one is asked for. */
const headroom = 0.65;

/** Requests in flight that one replica holds when nothing is known about it. */
const unknownInFlight = 16;

/** Requests that may wait per replica. */
const queueTarget = 4;

/**
 * What a service follows unless it says otherwise: figures to start from, to be replaced by measured ones.
 *
 * @example
 * ```ts
 * const request = { engine: Engine.Vllm, version: "0.30.0", modelId: "m", gpus: 1, drainSeconds: 60, maxConcurrency: 32 };
 * defaultSignals(request); // → [{ signal: "inference_requests_in_flight", target: 21 }, { signal: "inference_queue_depth" }]
 * ```
 */
export function defaultSignals(request: EngineRequest): DefaultSignal[] {
  if (request.engine === Engine.Custom) return [cpu()];
  if (request.engine === Engine.Triton) return request.gpus > 0 ? [queue()] : [queue(), cpu()];
  return [inFlight(request), queue()];
}

function inFlight(request: EngineRequest): DefaultSignal {
  const known = request.maxConcurrency;
  return {
    signal: SignalName.RequestsInFlight,
    target: known === undefined ? unknownInFlight : Math.max(1, Math.round(headroom * known)),
    reason:
      known === undefined
        ? `running and waiting requests follow load without delay (OPEA GenAIInfra, HPA.md); ${unknownInFlight} per replica as in llm-d's guide, until measured`
        : `running and waiting requests follow load without delay (OPEA GenAIInfra, HPA.md); ${headroom * 100} % of the ${known} that a replica works on at once leave room while the next one starts`,
  };
}

function queue(): DefaultSignal {
  return {
    signal: SignalName.QueueDepth,
    target: queueTarget,
    reason: `a queue means that a replica is full whatever its concurrency; ${queueTarget} waiting per replica, within the 3 to 5 that GKE advises to start from`,
  };
}

function cpu(): DefaultSignal {
  return {
    signal: SignalName.CpuUtilization,
    target: 60,
    reason: "nothing else is known about the server; 60 % of the request leaves room while a replica starts",
  };
}
