import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Scaled, Scenario } from "./scenario";

/** The real controller as a program on the PATH, if there is one. */
export const oracleProgram = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "hpa-oracle"))
  .find(existsSync);

/** What the Go controller of Kubernetes 1.35 does in each scenario. */
export function askOracle(scenarios: Scenario[]): Scaled[] {
  if (!oracleProgram) throw new Error("hpa-oracle is not on the PATH");
  const folder = mkdtempSync(join(tmpdir(), "hpa-oracle-"));
  try {
    const input = join(folder, "in.jsonl");
    const output = join(folder, "out.jsonl");
    writeFileSync(
      input,
      scenarios.map((one, index) => `${JSON.stringify({ ...one, id: String(index) })}\n`).join(""),
    );
    execFileSync(oracleProgram, ["-test.run", "TestOracle"], {
      env: { ...process.env, HPA_ORACLE_IN: input, HPA_ORACLE_OUT: output },
      stdio: ["ignore", "ignore", "pipe"],
      maxBuffer: 1 << 30,
    });
    const answers = new Map<string, Scaled>();
    for (const line of readFileSync(output, "utf8").trim().split("\n")) {
      const { id, scaled } = JSON.parse(line) as { id: string; scaled: Scaled | null };
      answers.set(id, scaled ?? []);
    }
    return scenarios.map((_, index) => answers.get(String(index)) ?? []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
