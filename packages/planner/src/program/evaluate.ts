import * as pulumi from "@pulumi/pulumi";
import { setMocks } from "@pulumi/pulumi/runtime/mocks";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { type Backend, type Properties, RecordingMonitor } from "./monitor";

/** The stack under which a program is evaluated. */
export interface EvaluationContext {
  project: string;
  stack: string;
  /** Configuration by full key (`project:key`); values as the engine passes them: text, objects as JSON. */
  config: Record<string, string>;
  /** The keys of `config` whose values are secret. @default none */
  secretKeys?: string[];
}

/** What a program asked for. */
export interface Evaluation {
  monitor: RecordingMonitor;
  /** The stack outputs, secrets in their envelope. */
  outputs: Properties;
}

/**
 * Runs `program` in this process against `backend` instead of an engine. Evaluations must not overlap: the
 * SDK keeps its state per process.
 *
 * @throws the first error of the program, also one inside an `apply` that nothing waited for.
 */
export async function evaluate(
  backend: Backend,
  context: EvaluationContext,
  program: () => unknown,
): Promise<Evaluation> {
  const monitor = new RecordingMonitor(backend);
  // setMocks also tells the store what the "engine" supports; the options then put our monitor in its place.
  await setMocks(
    { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
    context.project,
    context.stack,
  );
  settings.setMockOptions(monitor as never, context.project, context.stack);
  pulumi.runtime.setAllConfig(context.config, context.secretKeys ?? []);
  const untell = tellSecretKeys(context.secretKeys ?? []);
  await withoutSourceMaps(() =>
    withRejections(async () => {
      await pulumi.runtime.runInPulumiStack(
        async () => program() as Promise<Record<string, unknown> | undefined>,
      );
      await (settings as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
    }),
  ).finally(untell);
  const stack = monitor.recorded.find((entry) => entry.type === "pulumi:pulumi:Stack");
  return { monitor, outputs: (stack && monitor.registeredOutputs.get(stack.urn)) ?? {} };
}

/** Tells the program which keys are secret, where the engine does. @returns what takes it back. */
function tellSecretKeys(keys: string[]): () => void {
  const name = "PULUMI_CONFIG_SECRET_KEYS";
  const before = process.env[name];
  process.env[name] = JSON.stringify(keys);
  return () => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  };
}

/**
 * The SDK reads the stack of each of its promises, and Node then maps every frame to its source: a fifth of a plan with
 * many services. The stack of an error that ends the program is read after `work`, and is mapped.
 */
async function withoutSourceMaps(work: () => Promise<void>): Promise<void> {
  const enabled = process.sourceMapsEnabled;
  process.setSourceMapsEnabled(false);
  try {
    await work();
  } finally {
    process.setSourceMapsEnabled(enabled);
  }
}

/**
 * Runs `work` as the language host does: a promise that nobody waited for and that fails is a failure of the
 * program. One error rejects many outputs; the first is the cause.
 */
async function withRejections(work: () => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const collect = (error: unknown) => {
    errors.push(error);
    // What depends on the failed resource never resolves: nothing is left to wait for.
    stop();
  };
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", collect);
  try {
    await Promise.race([work().catch(collect), stopped]);
    // Rejections are reported after the microtasks of the turn in which they happened.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeListener("unhandledRejection", collect);
    for (const listener of others) process.on("unhandledRejection", listener);
  }
  if (errors.length > 0) throw errors[0];
}
