import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a child process is started. */
export interface StartOptions {
  /** The whole environment. @default this process's */
  env?: NodeJS.ProcessEnv;
  /** Working directory. @default the rehearsal's folder */
  cwd?: string;
}

/** A process of the rehearsal; its output goes to a log file. */
export interface Child {
  name: string;
  pid: number;
  log: string;
  /** Settles when the process ends. */
  exited: Promise<number>;
  running(): boolean;
  /** Asks the process group to end, and kills it after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Go programs collect garbage less often: a tenth of the time of a rehearsal, for half a gigabyte more. */
const moreMemory = { GOGC: "300" };

/**
 * Owns the temporary folder and every process of one rehearsal, so that nothing stays behind: not after an error,
 * not on Ctrl-C. Two rehearsals share nothing.
 */
export class Supervisor {
  readonly dir: string;
  private readonly children: Child[] = [];
  private readonly undo: (() => void)[] = [];
  private closed = false;

  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "rehearse-"));
    mkdirSync(join(this.dir, "logs"));
    // The last resort, for an exit that passed by `close`: only synchronous calls work here.
    const onExit = () => this.killAll();
    process.on("exit", onExit);
    this.undo.push(() => process.off("exit", onExit));
  }

  /**
   * Starts a program in a process group of its own, so that a Ctrl-C in the terminal reaches only us.
   *
   * @throws Error once the end has begun: work that goes on after an interrupt must leave nothing behind
   */
  start(name: string, command: string, args: string[], options: StartOptions = {}): Child {
    if (this.closed) throw new Error(`${name} is not started: the rehearsal is ending`);
    const log = join(this.dir, "logs", `${name}.log`);
    const fd = openSync(log, "a");
    const child = spawn(command, args, {
      cwd: options.cwd ?? this.dir,
      env: { ...moreMemory, ...(options.env ?? process.env) },
      stdio: ["ignore", fd, fd],
      detached: true,
    });
    closeSync(fd);
    const started = supervise(name, child, log);
    this.children.push(started);
    return started;
  }

  /** Ends the processes, the last started first, and removes the folder. */
  async close(): Promise<void> {
    this.closed = true;
    for (const child of [...this.children].reverse()) await child.stop();
    this.killStrays();
    for (const undo of this.undo) undo();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }

  /** A message about the first of these processes that ended by itself; undefined when all run. */
  ended(names: string[]): string | undefined {
    for (const name of names) {
      const child = this.children.findLast((candidate) => candidate.name === name);
      if (child && !child.running()) return `${name} ended by itself; its last lines:\n${tail(child.log)}`;
    }
    return undefined;
  }

  /**
   * Kills what our processes started and left behind: an engine that is killed leaves its provider plugins. They are
   * known by their program, which lies in this rehearsal's own folder.
   */
  killStrays(): void {
    for (const entry of existsSync("/proc") ? readdirSync("/proc") : []) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const [program = ""] = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
        if (program.startsWith(`${this.dir}/`)) process.kill(Number(entry), "SIGKILL");
      } catch {
        // It ended in between, or is not ours to look at.
      }
    }
  }

  private killAll(): void {
    for (const child of this.children) child.kill("SIGKILL");
    this.killStrays();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function supervise(name: string, child: ChildProcess, log: string): Child {
  let ended = false;
  const exited = new Promise<number>((resolve) => {
    const end = (code: number) => {
      ended = true;
      resolve(code);
    };
    child.on("exit", (code, signal) => end(code ?? (signal ? 128 : 1)));
    child.on("error", () => end(127));
  });
  const kill = (signal: NodeJS.Signals) => {
    if (ended || child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It ended in between.
    }
  };
  return {
    name,
    pid: child.pid ?? -1,
    log,
    exited,
    running: () => !ended,
    kill,
    async stop(graceMs = 5_000) {
      kill("SIGTERM");
      const late = setTimeout(() => kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(late);
    },
  };
}

/** `count` loopback ports that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Waits until `probe` answers something, asking again every `everyMs`.
 *
 * @throws after `seconds`, with `what` was waited for and the last error of the probe.
 */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  everyMs = 200,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let reason = "";
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      reason = `: ${error instanceof Error ? error.message : error}`;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s${reason}`);
    await sleep(everyMs);
  }
}

/** The last lines of a log file. */
export function tail(file: string, lines = 15): string {
  if (!existsSync(file)) return "";
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}
