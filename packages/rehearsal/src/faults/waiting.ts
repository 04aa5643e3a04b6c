import { expect } from "../checks/check";
import { Operation } from "../engine";
import { conditionOf, path } from "../kube/client";
import { until } from "../processes";
import type { Rehearsal } from "../rehearsal";
import { getSetting, setSetting } from "../workspace";
import { withBrokenPlugin } from "./broken-plugin";
import { type Fault, refused } from "./fault";

const leastNodes = ["inference-platform:gpu", "minNodes"];

/** Faults in which something waits for what does not come. */
export const waitingFaults: Fault[] = [
  {
    id: "device-plugin-never-ready",
    from: "down",
    patient: true,
    async happen(rehearsal) {
      const { workspace } = rehearsal;
      const before = getSetting(workspace, leastNodes);
      // Of the daemon set's pods helm lets one be late: it takes two nodes to stop it.
      setSetting(workspace, leastNodes, 2);
      try {
        return await withBrokenPlugin(rehearsal, async () =>
          refused(
            await rehearsal.run(Operation.Up, "  up"),
            /gpu-system\/nvidia-device-plugin:\s+pod nvidia-device-plugin-\S+: .*CrashLoopBackOff.*NVML/,
          ),
        );
      } finally {
        setSetting(workspace, leastNodes, before);
      }
    },
  },
  {
    id: "redis-claim-never-binds",
    from: "down",
    patient: true,
    happen: (rehearsal) =>
      without(rehearsal, "volumes", async () =>
        refused(await rehearsal.run(Operation.Up, "  up"), /redis\/redis:\s[\s\S]*claim redis\S*: no volume/),
      ),
  },
  {
    id: "destroy-while-pending",
    from: "down",
    happen: (rehearsal) =>
      without(rehearsal, "gpus", async () => {
        const run = rehearsal.engine.start(Operation.Up);
        const why = await pending(rehearsal, /chat/);
        run.child.kill("SIGINT");
        await run.result;
        const result = await rehearsal.run(Operation.Destroy, "  destroy");
        expect(result.ok, result.errors.join("; "));
        return `destroyed with a model server Pending: ${why.slice(0, 100)}`;
      }),
  },
];

/** While `work` goes on, one part of the cloud does nothing. */
export async function without<T>(rehearsal: Rehearsal, standIn: string, work: () => Promise<T>): Promise<T> {
  rehearsal.cast.absent.add(standIn);
  try {
    return await work();
  } finally {
    rehearsal.cast.absent.delete(standIn);
  }
}

/** Waits for a pod whose name matches and that cannot be scheduled; says why. */
async function pending({ plane }: Rehearsal, name: RegExp): Promise<string> {
  return until(`a Pending pod ${name}`, 120, async () => {
    const pods = await plane.client.list(path("v1", "pods"));
    const waiting = pods.find((pod) => name.test(pod.metadata.name) && pod.status.phase === "Pending");
    return waiting && conditionOf(waiting, "PodScheduled")?.message;
  });
}
