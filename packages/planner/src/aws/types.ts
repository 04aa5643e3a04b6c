import type { Properties } from "../program/monitor";

/** An error as AWS reports it: code, then message. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** A resource that exists in the simulated account. */
export interface SimulatedResource {
  type: string;
  /** Logical name in the program. */
  name: string;
  /** What its ids are derived from: the logical name, and a number when an earlier one had it. */
  seed: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
}

/** How a property change is carried out; the table is shared by the simulation and by `diff`. */
export interface ReplacementRule {
  /** Property path, `*` for any index. A change of the path or of anything below it replaces. */
  path: string;
  /** Documentation or provider source that says so. */
  source: string;
  /** For rules that hold only for some changes: gets the values at `path`. @default every change replaces */
  when?: (before: unknown, after: unknown) => boolean;
}

export const ChangeKind = { Update: "update", Replace: "replace" } as const;
export type ChangeKind = (typeof ChangeKind)[keyof typeof ChangeKind];

/** One changed input property. */
export interface PropertyChange {
  /** Path of the smallest changed value: `scalingConfig.maxSize`, `routes[0].cidrBlock`. */
  path: string;
  kind: ChangeKind;
  /** Why it replaces; absent for updates. */
  source?: string;
  before: unknown;
  after: unknown;
}

/** A network interface: what makes VPCs, subnets and security groups undeletable. */
export interface NetworkInterface {
  id: string;
  vpcId: string;
  subnetId: string;
  securityGroupIds: string[];
  /** Owner, for people: `EKS cluster prod`, `load balancer k8s-inference-…`. */
  description: string;
  /** True when a public address is mapped to it: it then also keeps the internet gateway attached. */
  publicAddress: boolean;
}

/** A load balancer that a controller in the cluster made: the program does not know it. */
export interface OutsideLoadBalancer {
  name: string;
  vpcId: string;
  subnetIds: string[];
  /** @default none */
  securityGroupIds?: string[];
  /** @default true */
  internetFacing?: boolean;
}

/** What the rehearsal needs to know of a managed node group to play its nodes. */
export interface NodeGroupState {
  id: string;
  clusterName: string;
  name: string;
  autoScalingGroup: string;
  instanceTypes: string[];
  amiType: string;
  /** `ON_DEMAND`, `SPOT` or `CAPACITY_BLOCK`. */
  capacityType: string;
  /** Kubernetes minor version of the nodes: `1.35`. */
  version: string;
  labels: Record<string, string>;
  /** In the API's spelling, not EKS's: `NoSchedule`. */
  taints: { key: string; value: string; effect: string }[];
  zones: string[];
  min: number;
  max: number;
  /** Nodes now: the program's figure at first, then whatever the autoscaler set. */
  desired: number;
}

/** Something happened in the account. */
export interface AccountEvent {
  /** `scaled`: the desired capacity of the node group `resource` was set from outside of the program. */
  kind: "created" | "updated" | "deleted" | "scaled";
  resource: SimulatedResource;
}

/** What a simulated account is made with. */
export interface AccountOptions {
  /** A region with known zones: `eu-west-1`. */
  region: string;
  /** @default "123456789012" */
  accountId?: string;
  /** The API server that plays every cluster's control plane. @default a name that resolves nowhere, a CA of no use */
  clusterEndpoint?: { endpoint: string; certificateAuthority: string };
  /** ARN of the identity that runs the program. @default a session of the role `deployer` */
  callerArn?: string;
}
