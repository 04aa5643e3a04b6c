import { type ChildProcess, spawn } from "node:child_process";
import { UserError } from "@inference-platform/kit";

/** How a program ended, with what it printed. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Programs that run for as long as this process lets them. */
export class Children {
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

  /** Runs a program to its end. @throws UserError when it is not installed */
  run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
    return new Promise((done, fail) => {
      const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
      this.running.add(child);
      const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      child.on("error", (error: NodeJS.ErrnoException) => {
        this.running.delete(child);
        fail(
          error.code === "ENOENT" ? new UserError(`${command} is not installed, and diff needs it.`) : error,
        );
      });
      child.on("close", (code) => {
        this.running.delete(child);
        done({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
      });
    });
  }
}
