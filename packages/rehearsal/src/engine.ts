import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Tools } from "./found-tools";
import { type Child, type Supervisor, tail } from "./processes";
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
    const events = new EventLog(eventLog);
    const result = child.exited.then((code) => {
      const seconds = (Date.now() - started) / 1000;
      return { operation, ok: code === 0, seconds, ...events.close(), output: tail(child.log, 40) };
    });
    return { child, result, progress: () => events.read().steps };
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
  /** URN and id of the provider, as `<urn>::<id>`. */
  provider?: string;
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

type Events = Pick<EngineResult, "changes" | "unchanged" | "steps" | "errors">;

/**
 * Follows the engine's event log. Its own times are whole seconds, so lines get the time at which they were seen. The
 * log has secrets in the clear and is removed when the run is over.
 */
class EventLog {
  private readonly lines: string[] = [];
  private readonly times: number[] = [];
  private readonly timer: NodeJS.Timeout;
  private offset = 0;
  private rest = "";

  constructor(private readonly file: string) {
    this.timer = setInterval(() => this.follow(), 50);
  }

  /** The events so far. */
  read(): Events {
    this.follow();
    return parseEvents(this.lines, this.times);
  }

  close(): Events {
    clearInterval(this.timer);
    const events = this.read();
    rmSync(this.file, { force: true });
    return events;
  }

  /** Takes what was written since the last time; the engine may still be writing its last line. */
  private follow(): void {
    if (!existsSync(this.file)) return;
    const length = statSync(this.file).size - this.offset;
    if (length <= 0) return;
    const chunk = Buffer.alloc(length);
    const fd = openSync(this.file, "r");
    this.offset += readSync(fd, chunk, 0, length, this.offset);
    closeSync(fd);
    // Latin-1 keeps bytes apart whose character is not complete yet; lines are decoded whole.
    const lines = (this.rest + chunk.toString("latin1")).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      this.lines.push(Buffer.from(line, "latin1").toString("utf8"));
      this.times.push(Date.now());
    }
  }
}

/** Makes steps of the engine's events; `times` are milliseconds since 1970, one per line. */
export function parseEvents(lines: string[], times: number[]): Events {
  const steps: EngineStep[] = [];
  const open = new Map<string, EngineStep>();
  const errors: string[] = [];
  let changes: Record<string, number> = {};
  for (const [i, line] of lines.entries()) {
    const event = parseLine(line);
    if (!event) continue;
    const at = times[i] ?? 0;
    if (event.resourcePreEvent) {
      const step = newStep(event.resourcePreEvent.metadata, at);
      steps.push(step);
      open.set(`${step.op} ${step.urn}`, step);
    }
    const ended = event.resOutputsEvent ?? event.resOpFailedEvent;
    const step = ended && open.get(`${ended.metadata.op} ${ended.metadata.urn}`);
    if (step) Object.assign(step, { ended: at, failed: event.resOpFailedEvent !== undefined });
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
