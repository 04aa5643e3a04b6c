import { type CheckResult, check, expect } from "../../checks/check";
import { sleep } from "../../processes";
import type { ScalingLoop } from "../loop";
import { pace, paced } from "../pace";
import type { DualRow } from "../report";
import { serverCapacity } from "../stack";

const low = 50;
const high = 120;
/** 15 minutes at the stack's pace: against what rises faster than a replica starts, nothing that reacts can help. */
const riseSeconds = 900 / pace;
const steadySeconds = 25;
/** Replicas of those who do not scale. */
const fixedReplicas = 8;

/**
 * The published case: requests rise from 50 to 120 per second to a server that is full at 100 with its CPU near 50 %.
 * Both services get the same at the same time.
 */
export async function dualSignal(loop: ScalingLoop, rows: DualRow[]): Promise<CheckResult[]> {
  const { dual, cpuOnly } = loop.stack.services;
  const both = [
    { service: cpuOnly, signals: "CPU" },
    { service: dual, signals: "CPU + requests/s" },
  ];
  const began = Date.now();
  for (const { service } of both) loop.load.set(service.name, low);
  await sleep(8_000);
  const rise = Date.now();
  for (const { service } of both) loop.load.set(service.name, high, riseSeconds);
  await sleep(1000 * riseSeconds);
  const top = Date.now();
  await sleep(1000 * steadySeconds);
  const ended = Date.now();
  // The latency of what still waits is known only when it is answered.
  loop.load.set(cpuOnly.name, low);
  const limit = Date.now() + 30_000;
  while ((loop.proxy.inFlight.get(cpuOnly.name) ?? 0) > low && Date.now() < limit) await sleep(250);

  for (const { service, signals } of both) {
    const { name } = service;
    const startup = service.startup.startupSeconds;
    const view = (from: number, to: number) => loop.load.view(name, from, to);
    const changes = loop.timeline.of(name, began, ended);
    const first = changes.find((change) => change.at >= began && change.replicas > 1);
    const pod = first && loop.kubelet.podsOf(name).find((each) => each.created >= first.at - 2_000);
    const meanReplicas = loop.timeline.replicaSeconds(name, began, ended) / ((ended - began) / 1000);
    rows.push({
      signals,
      ...(first && {
        triggeredAt: low + (high - low) * Math.min(1, Math.max(0, (first.at - rise) / (top - rise))),
      }),
      ...(first &&
        pod?.ready && {
          readyAfter: startup + Math.max(0, (pod.ready - first.at) / 1000 - paced(startup)),
        }),
      replicas: Math.max(...changes.map((change) => change.replicas)),
      p95: {
        before: view(began, rise).p95,
        rising: view(rise, top).p95,
        after: view(top, ended).p95,
      },
      failures: view(began, ended).failures,
      meanReplicas,
      saved: 100 * (1 - meanReplicas / fixedReplicas),
    });
  }
  return [
    await check("cpu-alone-misses-it", async () => {
      const [row] = rows;
      if (!row) throw new Error("no measurement");
      expect(row.replicas === 1, `${row.replicas} replicas`);
      expect(row.p95.after > 4 * row.p95.before, `p95 ${row.p95.before} -> ${row.p95.after} ms`);
      return `1 replica that is full at ${serverCapacity}/s, p95 ${row.p95.before} -> ${row.p95.after} ms`;
    }),
    await check("two-signals-catch-it", async () => {
      const row = rows[1];
      if (!row) throw new Error("no measurement");
      const p95 = `p95 ${row.p95.before} -> ${row.p95.rising} -> ${row.p95.after} ms`;
      expect(
        row.triggeredAt !== undefined && row.triggeredAt < serverCapacity,
        `triggered at ${row.triggeredAt}`,
      );
      // One more while what had queued is worked off.
      expect(row.replicas === 2 || row.replicas === 3, `${row.replicas} replicas`);
      expect(row.p95.after < 2 * row.p95.before, p95);
      expect(Object.keys(row.failures).length === 0, `failed: ${JSON.stringify(row.failures)}`);
      return `triggered at ${row.triggeredAt?.toFixed(0)}/s, ${row.replicas} replicas, ${p95}`;
    }),
  ];
}
