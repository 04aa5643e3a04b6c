import { sleep } from "../../processes";
import type { ScalingLoop } from "../loop";
import { SeriesFault } from "../relay";
import { type HoldRow, wholePaced } from "../report";
import type { DeployedService } from "../stack";

/** How much longer than the scale-down window a fault lasts: time for two steps down. */
const beyondWindowSeconds = 9;

const windowOf = (service: DeployedService) =>
  wholePaced(service.autoscaler.spec.behavior.scaleDown.stabilizationWindowSeconds);

/** Watches services for some time in which they must not change; `during` ends the fault. */
async function watch(
  loop: ScalingLoop,
  fault: string,
  services: DeployedService[],
  seconds: number,
): Promise<HoldRow[]> {
  const began = Date.now();
  const before = services.map((service) => loop.timeline.now(service.name));
  const reasons = new Map<string, string>();
  while (Date.now() < began + 1000 * seconds) {
    for (const { name } of services) {
      const reason = loop.timeline.complaint(name);
      if (reason) reasons.set(name, reason);
    }
    await sleep(250);
  }
  const ended = Date.now();
  return services.map((service, index) => {
    const replicas = before[index] ?? 0;
    const reason = reasons.get(service.name);
    return {
      fault,
      service: service.name,
      seconds: (ended - began) / 1000,
      windowSeconds: windowOf(service),
      replicas,
      withoutHold: service.replicas.minReplicas,
      held: loop.timeline.of(service.name, began, ended).every((change) => change.replicas === replicas),
      ...(reason !== undefined && { reason }),
    };
  });
}

/** The series of one service break for longer than its scale-down window, under full load. */
export async function seriesFault(
  loop: ScalingLoop,
  fault: string,
  service: DeployedService,
  kind: SeriesFault = SeriesFault.Vanished,
): Promise<HoldRow[]> {
  loop.relay.faults.set(service.name, kind);
  try {
    return await watch(loop, fault, [service], windowOf(service) + beyondWindowSeconds);
  } finally {
    loop.relay.faults.delete(service.name);
  }
}

/** Prometheus, then the adapter, is down for longer than the usual scale-down window; then the adapter comes back. */
export async function outages(loop: ScalingLoop): Promise<HoldRow[]> {
  const { shipped, second, dual } = loop.stack.services;
  const all = [shipped, second, dual];
  const seconds = windowOf(dual) + beyondWindowSeconds;
  await loop.prometheus.stop();
  const rows = await watch(loop, "Prometheus down", all, seconds);
  await loop.prometheus.resume();
  await sleep(8_000);
  await loop.adapter.stop();
  rows.push(...(await watch(loop, "adapter down", all, seconds)));
  await loop.adapter.resume();
  const after = await watch(loop, "adapter restarted", all, 10);
  return [...rows, ...after];
}
