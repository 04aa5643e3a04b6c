import type { Backend, Properties } from "../program/monitor";
import { argumentsOf } from "./arguments";
import type { AccountView, Request, ResourceType } from "./definition";
import { propertyChanges } from "./diff";
import { invoke } from "./functions";
import { hex } from "./ids";
import { OutsideWorld } from "./outside";
import { refuse, refuseArguments } from "./refusals";
import { definitions } from "./services";
import { agentlessIdentities } from "./services/eks-join";
import { accessAllowed, nodeGroups, setDesiredCapacity } from "./services/eks-state";
import {
  type AccountEvent,
  type AccountOptions,
  AwsError,
  type NetworkInterface,
  type NodeGroupState,
  type OutsideLoadBalancer,
  type PropertyChange,
  type SimulatedResource,
} from "./types";
import { accountView, key } from "./view";
import { zonesOf } from "./zones";

export type { AccountOptions };

/** A snapshot of an account, for `fromJSON`. */
export interface AccountSnapshot {
  options: AccountOptions;
  resources: SimulatedResource[];
  /** Ids ever given, by seed: an id is never given twice. */
  generations: Record<string, number>;
  outside: ReturnType<OutsideWorld["toJSON"]>;
}

/**
 * An AWS account that exists in memory: it refuses what AWS would refuse and answers with what AWS would answer.
 * Everything is a function of the calls made so far: no clock, no randomness, no I/O.
 *
 * `plan` uses it as the Backend of an evaluation; `rehearse` serves it to the engine through `provider.ts`.
 */
export class SimulatedAws implements Backend {
  private readonly known = new Map<string, SimulatedResource>();
  private readonly generations = new Map<string, number>();
  private readonly outside = new OutsideWorld();
  private readonly listeners: ((event: AccountEvent) => void)[] = [];
  /** What the rules of the types see of the account. */
  readonly view: AccountView;

  readonly options: AccountOptions;

  /** @throws AwsError when the region is not known. */
  constructor(options: AccountOptions) {
    this.options = { ...options };
    const zones = zonesOf(options.region);
    if (zones.length === 0) {
      throw new AwsError(
        "InvalidRegion",
        `'${options.region}' is not a region that the simulated account knows`,
      );
    }
    this.view = accountView(this.options, zones, this.known, this.outside);
  }

  /**
   * Creates a resource.
   * @throws AwsError for what AWS would refuse; with all the reasons, the first one's code in front.
   */
  create(
    type: string,
    name: string,
    given: Properties,
  ): { id: string; state: Properties; outputs: Properties } {
    const definition = definitionOf(type);
    const { id, seed, inputs } = this.prospect(type, name, given);
    const request: Request<Properties> = { name, seed, inputs, account: this.view };
    refuse(definition.check?.(request) ?? []);
    const outputs = this.outputsOf(definition, request, id);
    const resource: SimulatedResource = { type, name, seed, id, inputs, outputs };
    this.known.set(key(type, id), resource);
    this.generations.set(key(type, name), (this.generations.get(key(type, name)) ?? 0) + 1);
    this.emit({ kind: "created", resource });
    return { id, state: outputs, outputs };
  }

  /**
   * The resource that `create` would make, before anything is known of it but its inputs and its id.
   * @throws AwsError for arguments that the type does not have, or lacks.
   */
  prospect(type: string, name: string, given: Properties): SimulatedResource {
    const inputs = this.withDefaults(type, name, given);
    refuseArguments(type, inputs);
    const seed = this.nextSeed(type, name);
    const id = definitionOf(type).id({ name, seed, inputs, account: this.view });
    return { type, name, seed, id, inputs, outputs: {} };
  }

  /**
   * Changes a resource in place. `newInputs` are complete, not a patch.
   * @throws AwsError also when the change needs a replacement.
   */
  update(type: string, id: string, newInputs: Properties): { outputs: Properties } {
    const definition = definitionOf(type);
    const existing = this.existing(type, id);
    const inputs = this.withDefaults(type, existing.name, newInputs, existing.inputs);
    refuseArguments(type, inputs);
    const forced = this.diff(type, existing.inputs, inputs).filter((change) => change.kind === "replace");
    refuse(
      forced.map(
        (change) =>
          new AwsError("InvalidRequest", `${change.path} of ${id} cannot be changed: ${change.source}`),
      ),
    );
    const { name, seed } = existing;
    const request: Request<Properties> = { name, seed, inputs, account: this.view, existing };
    refuse(definition.check?.(request) ?? []);
    // Outputs first: they may depend on what changes.
    existing.outputs = this.outputsOf(definition, request, id);
    existing.inputs = inputs;
    this.emit({ kind: "updated", resource: existing });
    return { outputs: existing.outputs };
  }

  /** Deletes a resource; one that is already gone is fine, as for the real provider. @throws AwsError */
  delete(type: string, id: string): void {
    const resource = this.known.get(key(type, id));
    if (!resource) return;
    const reason = definitionOf(type).checkDelete?.(resource, this.view);
    if (reason) throw reason;
    this.known.delete(key(type, id));
    this.emit({ kind: "deleted", resource });
  }

  /** The resource as it is now; undefined when there is none. */
  read(type: string, id: string): SimulatedResource | undefined {
    return this.known.get(key(type, id));
  }

