import { SignalName } from "../../../../../components/scaling";
import { type CheckResult, check, expect } from "../../checks/check";
import { until } from "../../processes";
import type { ScalingLoop } from "../loop";
import { pace, paced } from "../pace";

/** A service that comes later: how long its metric is in Prometheus before the metrics API has it. */
export async function newcomer(loop: ScalingLoop): Promise<CheckResult[]> {
  const { name, namespace, startup } = loop.stack.services.newcomer;
  const { relistIntervalSeconds } = loop.stack.timing;
  await loop.deploy("newcomer");
  return [
    await check("new-service-within-relist", async () => {
      const start = paced(startup.startupSeconds) + 60;
      const query = `vllm:num_requests_running{namespace="${namespace}",service="${name}"}`;
      await until(
        "its series in Prometheus",
        start,
        async () => (await loop.prometheus.query(query)).length > 0,
        50,
      );
      const stored = Date.now();
      await until(
        "its metric in the metrics API",
        30,
        async () =>
          ((await loop.adapter.podMetric(namespace, name, SignalName.RequestsInFlight))?.size ?? 0) > 0,
        50,
      );
      const seconds = (Date.now() - stored) / 1000;
      const allowed = paced(relistIntervalSeconds);
      // The API server and the poll take their own time.
      expect(seconds <= allowed + 1, `readable after ${seconds.toFixed(1)} s, relist every ${allowed} s`);
      return `readable ${seconds.toFixed(2)} s after the first sample; relist every ${allowed} s here, ${allowed * pace} s in the stack`;
    }),
  ];
}
