import type * as pulumi from "@pulumi/pulumi";
import type { Properties } from "../program/monitor";
import type { AwsError, NetworkInterface, SimulatedResource } from "./types";
import type { Zone } from "./zones";

/** The SDK's arguments of a resource as they arrive: no Inputs, no Outputs. */
export type Plain<Args> = pulumi.Unwrap<Args>;

/** What the rules of a type can ask the account. */
export interface AccountView {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  /** ARN of the identity that runs the program. */
  readonly callerArn: string;
  readonly zones: Zone[];
  /** Endpoint and CA (base64) of the API server that plays the control plane of `clusterName`. */
  clusterEndpoint(clusterName: string): { endpoint: string; certificateAuthority: string };
  find(type: string, id: unknown): SimulatedResource | undefined;
  all(type: string): SimulatedResource[];
  /** Every network interface, those made outside of the program included. */
  interfaces(): NetworkInterface[];
  /** Security groups made outside of the program, by VPC: the clusters' own and the load balancers'. */
  outsideSecurityGroups(vpcId: string): string[];
  /** `arn:aws:eks:eu-west-1:123456789012:` and the resource. */
  arn(service: string, resource: string): string;
  /** As `arn`, for services without regions. */
  globalArn(service: string, resource: string): string;
}

/** One request to create or change a resource. */
export interface Request<Args> {
  /** Logical name in the program. */
  name: string;
  /** Names the object among all that were ever created: ids are derived from it. */
  seed: string;
  inputs: Args;
  account: AccountView;
  /** What exists already, for updates. */
  existing?: SimulatedResource;
}

/** What the account knows of a resource type. */
export interface ResourceType {
  token: string;
  /** Property that gets a name of its own when the program gives none; `undefined` when there is none. */
  nameProperty?: string;
  /** The made-up name from the logical one. */
  autoName?(name: string, seed: string): string;
  /** The id under which AWS knows it. */
  id(request: Request<Properties>): string;
  /** Output properties beyond the inputs. */
  outputs(request: Request<Properties>, id: string): Properties;
  /** Everything that AWS would refuse. */
  check?(request: Request<Properties>): AwsError[];
  /** Why it cannot be deleted now. */
  checkDelete?(resource: SimulatedResource, account: AccountView): AwsError | undefined;
}

/** As ResourceType, with the SDK's types for the inputs. */
export interface Definition<Args> {
  nameProperty?: keyof Args & string;
  autoName?(name: string, seed: string): string;
  id(request: Request<Plain<Args>>): string;
  outputs?(request: Request<Plain<Args>>, id: string): Properties;
  check?(request: Request<Plain<Args>>): AwsError[];
  checkDelete?(resource: SimulatedResource, account: AccountView): AwsError | undefined;
}

/** Inputs are what the SDK sent, so its types hold; the account has checked names and presence before. */
export function define<Args>(token: string, definition: Definition<Args>): ResourceType {
  return { outputs: () => ({}), ...definition, token } as unknown as ResourceType;
}

/** The inputs of an existing resource with the SDK's types. */
export function inputsOf<Args>(resource: SimulatedResource): Plain<Args> {
  return resource.inputs as Plain<Args>;
}

/** Collects refusals: `refuse(condition, () => error)`. */
export class Refusals {
  readonly errors: AwsError[] = [];

  when(condition: boolean, error: () => AwsError): this {
    if (condition) this.errors.push(error());
    return this;
  }

  /** Runs a parser that throws AwsErrors. */
  attempt<T>(parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      this.errors.push(error as AwsError);
      return undefined;
    }
  }
}
