import * as provider from "@pulumi/pulumi/proto/provider_pb";
import * as resource from "@pulumi/pulumi/proto/resource_pb";
import { deserializeProperties, serializeProperties } from "@pulumi/pulumi/runtime/rpc";
import { getProject, getStack } from "@pulumi/pulumi/runtime/settings";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** Plain property values as the program sent them. A secret is the SDK's signed envelope (`isSecret`). */
export type Properties = Record<string, unknown>;

/** What stands in for the providers: it answers creations and function calls. */
export interface Backend {
  /** Id and output properties of a custom resource. Throws for what it does not know. */
  create(type: string, name: string, inputs: Properties): { id: string; state: Properties };
  /** The result of a provider function. Throws for what it does not know. */
  invoke(token: string, args: Properties): Properties;
}

/** The resource options of a registration, only those that were given. */
export interface RecordedOptions {
  protect?: boolean;
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
  /** A value whose change replaces the resource. */
  replacementTrigger?: unknown;
  aliases?: string[];
  deleteBeforeReplace?: boolean;
  retainOnDelete?: boolean;
  deletedWith?: string;
  additionalSecretOutputs?: string[];
  customTimeouts?: { create?: string; update?: string; delete?: string };
  import?: string;
}

/** One resource as the engine would have received it, in the order of registration. */
export interface RecordedResource {
  urn: string;
  type: string;
  name: string;
  /** URN of the parent; absent for the stack itself. */
  parent?: string;
  custom: boolean;
  /** URN of the explicit provider, without its id; absent when the default provider serves it. */
  provider?: string;
  /** The inputs, secrets in their envelope. */
  inputs: Properties;
  /** URNs that the resource waits for: data dependencies and `dependsOn`. */
  dependencies: string[];
  options: RecordedOptions;
}

const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const signatureKey = "4dabf18193072939515e22adb298388d";

/** True for the SDK's envelope around a secret value. */
export function isSecret(value: unknown): value is { value: unknown } {
  return (
    typeof value === "object" && value !== null && (value as Properties)[signatureKey] === secretSignature
  );
}

/** Stands for every secret that is shown. */
export const mask = "[secret]";

/** A copy of `value` in which every secret is the mask. */
export function maskSecrets(value: unknown): unknown {
  if (isSecret(value)) return mask;
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, maskSecrets(entry)]));
  }
  return value;
}

/** A copy of `value` with every secret taken out of its envelope. */
export function unwrapSecrets(value: unknown): unknown {
  if (isSecret(value)) return unwrapSecrets(value.value);
  if (Array.isArray(value)) return value.map(unwrapSecrets);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, unwrapSecrets(entry)]));
  }
  return value;
}

type Reply<T> = (error: unknown, response: T | undefined) => void;

/**
 * Stands where the SDK's own mock monitor would, and keeps what a reviewer must see and that one drops: options,
 * dependencies, providers, secrets, and names registered twice.
 */
export class RecordingMonitor {
  readonly recorded: RecordedResource[] = [];
  private readonly seen = new Set<string>();
  /** URNs that were registered more than once: the engine would refuse them. */
  readonly duplicates: string[] = [];
  /** Component and stack outputs by URN, as passed to `registerOutputs`. */
  readonly registeredOutputs = new Map<string, Properties>();
  /** What `getResource` answers for resource references. */
  private readonly states = new Map<string, { urn: string; id: string; state: Properties }>();

  constructor(private readonly backend: Backend) {}

  /** As the engine makes them: with the types of all the parents, and none for the stack. */
  private newUrn(parent: string, type: string, name: string): string {
    const parentType = parent ? parent.split("::")[2] : "";
    const qualified = parentType && parentType !== "pulumi:pulumi:Stack" ? `${parentType}$${type}` : type;
    return `urn:pulumi:${getStack()}::${getProject()}::${qualified}::${name}`;
  }

  async invoke(req: resource.ResourceInvokeRequest, reply: Reply<unknown>): Promise<void> {
    const token: string = req.getTok();
    await answer(reply, async () => {
      const args = unwrapSecrets(properties(req.getArgs())) as Properties;
      const result =
        token === "pulumi:pulumi:getResource"
          ? this.states.get(String(args.urn))
          : await serializeProperties("", this.backend.invoke(token, args));
      if (!result) throw new Error(`unknown resource ${args.urn}`);
      const response = new provider.InvokeResponse();
      response.setReturn(Struct.fromJavaScript(result as never));
      return response;
    });
  }

