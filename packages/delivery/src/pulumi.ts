import { spawn } from "node:child_process";
import { UserError } from "@inference-platform/kit";

/** How a program ended, with what it printed. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** What to run a program with. */
export interface RunOptions {
  /** Its folder. */
  directory: string;
  /** Print what it prints while it runs, instead of collecting it. @default false */
  shown?: boolean;
  /** Where to get the program, for the message when it is missing. */
  from: string;
}

/** @throws UserError when the program is not installed. */
export function runProgram(program: string, args: string[], options: RunOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.directory,
      stdio: ["ignore", options.shown ? "inherit" : "pipe", options.shown ? "inherit" : "pipe"],
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new UserError(`${program} is not installed or not on PATH. ${options.from}`)
          : error,
      ),
    );
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** Runs the Pulumi CLI on a stack. */
export function pulumi(
  stack: string,
  args: string[],
  options: { directory: string; shown?: boolean },
): Promise<Ended> {
  return runProgram("pulumi", [...args, "--stack", stack, "--non-interactive", "--color", "never"], {
    ...options,
    from: "See https://www.pulumi.com/docs/install/, or run: npm run tools",
  });
}
