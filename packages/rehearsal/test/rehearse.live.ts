import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, typescriptArguments } from "@inference-platform/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControlPlane } from "../src/control-plane";
import { findTools, type Tools } from "../src/found-tools";
import { path } from "../src/kube/client";
import { Supervisor, sleep, until } from "../src/processes";
import type { RehearsalReport } from "../src/report";
import { startKindLike } from "./kind-like";

const root = projectRoot;
const { tools, missing } = findTools(process.env, false);
const skipped = missing.length > 0 ? ` (skipped: ${missing.join(", ")} missing, see npm run tools)` : "";

interface Command {
  child: ChildProcess;
  /** What it has said on stderr. */
  said(): string;
  ended: Promise<{ code: number | null; out: string }>;
}

/** The command as a user starts it, with its temporary files in a folder that a test can look into. */
function rehearse(args: string[], temporary = tmpdir()): Command {
  const child = spawn("node", [...typescriptArguments, "packages/rehearsal/bin.ts", "rehearse", ...args], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary },
  });
  let said = "";
  let out = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  return {
    child,
    said: () => said,
    ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, out }))),
  };
}

describe.skipIf(skipped)(`rehearse${skipped}`, () => {
  it("leaves no process and no file behind when it is interrupted", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "live-"));
    try {
      const { child, said, ended } = rehearse(["staging", "--step", "up"], temporary);
      // In the middle of an up, with the engine, its providers and the control plane running.
      await until("the engine to run", 60, () =>
        ours(temporary).some((line) => line.includes("pulumi-resource-")),
      );
      child.kill("SIGINT");
      expect((await ended).code, said()).toBe(130);
      await sleep(500);
      expect(ours(temporary)).toEqual([]);
      // What tsx has compiled stays for the next run.
      expect(readdirSync(temporary).filter((name) => !/^tsx-\d+$/.test(name))).toEqual([]);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  });
});

describe.skipIf(skipped)(`rehearse in a cluster of the user's, laid out as kind's${skipped}`, () => {
  const supervisor = new Supervisor();
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startKindLike(supervisor, tools as Tools);
  });
  afterAll(() => supervisor.close());

  it("refuses one in which somebody works, and touches nothing", async () => {
    const pods = path("v1", "pods", "default");
    const pod = { metadata: { name: "work" }, spec: { containers: [{ name: "work", image: "work" }] } };
    await until("the service account", 30, () =>
      plane.client.find(path("v1", "serviceaccounts", "default", "default")),
    );
    await plane.client.create(pods, pod);
    const { said, ended } = rehearse(["staging", "--kubeconfig", plane.adminKubeconfig]);
    expect((await ended).code).not.toBe(0);
    expect(said()).toMatch(/is in use: there are pods in default\./);
    expect(await plane.client.list(path("v1", "nodes"))).toHaveLength(1);
    expect(await plane.client.find(path("v1", "namespaces", undefined, "rehearsal"))).toBeUndefined();
    await plane.client.remove(`${pods}/work`, { gracePeriodSeconds: 0 });
  });

  it("takes the stack up and down again, and every check passes", async () => {
    const args = [
      "staging",
      "--kubeconfig",
      plane.adminKubeconfig,
      "--step",
      "up,destroy",
      "--format",
      "json",
    ];
    const { said, ended } = rehearse(args);
    const { code, out } = await ended;
    expect(code, said()).toBe(0);
    const report = JSON.parse(out) as RehearsalReport;
    expect(report.checks.filter((check) => !check.pass)).toEqual([]);
    expect(report.checks.map((check) => check.id)).toContain("nothing-left-in-cluster");
  });
});

/** The command lines of the processes that have to do with a folder. */
function ours(folder: string): string[] {
  return (existsSync("/proc") ? readdirSync("/proc") : [])
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const line = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ");
        return line.includes(`${folder}/`) ? [line] : [];
      } catch {
        return []; // It ended in between.
      }
    });
}
