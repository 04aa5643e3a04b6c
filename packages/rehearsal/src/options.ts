import { readArguments } from "@inference-platform/kit";
import { parseFault } from "@inference-platform/planner";

/** The steps of a rehearsal, in their order. */
export const stepNames = ["preview", "up", "up-again", "update", "destroy"] as const;
export type StepName = (typeof stepNames)[number];

export const Format = { Text: "text", Json: "json" } as const;
export type Format = (typeof Format)[keyof typeof Format];

/** What the user asked for. */
export interface RehearseOptions {
  stack: string;
  format: Format;
  /** Leave everything running at the end. */
  keep: boolean;
  steps: StepName[];
  /** A disposable cluster of the user's. */
  kubeconfig?: string;
  /** Divides AWS's typical durations; 0 for none at all. */
  latencyFactor: number;
  /** Failures of the simulated AWS, in the spelling of `--fail`. */
  fail: string[];
  /** Run the faults instead of the plain life cycle. */
  faults: boolean;
  /** Run the proof that autoscaling scales. */
  scaling: boolean;
}

export const usage = `Usage: npm run rehearse -- <stack> [options]

Takes the stack through preview, up, up again, update and destroy: with the real Pulumi engine and a real Kubernetes
control plane on this machine; only AWS is simulated. Needs no account and no root.

  --format text|json       @default text; progress goes to stderr
  --step NAME[,NAME...]    only these steps, in this order: ${stepNames.join(", ")}
  --keep                   leave it running, and print how to look around
  --kubeconfig FILE        use a disposable cluster, such as kind, instead of a local control plane
  --latency none|realistic let the simulated AWS take as long as AWS does, divided by --latency-factor
  --latency-factor N       @default 20
  --fail SPEC              let an operation fail: aws:eks/nodeGroup:NodeGroup@create#1=InsufficientInstanceCapacity
  --faults                 rehearse twelve things that go wrong, instead of one life in which nothing does
  --scaling                let real metrics scale the services
  --help                   this text

Exit codes: 0 every step and check passed; 1 one did not; 2 wrong usage, or a tool is missing.`;

/**
 * Parses the arguments after `rehearse`.
 *
 * @throws Error with a message for the user
 */
export function parseOptions(argv: string[]): RehearseOptions {
  const { values, positionals } = readArguments({
    args: argv,
    allowPositionals: true,
    options: {
      format: { type: "string", default: Format.Text },
      step: { type: "string", multiple: true },
      keep: { type: "boolean", default: false },
      kubeconfig: { type: "string" },
      latency: { type: "string", default: "none" },
      "latency-factor": { type: "string", default: "20" },
      fail: { type: "string", multiple: true },
      faults: { type: "boolean", default: false },
      scaling: { type: "boolean", default: false },
    },
  });
  const [stack, ...others] = positionals;
  if (!stack) throw new Error("no stack was named: npm run rehearse -- staging");
  if (others.length > 0) throw new Error(`one stack at a time, not also ${others.join(" ")}`);
  const factor = Number(values["latency-factor"]);
  if (!(factor > 0)) throw new Error(`--latency-factor ${values["latency-factor"]}: a number above 0`);
  const steps = (values.step ?? []).flatMap((list) => list.split(",")).map((name) => stepName(name.trim()));
  return {
    stack,
    format: oneOf("--format", values.format, [Format.Text, Format.Json]),
    keep: values.keep,
    steps: steps.length > 0 ? steps : [...stepNames],
    ...(values.kubeconfig !== undefined && { kubeconfig: values.kubeconfig }),
    latencyFactor: oneOf("--latency", values.latency, ["none", "realistic"]) === "none" ? 0 : factor,
    fail: checkedFaults(values.fail ?? []),
    faults: values.faults,
    scaling: values.scaling,
  };
}

/** They are parsed again where they strike; here a wrong one is a wrong command line. */
function checkedFaults(texts: string[]): string[] {
  for (const text of texts) parseFault(text);
  return texts;
}

function stepName(text: string): StepName {
  return oneOf("--step", text, [...stepNames]);
}

function oneOf<T extends string>(option: string, value: string, allowed: T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (!found) throw new Error(`${option} ${value}: one of ${allowed.join(", ")}`);
  return found;
}
