import { type ChildProcess, spawn } from "node:child_process";
import { UserError } from "./errors";

/** How a program ended, with what it printed. */
export interface Ended {
  /** Exit code; 1 when a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  /** Its working folder. */
  directory: string;
  /** The whole environment. @default this process's */
  env?: NodeJS.ProcessEnv;
  /** Print what it prints while it runs, instead of collecting it. @default false */
  shown?: boolean;
  /** Text for its stdin. @default none */
  input?: string;
  /** Where to get the program, for the message when it is missing. */
  from?: string;
}

/** Programs that run for as long as this process lets them. */
export class Programs {
  private readonly running = new Set<ChildProcess>();

  /** Ends what runs, with all that it started. */
  end(): void {
    for (const { pid } of this.running) {
      try {
        // The whole group: npm does not pass a signal on to what it runs.
        if (pid !== undefined) process.kill(-pid, "SIGTERM");
      } catch {
        // It has just ended.
      }
    }
    this.running.clear();
  }

  /** Runs a program to its end. @throws UserError when it is not installed. */
  run(program: string, args: string[], options: RunOptions): Promise<Ended> {
    return new Promise((done, fail) => {
      const output = options.shown ? "inherit" : "pipe";
      const child = spawn(program, args, {
        cwd: options.directory,
        env: options.env ?? process.env,
        stdio: [options.input === undefined ? "ignore" : "pipe", output, output],
        // Its own group, so that `end` reaches what it starts. What is shown stays in the terminal's group.
        detached: !options.shown && process.platform !== "win32",
      });
      this.running.add(child);
      const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
      child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
      // It may end before it has read everything; how it ended says what there is to say.
      child.stdin?.on("error", () => {}).end(options.input);
      child.on("error", (error: NodeJS.ErrnoException) => {
        this.running.delete(child);
        fail(error.code === "ENOENT" ? notInstalled(program, options.from) : error);
      });
      child.on("close", (code) => {
        this.running.delete(child);
        done({
          code: code ?? 1,
          stdout: Buffer.concat(stdout).toString(),
          stderr: Buffer.concat(stderr).toString(),
        });
      });
    });
  }
}

/** Runs one program to its end. @throws UserError when it is not installed. */
export function runProgram(program: string, args: string[], options: RunOptions): Promise<Ended> {
  return new Programs().run(program, args, options);
}

function notInstalled(program: string, from = ""): UserError {
  return new UserError(`${program} is not installed or not on PATH.${from && ` ${from}`}`);
}