  async registerResource(req: resource.RegisterResourceRequest, reply: Reply<unknown>): Promise<void> {
    await answer(reply, async () => {
      const inputs = properties(req.getObject());
      const urn = this.newUrn(req.getParent(), req.getType(), req.getName());
      if (this.seen.has(urn)) this.duplicates.push(urn);
      this.seen.add(urn);
      const recorded = describe(req, urn, inputs);
      this.recorded.push(recorded);

      const { id, state } = recorded.custom
        ? this.backend.create(recorded.type, recorded.name, unwrapSecrets(inputs) as Properties)
        : { id: "", state: {} };
      const serialized = await serializeProperties("", { ...inputs, ...state });
      this.states.set(urn, { urn, id, state: serialized });
      const response = new resource.RegisterResourceResponse();
      response.setUrn(urn);
      response.setId(id);
      response.setObject(Struct.fromJavaScript(serialized));
      return response;
    });
  }

  /** What the program looks up, such as another stack's outputs: nothing that it creates, so not recorded. */
  async readResource(req: resource.ReadResourceRequest, reply: Reply<unknown>): Promise<void> {
    await answer(reply, async () => {
      const inputs = unwrapSecrets(properties(req.getProperties())) as Properties;
      const { state } = this.backend.create(req.getType(), req.getName(), inputs);
      const response = new resource.ReadResourceResponse();
      response.setUrn(this.newUrn(req.getParent(), req.getType(), req.getName()));
      response.setProperties(Struct.fromJavaScript(await serializeProperties("", { ...inputs, ...state })));
      return response;
    });
  }

  registerResourceOutputs(req: resource.RegisterResourceOutputsRequest, reply: Reply<unknown>): void {
    this.registeredOutputs.set(req.getUrn(), properties(req.getOutputs()));
    reply(null, {});
  }

  supportsFeature(req: resource.SupportsFeatureRequest, reply: Reply<unknown>): void {
    // Without "outputValues", inputs arrive as plain values and secret envelopes.
    reply(null, { getHassupport: () => req.getId() !== "outputValues" && req.getId() !== "transforms" });
  }

  registerPackage(_req: unknown, reply: Reply<unknown>): void {
    const response = new resource.RegisterPackageResponse();
    response.setRef("offline");
    reply(null, response);
  }
}

/** The values of a message; an absent message has none. */
function properties(message: Struct | undefined): Properties {
  return message ? (deserializeProperties(message) as Properties) : {};
}

async function answer<T>(reply: Reply<T>, work: () => Promise<T>): Promise<void> {
  try {
    reply(null, await work());
  } catch (error) {
    reply(error, undefined);
  }
}

function describe(req: resource.RegisterResourceRequest, urn: string, inputs: Properties): RecordedResource {
  const timeouts = req.getCustomtimeouts()?.toObject() as Record<string, string> | undefined;
  const options: RecordedOptions = {
    protect: req.getProtect() || undefined,
    ignoreChanges: list(req.getIgnorechangesList()),
    replaceOnChanges: list(req.getReplaceonchangesList()),
    replacementTrigger: req.getReplacementTrigger()?.toJavaScript() ?? undefined,
    aliases: list(
      req.getAliasesList().map((alias: { toObject(): unknown }) => JSON.stringify(alias.toObject())),
    ),
    deleteBeforeReplace: req.getDeletebeforereplacedefined() ? req.getDeletebeforereplace() : undefined,
    retainOnDelete: req.getRetainondelete() || undefined,
    deletedWith: req.getDeletedwith() || undefined,
    additionalSecretOutputs: list(req.getAdditionalsecretoutputsList()),
    customTimeouts: timeouts && Object.values(timeouts).some(Boolean) ? timeouts : undefined,
    import: req.getImportid() || undefined,
  };
  return {
    urn,
    type: req.getType(),
    name: req.getName(),
    parent: req.getParent() || undefined,
    custom: req.getCustom(),
    provider: req.getProvider() ? String(req.getProvider()).replace(/::[^:]*$/, "") : undefined,
    inputs,
    dependencies: [...(req.getDependenciesList() as string[])].sort(),
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
}

function list(values: string[]): string[] | undefined {
  return values.length > 0 ? [...values] : undefined;
}
