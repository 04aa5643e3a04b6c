import type { Properties, RecordedOptions } from "../program/monitor";

/** A resource of the plan; secrets are the text `[secret]`. */
export interface PlannedResource {
  urn: string;
  type: string;
  name: string;
  parent?: string;
  custom: boolean;
  provider?: string;
  inputs: Properties;
  dependencies: string[];
  options: RecordedOptions;
}

/** A Kubernetes object as rendered from a chart. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** A Helm release of the plan. */
export interface PlannedRelease {
  urn: string;
  name: string;
  namespace: string;
  chart: string;
  version: string;
  /** What helm renders, sorted by kind, namespace and name; secrets masked. Absent when skipped. */
  manifests?: Manifest[];
  /** Why it was not rendered. */
  skipped?: string;
}

/** One position of the bill. Money in US dollars per hour; undefined when the price is not known. */
export interface CostLine {
  /** What it is, for people: `EKS control plane`, `GPU nodes g6.xlarge`. */
  item: string;
  /** Quantity at the floor and at the ceiling of autoscaling. */
  quantity: { floor: number; ceiling: number };
  unit: string;
  hourly?: { floor: number; ceiling: number };
  /** Where the price is from, with its date. */
  source: string;
}

export interface Cost {
  region: string;
  /** Oldest date among the prices used, `YYYY-MM-DD`. */
  pricesAsOf: string;
  hourly: { floor: number; ceiling: number };
  /** 730 hours. */
  monthly: { floor: number; ceiling: number };
  lines: CostLine[];
}

export const CheckStatus = { Pass: "pass", Warn: "warn", Fail: "fail" } as const;
export type CheckStatus = (typeof CheckStatus)[keyof typeof CheckStatus];

export interface Check {
  id: string;
  status: CheckStatus;
  detail: string;
}

/** What a stack would create, computed without a cloud. */
export interface Plan {
  stack: string;
  project: string;
  resources: PlannedResource[];
  releases: PlannedRelease[];
  /** Stack outputs, secrets masked. */
  outputs: Properties;
  cost: Cost;
  checks: Check[];
  /** Time that it took. */
  seconds: number;
}
