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
  /** Repository that the chart is published in, when the program names one. */
  repository?: string;
  /** CustomResourceDefinitions that helm installs once and never upgrades, each with a hash. Absent when not looked at. */
  crds?: Record<string, string>;
  /** Why it was not rendered. */
  skipped?: string;
  /** What to do to have it rendered: a command, mostly. */
  fetch?: string;
}

/** The least and the most of a quantity or an amount: at minimum and at maximum replicas and nodes. */
export interface Range {
  floor: number;
  ceiling: number;
}

/**
 * How a position of the bill is known: `hourly` has a price per hour, `usage` depends on traffic and is not in the
 * totals, `unknown` has no price in the table: the totals are then too low.
 */
export const CostBasis = { Hourly: "hourly", Usage: "usage", Unknown: "unknown" } as const;
export type CostBasis = (typeof CostBasis)[keyof typeof CostBasis];

/** One position of the bill. Money in US dollars per hour. */
export interface CostLine {
  /** What it is, for people: `EKS control plane`, `nodes g6.xlarge (gpu)`. */
  item: string;
  basis: CostBasis;
  /** Quantity at the floor and at the ceiling of autoscaling; 0 for usage. */
  quantity: Range;
  /** What is counted; for usage with its price: `GB, $0.045 each`. */
  unit: string;
  /** Absent unless the basis is `hourly`. Of spot instances a range even for a fixed number. */
  hourly?: Range;
  /** Where the price is from, with its date. */
  source: string;
}

export interface Cost {
  region: string;
  /** Oldest date among the prices used, `YYYY-MM-DD`; empty when none was used. */
  pricesAsOf: string;
  /** Sum of the lines with a price. */
  hourly: Range;
  /** 730 hours. */
  monthly: Range;
  lines: CostLine[];
  /** Items without a price: while there are any, the totals are lower bounds. */
  unknown: string[];
}

/** Nodes of one kind, as pods see them. */
export interface NodePool {
  name: string;
  instanceTypes: string[];
  nodes: Range;
  /** Labels by which pods select the nodes. */
  labels: Record<string, string>;
  /** Taints that a pod must tolerate, `key=value:effect`. */
  taints: string[];
  /** Whether AWS may take the nodes away, with two minutes' notice. */
  spot: boolean;
  /** Zones over which the nodes are spread: one for each subnet. */
  zones: number;
  /** What pods other than daemon sets can ask for on one node; undefined when the instance type is not known. */
  allocatable?: PodRequest;
}

/** What a pod asks for: thousandths of a core, MiB, and extended resources such as `nvidia.com/gpu`. */
export interface PodRequest {
  cpuMillis: number;
  memoryMiB: number;
  extended: Record<string, number>;
}

/** Where the pods of one workload can run. */
export interface PlacedWorkload {
  /** `Deployment`, `StatefulSet`, `DaemonSet`, `Prometheus`, `Alertmanager`. */
  kind: string;
  name: string;
  namespace: string;
  /** Release or resource that it is from. */
  origin: string;
  /** Number of pods at the bounds of its autoscaler; of a daemon set at the bounds of the nodes. */
  replicas: Range;
  /** Request of one pod. */
  request: PodRequest;
  /** Name of the pool where it runs; of a daemon set all of them. Empty when it fits nowhere. */
  pools: string[];
  /** Why it fits nowhere. */
  problem?: string;
}

export interface Placement {
  pools: NodePool[];
  workloads: PlacedWorkload[];
  /** Nodes that the pods need at the bounds, by pool, not below the pool's own minimum. */
  needed: Record<string, Range>;
  /** Releases whose pods are not counted because they were not rendered. */
  notRendered: string[];
}

export const CheckStatus = { Pass: "pass", Warn: "warn", Fail: "fail" } as const;
export type CheckStatus = (typeof CheckStatus)[keyof typeof CheckStatus];

export interface Check {
  id: string;
  status: CheckStatus;
  detail: string;
}

/** A service that clients call, in the words of who runs it. */
export interface PlannedService {
  name: string;
  namespace: string;
  /** `vllm`, …; `custom` for any other server. */
  engine: string;
  engineVersion: string;
  image: string;
  /** Empty for a server that brings its own. */
  model: string;
  /** Longest context, tokens; absent for the model's own. */
  contextTokens?: number;
  /** Requests that one replica works on at once; absent for the engine's own. */
  maxConcurrency?: number;
  gpusPerReplica: number;
  /** Pool of its nodes; absent where its pods are not placed. */
  pool?: string;
  replicas: Range;
  /** What its replicas follow, each held at its target. */
  signals: { signal: string; target: number }[];
  /** From pod created to ready on a node that must first be started, seconds. */
  coldStartSeconds: number;
  /** Where clients outside reach it; absent without an endpoint. */
  endpoint?: string;
  /** Where pods of the cluster reach it. */
  url: string;
  /** Its share of the GPU nodes, US dollars a month; absent without GPUs or without a price. */
  monthly?: Range;
}

/** What a stack would create, computed without a cloud. */
export interface Plan {
  stack: string;
  project: string;
  services: PlannedService[];
  resources: PlannedResource[];
  releases: PlannedRelease[];
  /** Stack outputs, secrets masked. */
  outputs: Properties;
  placement: Placement;
  cost: Cost;
  checks: Check[];
  /** Time that it took. */
  seconds: number;
}
