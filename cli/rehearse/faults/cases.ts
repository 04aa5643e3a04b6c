import { expect } from "../checks/check";
import { type EngineResult, type EngineRun, Operation } from "../engine";
import { path } from "../kube/client";
import { sleep, until } from "../processes";
import type { Rehearsal } from "../rehearsal";
import { getSetting, setSetting, writeCredential } from "../workspace";
import { afterKill } from "./recovery";

/** Something that goes wrong, and how the stack comes out of it. */
export interface Fault {
  id: string;
  /** Whether the stack must be up or gone when it begins. */
  from: "up" | "down";
  /** Lets it happen; returns what was seen. */
  happen(rehearsal: Rehearsal): Promise<string>;
}

const selectedNode = "volume.kubernetes.io/selected-node";
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
    async happen(rehearsal) {
      const run = rehearsal.engine.start(Operation.Up);
      await done(run, /Release/, 1);
      run.child.kill("SIGKILL");
      await run.result;
      await rehearsal.engine.cancel();
      const orphans = await afterKill(rehearsal);
      return `killed after ${run.progress().length} steps; uninstalled by hand: ${orphans.join(", ") || "nothing"}`;
    },
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
    async happen(rehearsal) {
      const run = rehearsal.engine.start(Operation.Up);
      await done(run, /Namespace/, 1);
      await rehearsal.plane.stopApiServer?.();
      await sleep(3_000);
      await rehearsal.plane.startApiServer?.();
      return outcome(await run.result);
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
      await done(run, /Namespace/, 1).finally(() => clearInterval(renewed));
      writeCredential(workspace, "expired");
      const result = await run.result;
      writeCredential(workspace, plane.principalToken);
      return refused(result, /Unauthorized|logged in|credentials/i);
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
  {
    id: "device-plugin-never-ready",
    from: "down",
    happen: (rehearsal) =>
      withoutStandIn(rehearsal, "gpus", async () => {
        const message = await pending(rehearsal, /chat/);
        return message.includes("Insufficient nvidia.com/gpu") ? message : undefined;
      }),
  },
  {
    id: "redis-claim-never-binds",
    from: "down",
    happen: (rehearsal) =>
      withoutStandIn(rehearsal, "volumes", async () => {
        const claims = await rehearsal.plane.client.list(path("v1", "persistentvolumeclaims", "redis"));
        // The scheduler says nothing while it waits for the volume: the claim shows that it chose a node.
        const waiting = claims.find(({ metadata }) => metadata.annotations?.[selectedNode] !== undefined);
        return waiting && `claim ${waiting.metadata.name} is ${waiting.status.phase}`;
      }),
  },
  {
    id: "destroy-while-pending",
    from: "down",
    async happen(rehearsal) {
      rehearsal.cast.absent.add("gpus");
      try {
        const run = rehearsal.engine.start(Operation.Up);
        await pending(rehearsal, /chat/);
        run.child.kill("SIGINT");
        await run.result;
        const result = await rehearsal.run(Operation.Destroy, "  destroy");
        expect(result.ok, result.errors.join("; "));
        return "destroyed with a model server Pending";
      } finally {
        rehearsal.cast.absent.delete("gpus");
      }
    },
  },
  {
    id: "interrupted-state",
    from: "down",
    async happen(rehearsal) {
      const run = rehearsal.engine.start(Operation.Up);
      await done(run, /Release/, 1);
      run.child.kill("SIGINT");
      await sleep(300);
      run.child.kill("SIGINT");
      await run.result;
      const { deployment } = await rehearsal.engine.export();
      const count = deployment.pending_operations?.length ?? 0;
      const orphans = await afterKill(rehearsal);
      return `${count} pending operations in the state file; uninstalled by hand: ${orphans.join(", ") || "nothing"}`;
    },
  },
  {
    id: "ingress-controller-absent",
    from: "up",
    async happen(rehearsal) {
      rehearsal.cast.absent.add("load balancers");
      try {
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
      } finally {
        rehearsal.cast.absent.delete("load balancers");
      }
    },
  },
];

/** Waits until `count` steps whose URN matches are done. */
async function done(run: EngineRun, urn: RegExp, count: number): Promise<void> {
  await until(`${count} steps of ${urn}`, 120, () => {
    if (!run.child.running()) throw new Error("the run ended before");
    return run.progress().filter((step) => urn.test(step.urn) && step.ended !== undefined).length >= count;
  });
}

/** A pod whose name matches that cannot be scheduled, and why. */
async function pending(rehearsal: Rehearsal, name: RegExp): Promise<string> {
  return until(`a Pending pod ${name}`, 120, async () => {
    const pods = await rehearsal.plane.client.list(path("v1", "pods"));
    const waiting = pods.find((pod) => name.test(pod.metadata.name) && pod.status.phase === "Pending");
    return waiting?.status.conditions?.[0]?.message as string | undefined;
  });
}

/** Runs `up` while one stand-in does nothing, until the cluster says what waits; then the part is played again. */
async function withoutStandIn(
  rehearsal: Rehearsal,
  standIn: string,
  waiting: () => Promise<string | undefined>,
): Promise<string> {
  rehearsal.cast.absent.add(standIn);
  try {
    const run = rehearsal.engine.start(Operation.Up);
    const why = await until("the cluster to say what waits", 180, waiting).catch((error: unknown) => {
      run.child.kill("SIGINT");
      throw error;
    });
    run.child.kill("SIGINT");
    const result = await run.result;
    expect(!result.ok, "up went through");
    return `stopped by hand while waiting: ${why.slice(0, 150)}`;
  } finally {
    rehearsal.cast.absent.delete(standIn);
  }
}

function refused(result: EngineResult, reason: RegExp): string {
  const text = [...result.errors, result.output].join("\n");
  expect(!result.ok, "up went through");
  expect(reason.test(text), `the error does not say why: ${text.slice(0, 500)}`);
  return `refused: ${(result.errors.find((error) => reason.test(error)) ?? result.errors[0] ?? "").slice(0, 200)}`;
}

function outcome(result: EngineResult): string {
  return result.ok ? "went through" : `failed: ${(result.errors[0] ?? result.output).slice(0, 200)}`;
}
