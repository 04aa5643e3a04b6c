import { SignalName } from "../../../../../components/scaling";
import { type CheckResult, check, expect } from "../../checks/check";
import { sleep, until } from "../../processes";
import { requestSeconds, type ScalingLoop, slotsOf } from "../loop";
import { pace, paced, replicasFor } from "../pace";
import type { FormulaRow, ReactionPart } from "../report";
import type { DeployedService } from "../stack";

/** Kubernetes' own tolerance: a signal this far above its target has no effect. */
const tolerance = 0.1;

/** Requests per second at which so many requests are in flight, as long as none waits. */
export const rateFor = (inFlight: number) => inFlight / requestSeconds;

/** Target per pod of a signal of a service. */
export function targetOf(service: DeployedService, signal: string): number {
  const found = service.signals.find((wanted) => wanted.signal === signal);
  if (!found) throw new Error(`${service.name} does not follow ${signal}`);
  return found.target;
}

/** Waits until a service has so many replicas, all taking requests, and the dust has settled. */
async function settled(loop: ScalingLoop, role: "second" | "shipped", replicas: number): Promise<void> {
  await loop.ready(role, replicas, paced(loop.stack.services[role].startup.startupSeconds) + 40);
  await sleep(5_000);
}

/** Raises the load in steps that one replica less can still carry, and compares the replicas with the formula. */
export async function scaleOut(
  loop: ScalingLoop,
  formula: FormulaRow[],
  reaction: ReactionPart[],
  firstStepDone: () => void,
): Promise<CheckResult[]> {
  const service = loop.stack.services.second;
  const { name, replicas } = service;
  const { minReplicas: min, maxReplicas: max } = replicas;
  const target = targetOf(service, SignalName.RequestsInFlight);
  const checks: CheckResult[] = [];

  const step = async (inFlight: number, expected: number) => {
    loop.load.set(name, rateFor(inFlight));
    await settled(loop, "second", expected);
    const mean = await loop.meanInFlight(name, 4);
    const row = {
      service: name,
      inFlight: mean,
      target,
      formula: replicasFor(mean, target, min, max),
      replicas: loop.timeline.now(name),
    };
    formula.push(row);
    return row;
  };
  const measured = measureReaction(loop, service, target * (1 + tolerance));
  const rows = [await step(1.35 * target, 2)];
  reaction.push(...(await measured));
  firstStepDone();
  rows.push(await step(2.65 * target, 3));
  rows.push(await step(3.7 * target, 4));
  checks.push(
    await check("scales-to-the-formula", async () => {
      for (const row of rows)
        expect(
          row.formula === row.replicas,
          `${row.inFlight.toFixed(1)} in flight: ${row.replicas} replicas`,
        );
      return rows.map((row) => `${row.inFlight.toFixed(0)} in flight -> ${row.replicas}`).join(", ");
    }),
  );
  return checks;
}

/** More load than the highest number of replicas can carry. */
export async function atMaximum(loop: ScalingLoop, formula: FormulaRow[]): Promise<CheckResult[]> {
  const service = loop.stack.services.shipped;
  const { name, replicas } = service;
  const target = targetOf(service, SignalName.RequestsInFlight);
  const max = replicas.maxReplicas;
  loop.load.set(name, Math.min(rateFor(1.1 * max * target), rateFor(0.8 * max * slotsOf(service))));
  await settled(loop, "shipped", max);
  const mean = await loop.meanInFlight(name, 6);
  formula.push({
    service: name,
    inFlight: mean,
    target,
    formula: Math.ceil(mean / target),
    replicas: loop.timeline.now(name),
  });
  return [
    await check("never-above-the-maximum", async () => {
      for (const each of Object.values(loop.stack.services)) {
        const most = Math.max(0, ...loop.timeline.of(each.name).map((change) => change.replicas));
        expect(most <= each.replicas.maxReplicas, `${each.name} had ${most} replicas`);
      }
      expect(mean > max * target, `only ${mean.toFixed(1)} in flight`);
      return `${mean.toFixed(0)} in flight, more than ${max} x ${target}: ${loop.timeline.now(name)} replicas`;
    }),
  ];
}

/** Takes the times of the first scale-out of a service apart, from the signal above its threshold on. */
async function measureReaction(
  loop: ScalingLoop,
  service: DeployedService,
  threshold: number,
): Promise<ReactionPart[]> {
  const { name, namespace } = service;
  const before = loop.timeline.now(name);
  const wait = <T>(
    what: string,
    seconds: number,
    probe: () => Promise<T | undefined | false> | T | undefined | false,
  ) => until(what, seconds, probe, 20);

  await wait("load", 30, () => (loop.proxy.inFlight.get(name) ?? 0) > threshold);
  const crossed = Date.now();
  const selector = `{namespace="${namespace}",service="${name}"}`;
  const gauges = ["vllm:num_requests_running", "vllm:num_requests_waiting"];
  const query = gauges.map((gauge) => `sum(${gauge}${selector})`).join(" + ");
  await wait("a scrape", 30, async () => ((await loop.prometheus.query(query))[0]?.value ?? 0) > threshold);
  const scraped = Date.now();
  await wait("the metrics API", 30, async () => {
    const values = await loop.adapter.podMetric(namespace, name, SignalName.RequestsInFlight);
    return [...(values?.values() ?? [])].reduce((sum, value) => sum + value, 0) > threshold;
  });
  const served = Date.now();
  await wait("the autoscaler", 60, () => loop.timeline.now(name) > before);
  const decided = loop.timeline.of(name).find((change) => change.at >= crossed)?.at ?? Date.now();
  const pod = await wait("a pod", 30, () =>
    loop.kubelet.podsOf(name).find((each) => each.scheduled >= decided - 1000),
  );
  const ready = await wait("a ready pod", 120, () => pod.ready);
  await wait("an endpoint", 30, () => loop.proxy.readyPorts(name).includes(pod.port));
  const reachable = Date.now();

  const seconds = (from: number, to: number) => Math.max(0, to - from) / 1000;
  const waiting = (part: string, measured: number) => ({ part, measured, atStackPace: measured * pace });
  const working = (part: string, measured: number) => ({ part, measured, atStackPace: measured });
  return [
    waiting("scrape: the next one, above the threshold", seconds(crossed, scraped)),
    working("adapter: query and answer", seconds(scraped, served)),
    waiting("HPA: sync, and the scale-up window", seconds(served, decided)),
    working("controller and scheduler: pod on a node", seconds(decided, pod.scheduled)),
    waiting("start-up: the budget's", seconds(pod.scheduled, ready)),
    working("endpoint: requests go there", seconds(ready, reachable)),
  ];
}
