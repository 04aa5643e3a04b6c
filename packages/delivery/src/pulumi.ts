import { spawn } from "node:child_process";
import { findProgram, searchPath, UserError } from "@inference-platform/kit";
import { readStack } from "@inference-platform/planner";

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
    const child = spawn(findProgram(program, process.env) ?? program, args, {
      cwd: options.directory,
      stdio: ["ignore", options.shown ? "inherit" : "pipe", options.shown ? "inherit" : "pipe"],
      // Pulumi starts programs that lie beside it, or on PATH.
      env: { ...process.env, PATH: searchPath(process.env), PULUMI_SKIP_UPDATE_CHECK: "true" },
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
      reject(error.code === "ENOENT" ? new UserError(`${program} is not installed. ${options.from}`) : error),
    );
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

const pulumiSource = "Run: npm run tools -- --only pulumi, or see https://www.pulumi.com/docs/install/";

/** What every command on a real stack needs. @throws UserError when the stack has no file, or Pulumi is missing */
export function needStack(stack: string, directory: string): void {
  readStack(directory, stack);
  if (findProgram("pulumi", process.env) === undefined) {
    throw new UserError(`pulumi is not installed. ${pulumiSource}`);
  }
}

/** Runs the Pulumi CLI on a stack. */
export function pulumi(
  stack: string,
  args: string[],
  options: { directory: string; shown?: boolean },
): Promise<Ended> {
  return runProgram("pulumi", [...args, "--stack", stack, "--non-interactive", "--color", "never"], {
    ...options,
    from: pulumiSource,
  });
}
