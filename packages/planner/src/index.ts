/** A Pulumi program without a cloud: what it would create, cost and break, before anything is created. */
export { SimulatedAws } from "./aws/account";
export { parseFault } from "./aws/faults";
export * from "./aws/iam";
export { instanceType } from "./aws/instances";
export { criticalPath, latencySeconds, Operation } from "./aws/latency";
export { type AwsServer, startAwsServer } from "./aws/start";
export { Token } from "./aws/tokens";
export type { NodeGroupState, OutsideLoadBalancer, SimulatedResource } from "./aws/types";
export { diffPlans } from "./diff/diff";
export { PlanFailed } from "./diff/failure";
export { markdownDiff } from "./diff/formats/markdown";
export { Revisions } from "./diff/revisions";
export { helmPath, kubectlPath } from "./helm";
export { type StackAccount, stackAccount } from "./plan/account";
export { AssumedAws } from "./plan/assumed-aws";
export { PlanBackend } from "./plan/backend";
export { textPlan } from "./plan/formats/text";
export { hoursPerMonth } from "./plan/money";
export { admits, podRequests } from "./plan/pods";
export { quantity } from "./plan/quantity";
export { planStack, runStack } from "./plan/run";
export { readStack } from "./plan/stack";
export type { Manifest, NodePool, Plan } from "./plan/types";
export { evaluate } from "./program/evaluate";
export {
  type Backend,
  isSecret,
  maskSecrets,
  type Properties,
  type RecordedResource,
  type RecordingMonitor,
  unwrapSecrets,
} from "./program/monitor";
export { callersOf, planReach, type Reach, reachTables, targetsOf } from "./reach/table";
