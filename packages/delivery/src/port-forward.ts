import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, UserError } from "@inference-platform/kit";
import { kubectlPath } from "@inference-platform/planner";
import type { ServiceAddressOutputs } from "../../../components/platform/outputs";

/** A local address that leads to a Service in a cluster. */
export interface Forward {
  url: string;
  close(): void;
}

/** How long kubectl may take to listen, milliseconds. */
const patience = 30_000;

/** Makes a Service reachable here, through the Kubernetes API (`kubectl port-forward`), until it is closed. */
export async function forwardTo(
  kubeconfig: string,
  { namespace, serviceName, port }: ServiceAddressOutputs,
): Promise<Forward> {
  const folder = mkdtempSync(join(tmpdir(), "inference-platform-"));
  const file = join(folder, "kubeconfig.json");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    const cluster = ["--kubeconfig", file, "--namespace", namespace];
    const { url, stop } = await listen([...cluster, "port-forward", `service/${serviceName}`, `:${port}`]);
    return {
      url,
      close: () => {
        stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function listen(args: string[]): Promise<{ url: string; stop: () => void }> {
  return new Promise((resolve, reject) => {
    const child = spawn(findProgram("kubectl", process.env) ?? kubectlPath(), args, {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stop = () => child.kill();
    const timer = setTimeout(() => {
      stop();
      reject(new UserError("kubectl port-forward does not listen after 30 s."));
    }, patience);
    let printed = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const port = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
      if (!port) return;
      clearTimeout(timer);
      resolve({ url: `http://127.0.0.1:${port}`, stop });
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      reject(new UserError(`kubectl port-forward ended: ${errors.trim()}`));
    });
  });
}
