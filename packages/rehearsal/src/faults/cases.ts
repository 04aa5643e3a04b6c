import { charts } from "../../../../components/common/charts";
import { expect } from "../checks/check";
import { type EngineResult, type EngineRun, Operation } from "../engine";
import { path } from "../kube/client";
import { sleep, until } from "../processes";
import type { Rehearsal } from "../rehearsal";
import { getSetting, setSetting, writeCredential } from "../workspace";
import { type Fault, refused } from "./fault";
import { helmRecords, unsettled } from "./releases";
import { waitingFaults, without } from "./waiting";

const mirror = ["inference-platform:chartMirror"];

/** The twelve faults, in an order in which most begin where the one before ended. */
export const faults: Fault[] = [
  {
    id: "node-group-fails-once",
    from: "down",
    async happen(rehearsal) {
      await rehearsal.cloud.control.setFaults([
        "aws:eks/nodeGroup:NodeGroup@create#1=InsufficientInstanceCapacity",
      ]);
      return refused(await rehearsal.run(Operation.Up, "  up"), /InsufficientInstanceCapacity/);
    },
  },
  {
    id: "engine-killed",
    from: "down",
    happen: (rehearsal) =>
      without(rehearsal, "load balancers", async () => {
        const run = rehearsal.engine.start(Operation.Up);
        await installing(rehearsal, run);
        const ingress = await during(run, "an Ingress to wait for its load balancer", async () =>
          (await rehearsal.plane.client.list(path("networking.k8s.io/v1", "ingresses"))).at(0),
        );
        run.child.kill("SIGKILL");
        await run.result;
        await rehearsal.engine.cancel();
        return `killed while the Ingress ${ingress.metadata.name} waited for its load balancer, the lock removed with pulumi cancel; ${await unsettled(rehearsal)}`;
      }),
  },
  {
    id: "chart-source-unreachable",
    from: "down",
    async happen(rehearsal) {
      const before = getSetting(rehearsal.workspace, mirror);
      setSetting(rehearsal.workspace, mirror, "/nowhere/charts");
      const result = await rehearsal.run(Operation.Up, "  up");
      setSetting(rehearsal.workspace, mirror, before);
      return refused(result, /\/nowhere\/charts|no such file|not found/);
    },
  },
  {
    id: "api-server-restarts",
    from: "down",
    local: true,
    async happen(rehearsal) {
      const run = rehearsal.engine.start(Operation.Up);
      await installing(rehearsal, run);
      await rehearsal.plane.stopApiServer?.();
      await sleep(3_000);
      await rehearsal.plane.startApiServer?.();
      return `${outcome(await run.result)}; ${await unsettled(rehearsal)}`;
    },
  },
  {
    id: "credentials-expire",
    from: "down",
    async happen(rehearsal) {
      const { workspace, plane } = rehearsal;
      // The provider keeps a token until it says that it ends.
      writeCredential(workspace, plane.principalToken, 2);
      const run = rehearsal.engine.start(Operation.Up);
      const renewed = setInterval(() => writeCredential(workspace, plane.principalToken, 2), 1_000);
      await installing(rehearsal, run).finally(() => clearInterval(renewed));
      writeCredential(workspace, "expired");
      const result = await run.result;
      writeCredential(workspace, plane.principalToken);
      return `${refused(result, /refuses the credentials of this run/)}; ${await unsettled(rehearsal)}`;
    },
  },
  {
    id: "two-ups-at-once",
    from: "down",
    async happen(rehearsal) {
      const first = rehearsal.engine.start(Operation.Up);
      await done(first, /./, 5);
      const second = await rehearsal.engine.run(Operation.Up);
      const result = await first.result;
      expect(!second.ok && /lock/i.test(second.output), `the second was not refused: ${second.output}`);
      expect(result.ok, `the first failed: ${result.errors.join("; ")}`);
      return "the second was refused by the lock of the state, the first went through";
    },
  },
  {
    id: "namespace-exists",
    from: "down",
    async happen(rehearsal) {
      const namespace = path("v1", "namespaces", undefined, "inference");
      await rehearsal.plane.client.ensure(path("v1", "namespaces"), { metadata: { name: "inference" } });
      const result = await rehearsal.run(Operation.Up, "  up");
      await rehearsal.plane.client.remove(namespace);
      await until("the namespace to go", 30, async () => !(await rehearsal.plane.client.find(namespace)));
      return refused(result, /inference.*(already exists|AlreadyExists)|(already exists|AlreadyExists)/i);
    },
  },
  ...waitingFaults,
  {
    id: "interrupted-state",
    from: "down",
    async happen(rehearsal) {
      const run = rehearsal.engine.start(Operation.Up);
      await installing(rehearsal, run);
      run.child.kill("SIGINT");
      await sleep(300);
      run.child.kill("SIGINT");
      await run.result;
      const { deployment } = await rehearsal.engine.export();
      const count = deployment.pending_operations?.length ?? 0;
      return `${count} pending operations in the state file; ${await unsettled(rehearsal)}`;
    },
  },
  {
    id: "ingress-controller-absent",
    from: "up",
    happen: (rehearsal) =>
      without(rehearsal, "load balancers", async () => {
        const run = rehearsal.engine.start(Operation.Destroy);
        const ingress = await until("the Ingress to wait for its finalizer", 60, async () =>
          (await rehearsal.plane.client.list(path("networking.k8s.io/v1", "ingresses"))).find(
            (entry) => entry.metadata.deletionTimestamp,
          ),
        );
        await sleep(2_000);
        const { resources } = await rehearsal.cloud.state();
        expect(
          resources.some((resource) => resource.type === "aws:ec2/vpc:Vpc"),
          "the VPC went although the Ingress still has its load balancer",
        );
        run.child.kill("SIGINT");
        await run.result;
        return `destroy waited for ${ingress.metadata.finalizers?.join(", ")} and kept the network`;
      }),
  },
];

/** Waits for what comes in the middle of a run. */
function during<T>(run: EngineRun, what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
  return until(what, 120, async () => {
    if (!run.child.running()) throw new Error(`the run ended before: ${(await run.result).output}`);
    return probe();
  });
}

/** Waits until `count` steps whose URN matches are done. */
async function done(run: EngineRun, urn: RegExp, count: number): Promise<void> {
  await during(run, `${count} steps of ${urn}`, async () => {
    return run.progress().filter((step) => urn.test(step.urn) && step.ended !== undefined).length >= count;
  });
}

/** Waits until helm is in the middle of the installation that takes longest, Prometheus's. */
async function installing(rehearsal: Rehearsal, run: EngineRun): Promise<void> {
  const { name } = charts.kubePrometheusStack;
  await during(run, `${name} to be half installed`, async () => {
    const records = await helmRecords(rehearsal);
    return records.some((record) => record.name === name && record.status === "pending-install");
  });
}

function outcome(result: EngineResult): string {
  return result.ok ? "went through" : `failed: ${(result.errors[0] ?? result.output).slice(0, 200)}`;
}
