import {
  type Backend,
  evaluate,
  isSecret,
  maskSecrets,
  type Properties,
  type RecordedResource,
  type RecordingMonitor,
  unwrapSecrets,
} from "@inference-platform/planner";

export { isSecret, maskSecrets, type Properties, type RecordedResource, unwrapSecrets };

/** Answers for the custom resources and functions that a test expects; anything else is an error. */
export interface Expected {
  /** By type token: output properties (with `id`) from the inputs. Types of `kubernetes:`, `random:` and `pulumi:` need none. */
  resources?: Record<string, (inputs: Properties, name: string) => Properties>;
  /** By function token. */
  functions?: Record<string, (args: Properties) => Properties>;
}

/** What the components under test asked the engine for. */
export class Recording {
  constructor(private readonly monitor: RecordingMonitor) {}

  /** Every resource, in the order of registration, without the stack. */
  get resources(): RecordedResource[] {
    return this.monitor.recorded.filter((entry) => entry.type !== "pulumi:pulumi:Stack");
  }

  /** The resources of a type. */
  ofType(type: string): RecordedResource[] {
    return this.resources.filter((entry) => entry.type === type);
  }

  /** The one resource of this type, or of this type and name. Fails when there is none, or several. */
  one(type: string, name?: string): RecordedResource {
    const found = this.ofType(type).filter((entry) => name === undefined || entry.name === name);
    if (found.length !== 1 || found[0] === undefined) {
      const known = this.resources.map((entry) => `${entry.type} ${entry.name}`).join("\n  ");
      throw new Error(`expected one ${type} ${name ?? ""}, found ${found.length}; registered:\n  ${known}`);
    }
    return found[0];
  }

  /** Names registered twice. */
  get duplicates(): string[] {
    return this.monitor.duplicates;
  }

  /** The outputs that a component passed to `registerOutputs`. */
  outputsOf(urn: string): Properties | undefined {
    return this.monitor.registeredOutputs.get(urn);
  }
}

function strict(expected: Expected): Backend {
  return {
    create(type, name, inputs) {
      const answer = expected.resources?.[type];
      if (answer) {
        const state = answer(inputs, name);
        return { id: String(state.id ?? `${name}-id`), state };
      }
      if (/^(kubernetes|random|pulumi):/.test(type)) return { id: `${name}-id`, state: {} };
      throw new Error(`the test did not expect a resource of type ${type} (${name})`);
    },
    invoke(token, args) {
      const answer = expected.functions?.[token];
      if (!answer) throw new Error(`the test did not expect a call of ${token}`);
      return answer(args);
    },
  };
}

/** Runs `build` as a program and returns what it asked for. Errors of the components reject. */
export async function record(build: () => unknown, expected: Expected = {}): Promise<Recording> {
  const context = { project: "inference-platform", stack: "test", config: {} };
  const { monitor } = await evaluate(strict(expected), context, async () => {
    await build();
  });
  return new Recording(monitor);
}
