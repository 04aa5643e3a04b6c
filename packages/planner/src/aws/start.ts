import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { typescriptArguments } from "@inference-platform/kit";
import type { AccountOptions } from "./account";
import { type RemoteControl, remoteControl } from "./control";

/** The simulated AWS provider as a process. */
export interface AwsServerOptions extends AccountOptions {
  /** Divides real durations; 0 answers at once. @default 0 */
  latencyFactor?: number;
  /** Failures on request, in the spelling of `--fail`. @default none */
  fail?: string[];
  /** Gets the lines of the process's stderr. @default dropped */
  onLog?: (line: string) => void;
}

/** A running provider. */
export interface AwsServer {
  /** For `PULUMI_DEBUG_PROVIDERS=aws:<port>`. */
  port: number;
  control: RemoteControl;
  process: ChildProcess;
  /** Ends the process; resolves once it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the simulated AWS provider on free loopback ports. It ends with `stop`, and with this process.
 * @throws Error with what the process said when it does not come up.
 */
export async function startAwsServer(options: AwsServerOptions): Promise<AwsServer> {
  const { endpoint, certificateAuthority } = options.clusterEndpoint ?? {};
  const args = [
    ["--region", options.region],
    ["--account-id", options.accountId],
    ["--caller", options.callerArn],
    ["--endpoint", endpoint],
    ["--certificate-authority", certificateAuthority],
    ["--latency-factor", options.latencyFactor?.toString()],
    ...(options.fail ?? []).map((fault) => ["--fail", fault]),
  ].flatMap(([flag = "", value]) => (value === undefined ? [] : [flag, value]));
  const child = spawn(process.execPath, [...typescriptArguments, join(__dirname, "serve.ts"), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    said.push(line);
    options.onLog?.(line);
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ports = await new Promise<{ provider: number; control: number }>((resolve, reject) => {
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line)));
    child.once("error", reject);
    gone.then(() => reject(new Error(`the simulated AWS provider did not start: ${said.join("\n")}`)));
  });
  return {
    port: ports.provider,
    control: remoteControl(ports.control),
    process: child,
    stop: () => {
      child.kill("SIGTERM");
      return gone;
    },
  };
}
