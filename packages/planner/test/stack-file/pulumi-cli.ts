import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "@inference-platform/kit";

/** Values by key, as programs get them; null when the CLI refuses the file. */
export type StackConfig = Record<string, string> | null;

export const pulumi = findProgram("pulumi", process.env);

/** What Pulumi's CLI reads from a stack file of the project `p`. */
export async function configOfCli(file: Buffer): Promise<StackConfig> {
  const folder = mkdtempSync(join(tmpdir(), "stack-file-"));
  try {
    mkdirSync(join(folder, "state/.pulumi/stacks/p"), { recursive: true });
    writeFileSync(join(folder, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
    writeFileSync(join(folder, "Pulumi.dev.yaml"), file);
    writeFileSync(join(folder, "state/.pulumi/meta.yaml"), "version: 1\n");
    const state = { version: 3, checkpoint: { stack: "organization/p/dev" } };
    writeFileSync(join(folder, "state/.pulumi/stacks/p/dev.json"), JSON.stringify(state));
    const env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "none",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const { stdout } = await promisify(execFile)(
      pulumi ?? "pulumi",
      ["config", "--json", "--show-secrets", "--stack", "dev"],
      { cwd: folder, env },
    );
    const config = JSON.parse(stdout) as Record<string, { value?: string }>;
    return Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value ?? ""]));
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return null;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
