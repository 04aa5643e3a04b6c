import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Child, type Supervisor, tail } from "./processes";
import type { Tools } from "./tools";
import type { Workspace } from "./workspace";

export const Operation = { Preview: "preview", Up: "up", Destroy: "destroy" } as const;
export type Operation = (typeof Operation)[keyof typeof Operation];

/** What the engine did to one resource. */
export interface EngineStep {
  urn: string;
  type: string;
  /** `create`, `update`, `replace`, `create-replacement`, `delete`, `delete-replaced`, `same`, `read`. */
  op: string;
  /** Milliseconds since 1970. The engine's log knows when a step began and ended. */
  started: number;
  ended?: number;
  failed: boolean;
  /** Property paths that changed. */
  diffs: string[];
  /** Property paths that force a replacement. */
  replaceKeys: string[];
}

/** One run of the engine. */
export interface EngineResult {
  operation: Operation;
  /** Exit code 0. */
  ok: boolean;
  seconds: number;
  /** Resources per kind of change, without the unchanged ones. */
  changes: Record<string, number>;
  /** Resources that stayed as they were. */
  unchanged: number;
  steps: EngineStep[];
  /** Diagnostics of severity error, as the engine worded them. */
  errors: string[];
  /** The last lines that pulumi printed. */
  output: string;
}

/** A run of the engine that goes on. */
export interface EngineRun {
  child: Child;
  result: Promise<EngineResult>;
  /** Steps so far, for what must happen in the middle of a run. */
  progress(): EngineStep[];
}

/** The real Pulumi CLI on one stack. */
export class Engine {
  private runs = 0;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly tools: Tools,
    readonly workspace: Workspace,
  ) {}

  /** Creates the stack in the local backend. */
  async init(): Promise<void> {
    const { stack, stateDir } = this.workspace;
    if (!existsSync(stateDir)) throw new Error(`no state folder ${stateDir}`);
    await this.command("stack", "init", stack, "--secrets-provider", "passphrase");
  }

  /** Starts preview, up or destroy and returns at once. */
  start(operation: Operation, env: NodeJS.ProcessEnv = {}): EngineRun {
    const name = `${operation}-${++this.runs}`;
    const eventLog = join(this.supervisor.dir, `${name}.events`);
    rmSync(eventLog, { force: true });
    const started = Date.now();
    const child = this.supervisor.start(
      name,
      this.tools.pulumi,
      [
        operation,
        "--stack",
        this.workspace.stack,
        "--non-interactive",
        "--color=never",
        "--suppress-progress",
        `--event-log=${eventLog}`,
        ...(operation === Operation.Preview ? [] : ["--yes", "--skip-preview"]),
      ],
      // The event log is behind this switch; it changes nothing else.
      {
        cwd: this.workspace.dir,
        env: { ...this.workspace.env, PULUMI_DEBUG_COMMANDS: "true", ...env },
      },
    );
    const result = child.exited.then((code) => ({
      operation,
      ok: code === 0,
      seconds: (Date.now() - started) / 1000,
      ...readEvents(eventLog),
      output: tail(child.log, 40),
    }));
    return { child, result, progress: () => readEvents(eventLog).steps };
  }

  run(operation: Operation, env: NodeJS.ProcessEnv = {}): Promise<EngineResult> {
    return this.start(operation, env).result;
  }

  /** The state, secrets encrypted as they are stored, or in the clear. */
  async export(showSecrets = false): Promise<StackState> {
    const args = showSecrets ? ["--show-secrets"] : [];
    return JSON.parse(await this.command("stack", "export", "--stack", this.workspace.stack, ...args));
  }

  /** The outputs of the stack, secrets in the clear. */
  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(
      await this.command("stack", "output", "--stack", this.workspace.stack, "--json", "--show-secrets"),
    );
  }

  /** Removes the lock that an engine left behind that was killed. */
  async cancel(): Promise<void> {
    await this.command("cancel", "--yes", "--stack", this.workspace.stack);
  }

  /** Runs another pulumi command; its output, or an error with it. */
  async command(...args: string[]): Promise<string> {
    const name = `pulumi-${args[0]}-${++this.runs}`;
    const child = this.supervisor.start(name, this.tools.pulumi, [...args, "--non-interactive"], {
      cwd: this.workspace.dir,
      env: this.workspace.env,
    });
    const code = await child.exited;
    const text = readFileSync(child.log, "utf8");
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit code ${code}\n${text.trim()}`);
    // What it prints may hold secrets; the logs are searched for them later and must show only what users see.
    rmSync(child.log);
    return text;
  }
}

/** A resource of the state file. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  custom: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  dependencies?: string[];
  parent?: string;
}

/** `pulumi stack export`. */
export interface StackState {
  version: number;
  deployment: {
    resources?: StateResource[];
    pending_operations?: { type: string; resource: StateResource }[];
  };
}

interface StepMetadata {
  op: string;
  urn: string;
  type: string;
  diffs?: string[] | null;
  keys?: string[] | null;
  detailedDiff?: Record<string, unknown> | null;
}

/** One line of the engine's event log, as much as is read of it. */
interface EngineEvent {
  timestamp: number;
  resourcePreEvent?: { metadata: StepMetadata };
  resOutputsEvent?: { metadata: StepMetadata };
  resOpFailedEvent?: { metadata: StepMetadata };
  diagnosticEvent?: { severity: string; message: string; urn?: string };
  summaryEvent?: { resourceChanges?: Record<string, number> };
}

/** Reads what is there of an event log; the engine may still be writing its last line. */
export function readEvents(file: string): Pick<EngineResult, "changes" | "unchanged" | "steps" | "errors"> {
  if (!existsSync(file)) return { changes: {}, unchanged: 0, steps: [], errors: [] };
  return parseEvents(readFileSync(file, "utf8"));
}

export function parseEvents(text: string): Pick<EngineResult, "changes" | "unchanged" | "steps" | "errors"> {
  const steps: EngineStep[] = [];
  const errors: string[] = [];
  let changes: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const event = parseLine(line);
    if (!event) continue;
    const at = event.timestamp * 1000;
    if (event.resourcePreEvent) steps.push(newStep(event.resourcePreEvent.metadata, at));
    const ended = event.resOutputsEvent ?? event.resOpFailedEvent;
    if (ended) {
      const step = steps.findLast(
        (known) => known.urn === ended.metadata.urn && known.op === ended.metadata.op,
      );
      if (step) Object.assign(step, { ended: at, failed: event.resOpFailedEvent !== undefined });
    }
    if (event.diagnosticEvent?.severity === "error") errors.push(event.diagnosticEvent.message.trim());
    if (event.summaryEvent?.resourceChanges) changes = event.summaryEvent.resourceChanges;
  }
  const { same = 0, ...others } = changes;
  return { changes: others, unchanged: same, steps, errors };
}

function parseLine(line: string): EngineEvent | undefined {
  try {
    return line ? JSON.parse(line) : undefined;
  } catch {
    return undefined;
  }
}

function newStep(metadata: StepMetadata, started: number): EngineStep {
  return {
    urn: metadata.urn,
    type: metadata.type,
    op: metadata.op,
    started,
    failed: false,
    diffs: metadata.detailedDiff ? Object.keys(metadata.detailedDiff) : (metadata.diffs ?? []),
    replaceKeys: metadata.keys ?? [],
  };
}
