import { type Given, type Options, UsageError } from "@inference-platform/kit";
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
  /** Revision of the project that the stack comes from. */
  from?: string;
}

/** The options of `rehearse`. */
export const rehearseOptions = {
  format: {
    type: "string",
    value: "FORMAT",
    choices: [Format.Text, Format.Json],
    default: Format.Text,
    help: "What to print; progress goes to stderr.",
  },
  step: {
    type: "string",
    value: "NAME[,NAME...]",
    multiple: true,
    help: `Only these steps, in this order: ${stepNames.join(", ")}.`,
  },
  keep: { type: "boolean", help: "Leave it running, and print how to look around." },
  kubeconfig: {
    type: "string",
    value: "FILE",
    help: "Use a disposable cluster, such as kind, instead of a local control plane.",
  },
  latency: {
    type: "string",
    value: "HOW",
    choices: ["none", "realistic"],
    default: "none",
    help: "Let the simulated AWS take as long as AWS does, divided by --latency-factor.",
  },
  "latency-factor": { type: "string", value: "N", default: "20", help: "A number above 0." },
  fail: {
    type: "string",
    value: "SPEC",
    multiple: true,
    help: "Let an operation fail: aws:eks/nodeGroup:NodeGroup@create#1=InsufficientInstanceCapacity",
  },
  faults: {
    type: "boolean",
    help: "Rehearse twelve things that go wrong, instead of one life in which nothing does.",
  },
  scaling: { type: "boolean", help: "Let real metrics scale the services." },
  from: {
    type: "string",
    value: "REVISION",
    help: "Go up with the program of this branch, tag or commit first; today's may then replace and delete nothing.",
  },
} as const satisfies Options;

/**
 * What the arguments of `rehearse` ask for.
 *
 * @throws UsageError with everything that is wrong with them.
 */
export function rehearsalOf({ stack, values }: Given<typeof rehearseOptions>): RehearseOptions {
  const problems: string[] = [];
  const factor = Number(values["latency-factor"]);
  if (!(factor > 0)) problems.push(`--latency-factor ${values["latency-factor"]}: must be a number above 0.`);
  const steps = values.step.flatMap((list) => list.split(",")).map((name) => name.trim());
  for (const step of steps)
    if (!isStep(step)) problems.push(`--step ${step}: must be one of ${stepNames.join(", ")}.`);
  // They are parsed again where they strike; here a wrong one is a wrong command line.
  for (const fault of values.fail)
    try {
      parseFault(fault);
    } catch (error) {
      problems.push((error as Error).message);
    }
  if (values.scaling && values.kubeconfig)
    problems.push("--scaling runs on a control plane of its own, not on --kubeconfig.");
  if (values.from !== undefined && (values.scaling || values.faults))
    problems.push("--from is a life of its own, not one of --faults or --scaling.");
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return {
    stack,
    format: values.format,
    keep: values.keep,
    steps: steps.length > 0 ? steps.filter(isStep) : defaultSteps(values.from),
    ...(values.kubeconfig !== undefined && { kubeconfig: values.kubeconfig }),
    latencyFactor: values.latency === "none" ? 0 : factor,
    fail: values.fail,
    faults: values.faults,
    scaling: values.scaling,
    ...(values.from !== undefined && { from: values.from }),
  };
}

/** A stack that comes from a revision has had its update. */
function defaultSteps(from: string | undefined): StepName[] {
  return stepNames.filter((step) => from === undefined || step !== "update");
}

function isStep(text: string): text is StepName {
  return stepNames.some((name) => name === text);
}
