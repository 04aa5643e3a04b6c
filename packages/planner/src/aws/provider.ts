import type {
  CheckResult,
  CreateResult,
  DiffResult,
  InvokeResult,
  Provider,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/provider";
import { isSecret, type Properties, unwrapSecrets } from "../program/monitor";
import type { SimulatedAws } from "./account";
import { argumentsOf } from "./arguments";
import { Faults } from "./faults";
import { Authorizer, callsOf, callsOfLookup, type Principal, Step } from "./iam";
import { latencySeconds, Operation } from "./latency";
import type { SimulatedResource } from "./types";

/** How the provider behaves beside what the account knows. */
export interface ProviderOptions {
  /** Divides the durations of `latency.ts`; 0 answers at once. @default 0 */
  latencyFactor?: number;
  /** Failures on request. @default none */
  faults?: Faults;
}

/** When an operation ran, in milliseconds since the provider was made. */
export interface Timing {
  urn: string;
  operation: Operation;
  start: number;
  end: number;
}

/**
 * The account as a Pulumi provider, to be served with `main` of `@pulumi/pulumi/provider`.
 *
 * The engine does not call `create` or `update` in previews (the SDK's server does not claim support for it): outputs
 * that depend on a change are unknown there. A request takes effect at the end of its time: one that the engine
 * does not live to see end is still carried out, as in AWS.
 */
export class AwsProvider implements Provider {
  readonly version = "7.48.0";
  readonly timings: Timing[] = [];
  readonly faults: Faults;
  /** What whoever runs Pulumi may do; everything, until it is told who that is. */
  readonly authorizer: Authorizer;
  private readonly started = Date.now();
  private readonly ownCaller: string | undefined;

  constructor(
    readonly account: SimulatedAws,
    private readonly options: ProviderOptions = {},
  ) {
    this.faults = options.faults ?? new Faults();
    this.authorizer = new Authorizer(account.options.region);
    this.ownCaller = account.options.callerArn;
  }

  async check(urn: string, olds: Properties, news: Properties): Promise<CheckResult> {
    const { type, name } = typeAndName(urn);
    const { required = [], optional = [] } = argumentsOf[type] ?? {};
    const known = [...required, ...optional];
    const failures = Object.keys(news)
      .filter((property) => !known.includes(property))
      .map((property) => ({ property, reason: `${type} has no argument ${property}` }));
    return { inputs: this.account.withDefaults(type, name, news, olds), failures };
  }

  async diff(id: string, urn: string, olds: Properties, news: Properties): Promise<DiffResult> {
    const { type } = typeAndName(urn);
    const before = this.previousInputs(type, id, olds);
    const changes = this.account.diff(type, before, unwrapSecrets(news) as Properties);
    const replaces = changes.filter((change) => change.kind === "replace").map((change) => change.path);
    return {
      changes: changes.length > 0,
      replaces: replaces.map(topLevel),
      // A name of the program's own cannot be given to the new one while the old one has it.
      deleteBeforeReplace:
        replaces.length > 0 && this.account.keepsName(type, id, unwrapSecrets(news) as Properties),
    };
  }

  async create(urn: string, inputs: Properties): Promise<CreateResult> {
    const { type, name } = typeAndName(urn);
    return this.timed(urn, type, Operation.Create, () => {
      const given = unwrapSecrets(inputs) as Properties;
      if (this.authorizer.caller) {
        const prospect = this.account.prospect(type, name, given);
        this.authorizer.require(callsOf(Step.Create, prospect, this.account.view));
      }
      const { id, outputs } = this.account.create(type, name, given);
      return { id, outs: stateOf(outputs, inputs) };
    });
  }

  async update(id: string, urn: string, _olds: Properties, news: Properties): Promise<UpdateResult> {
    const { type } = typeAndName(urn);
    return this.timed(urn, type, Operation.Update, () => {
      const given = unwrapSecrets(news) as Properties;
      this.authorizeExisting(Step.Update, type, id, given);
      const { outputs } = this.account.update(type, id, given);
      return { outs: stateOf(outputs, news) };
    });
  }

  async delete(id: string, urn: string): Promise<void> {
    const { type } = typeAndName(urn);
    return this.timed(urn, type, Operation.Delete, () => {
      this.authorizeExisting(Step.Delete, type, id);
      this.account.delete(type, id);
    });
  }

  async read(id: string, urn: string): Promise<ReadResult> {
    const { type } = typeAndName(urn);
    this.faults.strike(type, "read");
    this.authorizeExisting(Step.Read, type, id);
    const resource = this.account.read(type, id);
    // An empty id tells the engine that it is gone; the server needs properties all the same.
    if (!resource) return { id: "", props: {} };
    const inputs = liveInputs(resource);
    return { id, props: stateOf(resource.outputs, inputs), inputs };
  }

  async invoke(token: string, args: Properties): Promise<InvokeResult> {
    this.faults.strike(token, "invoke");
    const given = unwrapSecrets(args) as Properties;
    if (this.authorizer.caller) this.authorizer.require(callsOfLookup(token, given, this.account.view));
    return { outputs: this.account.invoke(token, given) };
  }

  /** From now on, requests come from this principal; undefined: from the account's own caller, who may do everything. */
  actAs(principal: Principal | undefined): void {
    this.authorizer.actAs(principal);
    this.account.actAs(principal?.arn ?? this.ownCaller);
  }

  async getSchema(): Promise<string> {
    return JSON.stringify({ name: "aws", version: this.version });
  }

  /** Asks whether the caller may do this to a resource; what is gone is nobody's business. @throws AwsError */
  private authorizeExisting(step: Step, type: string, id: string, news?: Properties): void {
    const resource = this.account.read(type, id);
    if (!this.authorizer.caller || !resource) return;
    const changed = news
      ? this.account.diff(type, resource.inputs, news).map((change) => topLevel(change.path))
      : [];
    this.authorizer.require(callsOf(step, resource, this.account.view, { news, changed }));
  }

  /** The inputs that the state was made from; for a state that someone else wrote, what the account remembers. */
  private previousInputs(type: string, id: string, olds: Properties): Properties {
    const remembered = olds[inputsKey] ?? this.account.read(type, id)?.inputs ?? {};
    return unwrapSecrets(remembered) as Properties;
  }

  private async timed<T>(urn: string, type: string, operation: Operation, work: () => T): Promise<T> {
    const start = Date.now() - this.started;
    this.faults.strike(type, operation);
    const { latencyFactor = 0 } = this.options;
    if (latencyFactor > 0) {
      const milliseconds = (latencySeconds(type, operation) / latencyFactor) * 1000;
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    }
    const result = work();
    this.timings.push({ urn, operation, start, end: Date.now() - this.started });
    return result;
  }
}

/** Where the state keeps the inputs: the SDK's server passes the old outputs only. */
const inputsKey = "__inputs";

/** Outputs for the state; what came in as a secret goes back as one. */
function stateOf(outputs: Properties, inputs: Properties): Properties {
  const entries = Object.entries(outputs).filter(([, value]) => value !== undefined);
  const state = entries.map(([key, value]) => [
    key,
    isSecret(inputs[key]) ? { ...inputs[key], value } : value,
  ]);
  return { ...Object.fromEntries(state), [inputsKey]: inputs };
}

/**
 * The inputs as they would have to be written to describe the resource as it is: the autoscaler changes the desired
 * size. Only values of the same shape are taken over, as outputs have more properties.
 */
function liveInputs(resource: SimulatedResource): Properties {
  const shape = (value: unknown) => JSON.stringify(Object.keys((value as Properties) ?? {}).sort());
  return Object.fromEntries(
    Object.entries(resource.inputs).map(([key, value]) => {
      const live = resource.outputs[key];
      return [
        key,
        live !== undefined && typeof value === "object" && shape(live) === shape(value) ? live : value,
      ];
    }),
  );
}

/** Type and logical name in a URN. */
function typeAndName(urn: string): { type: string; name: string } {
  const [, , qualified = "", name = ""] = urn.split("::");
  return { type: qualified.slice(qualified.lastIndexOf("$") + 1), name };
}

const topLevel = (path: string) => path.split(/[.[]/)[0] ?? path;
