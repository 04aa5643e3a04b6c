import type * as inputs from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { isLatency, isResource, signalNamed } from "../signals/catalog";
import { SignalName } from "../signals/names";
import type { SignalTarget } from "../signals/signal";

/** Name of the container that serves; the pod's other containers do not count for CPU and memory. */
export const engineContainer = "server";

/**
 * The metric of each signal as the autoscaling API takes it.
 *
 * @example
 * ```ts
 * hpaMetrics([{ signal: "cpu_utilization", target: 60 }], "chat"); // → [{ type: "ContainerResource" }]
 * ```
 */
export function hpaMetrics(
  signals: SignalTarget[],
  serviceName: pulumi.Input<string>,
): inputs.autoscaling.v2.MetricSpec[] {
  return signals.map((wanted) => metricSpec(wanted, serviceName));
}

function metricSpec(
  { signal: name, target }: SignalTarget,
  serviceName: pulumi.Input<string>,
): inputs.autoscaling.v2.MetricSpec {
  const signal = signalNamed(name);
  if (isResource(signal))
    return {
      type: "ContainerResource",
      containerResource: {
        container: engineContainer,
        name: signal.name === SignalName.CpuUtilization ? "cpu" : "memory",
        target: { type: "Utilization", averageUtilization: target },
      },
    };
  if (isLatency(signal))
    // Not per pod: the mean of quantiles is no quantile. By value: replicas × (value ÷ target), not value ÷ target.
    return {
      type: "Object",
      object: {
        describedObject: { apiVersion: "v1", kind: "Service", name: serviceName },
        metric: { name },
        target: { type: "Value", value: quantity(target) },
      },
    };
  return {
    type: "Pods",
    pods: { metric: { name }, target: { type: "AverageValue", averageValue: quantity(target) } },
  };
}

/**
 * A number in the API's own spelling, which is what it answers with: whole, or thousandths.
 *
 * @example
 * ```ts
 * quantity(20); // → "20"
 * quantity(0.5); // → "500m"
 * ```
 */
export function quantity(value: number): string {
  return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`;
}
