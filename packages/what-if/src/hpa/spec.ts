/**
 * A HorizontalPodAutoscaler in the form of autoscaling/v2, as far as its controller's arithmetic reads it
 * (kubernetes/kubernetes v1.35.0, staging/src/k8s.io/api/autoscaling/v2/types.go). A manifest of a plan fits as it is.
 */
export interface HpaSpec {
  /** @default 1 */
  minReplicas?: number;
  maxReplicas: number;
  /** @default CPU at 80 % of its request */
  metrics?: MetricSpec[] | null;
  behavior?: BehaviorSpec | null;
}

export interface MetricSpec {
  type: string;
  resource?: { name: string; target: MetricTarget };
  containerResource?: { name: string; container: string; target: MetricTarget };
  pods?: { metric: MetricName; target: MetricTarget };
  object?: { metric: MetricName; target: MetricTarget };
  external?: { metric: MetricName; target: MetricTarget };
}

export interface MetricName {
  name: string;
  /** Tells two metrics of one name apart. */
  selector?: { matchLabels?: Record<string, string> };
}

export interface MetricTarget {
  type: string;
  /** Percent of the request. */
  averageUtilization?: number;
  averageValue?: string | number;
  value?: string | number;
}

export interface BehaviorSpec {
  scaleUp?: RulesSpec | null;
  scaleDown?: RulesSpec | null;
}

export interface RulesSpec {
  stabilizationWindowSeconds?: number | null;
  selectPolicy?: string | null;
  policies?: PolicySpec[] | null;
  tolerance?: string | number | null;
}

export interface PolicySpec {
  type: string;
  value: number;
  periodSeconds: number;
}

/** Flags of kube-controller-manager; EKS has them at their defaults (pkg/controller/podautoscaler/config/v1alpha1/defaults.go). */
export interface ControllerFlags {
  /** Between two decisions. */
  syncSeconds: number;
  /** Without a window of its own, how long a higher recommendation holds the replicas. */
  downscaleStabilizationSeconds: number;
  /** Ratio around the target without effect. */
  tolerance: number;
  /** For so long after a pod's start its CPU counts only while it is ready. */
  cpuInitializationSeconds: number;
  /** A pod that is not ready and last changed within this of its start has never been ready. */
  initialReadinessSeconds: number;
}

export const defaultFlags: ControllerFlags = {
  syncSeconds: 15,
  downscaleStabilizationSeconds: 300,
  tolerance: 0.1,
  cpuInitializationSeconds: 300,
  initialReadinessSeconds: 30,
};

const suffixes: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number that a Kubernetes quantity stands for. */
export function quantityValue(quantity: string | number): number {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTPE]|[KMGTPE]i|)$/.exec(String(quantity).trim());
  const factor = match ? suffixes[match[2] ?? ""] : undefined;
  const number = match ? Number(match[1]) : Number.NaN;
  if (factor === undefined || !Number.isFinite(number))
    throw new Error(`${JSON.stringify(quantity)} is not a Kubernetes quantity, such as 5, 500m or 2Gi`);
  return number * factor;
}

/** A quantity in thousandths, rounded up as Kubernetes does; the binary error of a decimal fraction is not rounded up. */
export function milliValue(quantity: string | number): number {
  return Math.ceil(Number((quantityValue(quantity) * 1000).toPrecision(15)));
}
