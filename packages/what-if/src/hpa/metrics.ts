import { type HpaSpec, type MetricName, type MetricSpec, type MetricTarget, milliValue } from "./spec";

/** What a metric's value is of: pods (one sample each), a resource of pods, or something that stands for the whole. */
export const Source = { Pods: "pods", Resource: "resource", Whole: "whole" } as const;
export type Source = (typeof Source)[keyof typeof Source];

/** How a value is held against its target. */
export const Against = {
  /** Mean over the pods, in thousandths. */
  Average: "average",
  /** Percent of the pods' requests. */
  Utilization: "utilization",
  /** The whole value, in thousandths, scaled by the pods that are ready. */
  Value: "value",
  /** The whole value divided by the replicas. */
  PerReplica: "perReplica",
} as const;
export type Against = (typeof Against)[keyof typeof Against];

/** A metric of an autoscaler with its target as the controller's integer. */
export interface Metric {
  /** Unique among the metrics of an autoscaler: what samples are asked for by. */
  key: string;
  source: Source;
  against: Against;
  /** Thousandths, or percent for a utilization. */
  target: number;
  /** The CPU of a pod counts by rules of its own. */
  cpu: boolean;
}

const cpuAtEighty: MetricSpec = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
};

/** The metrics of an autoscaler as its controller reads them. */
export function metricsOf(spec: HpaSpec): Metric[] {
  const metrics = spec.metrics ?? [];
  return (metrics.length === 0 ? [cpuAtEighty] : metrics).map(metricOf);
}

function metricOf(metric: MetricSpec): Metric {
  if (metric.resource) return resource(metric.resource.name, metric.resource.target, metric.resource.name);
  if (metric.containerResource) {
    const { name, container, target } = metric.containerResource;
    return resource(name, target, `${name}/${container}`);
  }
  if (metric.pods) {
    const { metric: name, target } = metric.pods;
    return {
      key: keyOf(name),
      source: Source.Pods,
      against: Against.Average,
      target: average(target, name.name),
      cpu: false,
    };
  }
  const whole = metric.object ?? metric.external;
  if (!whole)
    throw new Error(`a metric of type ${metric.type} without its ${metric.type.toLowerCase()} part`);
  const { metric: name, target } = whole;
  // As the controller: an object's target is of the type it names, an external one's of the field that it has.
  const byValue = metric.object ? target.type === "Value" : target.averageValue === undefined;
  if (!byValue)
    return {
      key: keyOf(name),
      source: Source.Whole,
      against: Against.PerReplica,
      target: average(target, name.name),
      cpu: false,
    };
  if (target.value === undefined) throw new Error(`metric ${name.name}: a target without value`);
  return {
    key: keyOf(name),
    source: Source.Whole,
    against: Against.Value,
    target: milliValue(target.value),
    cpu: false,
  };
}

function resource(name: string, target: MetricTarget, key: string): Metric {
  const common = { key, source: Source.Resource, cpu: name === "cpu" };
  if (target.averageValue !== undefined)
    return { ...common, against: Against.Average, target: milliValue(target.averageValue) };
  if (target.averageUtilization === undefined)
    throw new Error(`resource ${name}: a target without utilization or value`);
  return { ...common, against: Against.Utilization, target: target.averageUtilization };
}

function average(target: MetricTarget, name: string): number {
  if (target.averageValue === undefined) throw new Error(`metric ${name}: a target without averageValue`);
  return milliValue(target.averageValue);
}

function keyOf(name: MetricName): string {
  const labels = Object.entries(name.selector?.matchLabels ?? {}).sort();
  return labels.length === 0 ? name.name : `${name.name}{${labels.map(([k, v]) => `${k}=${v}`).join(",")}}`;
}