  /**
   * `inputs` with the physical name that the provider makes up when the program gives none: the one that `old`
   * has, else a new one that was never used.
   */
  withDefaults(type: string, name: string, inputs: Properties, old?: Properties): Properties {
    const { nameProperty, autoName } = definitionOf(type);
    if (!nameProperty || inputs[nameProperty] !== undefined) return inputs;
    const prefix = inputs[`${nameProperty}Prefix`];
    const seed = this.nextSeed(type, name);
    const made = prefix === undefined ? (autoName ?? pulumiName)(name, seed) : `${prefix}${hex(26, seed)}`;
    return { ...inputs, [nameProperty]: old?.[nameProperty] ?? made };
  }

  /**
   * True when the program gave the resource a name of its own and keeps it: a replacement cannot have it while the old
   * one is there.
   */
  keepsName(type: string, id: string, newInputs: Properties): boolean {
    const { nameProperty, autoName } = definitionOf(type);
    const existing = this.known.get(key(type, id));
    if (!existing || !nameProperty) return false;
    const made = (autoName ?? pulumiName)(existing.name, existing.seed);
    return (
      existing.inputs[nameProperty] !== made && existing.inputs[nameProperty] === newInputs[nameProperty]
    );
  }

  /** What changes from one set of inputs to the other, and how. Needs no resource to exist. */
  diff(type: string, oldInputs: Properties, newInputs: Properties): PropertyChange[] {
    return propertyChanges(type, oldInputs, newInputs);
  }

  /** From now on somebody else runs the program; undefined: a session of the role `deployer`. */
  actAs(callerArn: string | undefined): void {
    this.options.callerArn = callerArn;
  }

  /** Calls a provider function. @throws AwsError for one that the account does not know. */
  invoke(token: string, args: Properties): Properties {
    return invoke(token, args, this.view);
  }

  /** What AWS accepted but what cannot work, as far as the account can tell: to be asked once everything is there. */
  findings(): AwsError[] {
    return agentlessIdentities(this.view);
  }

  /** Everything that exists, in the order of creation. */
  resources(): SimulatedResource[] {
    return [...this.known.values()];
  }

  /** Calls `listener` after every change; returns what takes it away again. */
  onChange(listener: (event: AccountEvent) => void): () => void {
    this.listeners.push(listener);
    return () => this.listeners.splice(this.listeners.indexOf(listener), 1);
  }

  /** True when an access entry lets the principal into the cluster's API server. Sessions count as their role. */
  accessAllowed(principalArn: string, clusterName: string): boolean {
    return accessAllowed(this.view, principalArn, clusterName);
  }

  /** The managed node groups as the autoscaler sees them. */
  nodeGroups(): NodeGroupState[] {
    return nodeGroups(this.view);
  }

  /** What an autoscaler does. @throws AwsError when the group is unknown or `desired` is out of its bounds. */
  setDesiredCapacity(autoScalingGroup: string, desired: number): void {
    const resource = setDesiredCapacity(this.view, autoScalingGroup, desired);
    this.emit({ kind: "scaled", resource });
  }

  /** A load balancer that a controller makes for an Ingress: keeps its VPC from being deleted. @throws AwsError */
  addLoadBalancer(balancer: OutsideLoadBalancer): void {
    this.outside.addLoadBalancer(balancer, this.view);
  }

  removeLoadBalancer(name: string): void {
    this.outside.removeLoadBalancer(name);
  }

  loadBalancers(): OutsideLoadBalancer[] {
    return this.outside.loadBalancers();
  }

  /** An interface left behind by something else, for example a pod's. @throws AwsError */
  addNetworkInterface(
    subnetId: string,
    description: string,
    securityGroupIds: string[] = [],
  ): NetworkInterface {
    return this.outside.addInterface(subnetId, description, securityGroupIds, this.view);
  }

  removeNetworkInterface(id: string): void {
    this.outside.removeInterface(id);
  }

  toJSON(): AccountSnapshot {
    return {
      options: this.options,
      resources: this.resources(),
      generations: Object.fromEntries(this.generations),
      outside: this.outside.toJSON(),
    };
  }

  static fromJSON(snapshot: AccountSnapshot): SimulatedAws {
    const copy = structuredClone(snapshot);
    const account = new SimulatedAws(copy.options);
    for (const resource of copy.resources) account.known.set(key(resource.type, resource.id), resource);
    for (const [name, count] of Object.entries(copy.generations)) account.generations.set(name, count);
    account.outside.restore(copy.outside);
    return account;
  }

  private existing(type: string, id: string): SimulatedResource {
    const resource = this.known.get(key(type, id));
    if (!resource) throw new AwsError("ResourceNotFoundException", `${type} ${id} does not exist`);
    return resource;
  }

  /** The first object of a name is always made of the name alone, so that plans do not depend on order. */
  private nextSeed(type: string, name: string): string {
    const generation = this.generations.get(key(type, name)) ?? 0;
    return generation === 0 ? name : `${name}#${generation}`;
  }

  private outputsOf(definition: ResourceType, request: Request<Properties>, id: string): Properties {
    const { inputs } = request;
    const accepted = argumentsOf[definition.token]?.optional ?? [];
    return {
      ...inputs,
      ...(accepted.includes("region") ? { region: inputs.region ?? this.options.region } : {}),
      ...(accepted.includes("tags") ? { tagsAll: inputs.tags ?? {} } : {}),
      ...definition.outputs(request, id),
    };
  }

  private emit(event: AccountEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }
}

/** As Pulumi names things: the logical name and seven hexadecimal digits. */
const pulumiName = (name: string, seed: string) => `${name}-${hex(7, "name", seed)}`;

function definitionOf(type: string): ResourceType {
  const definition = definitions.get(type);
  if (!definition) {
    throw new AwsError(
      "UnknownResourceType",
      `the simulated AWS account does not know ${type}; add it to packages/planner/src/aws/services`,
    );
  }
  return definition;
}
