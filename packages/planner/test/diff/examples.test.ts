import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { examples, planChanged } from "../../../../test/support/changed-stacks";
import { diffPlans } from "../../src/diff/diff";
import { markdownDiff } from "../../src/diff/formats/markdown";
import type { PlanDiff } from "../../src/diff/types";
import { planStack } from "../../src/plan/run";
import type { Plan } from "../../src/plan/types";

const root = projectRoot;
/** No archives: every machine gets the same. */
const charts = join(projectRoot, "test/fixtures/programs");

beforeAll(() => {
  vi.stubEnv("INFERENCE_PLATFORM_CHARTS", undefined);
  vi.stubEnv("XDG_CACHE_HOME", charts);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const bases: Record<string, Plan> = {};

async function compared(name: string): Promise<{ diff: PlanDiff; text: string; base: Plan; head: Plan }> {
  const example = examples[name];
  if (!example) throw new Error(`no example ${name}`);
  const { stack, change } = example;
  const base = bases[stack] ?? (await planChanged(root, stack, () => {}, charts));
  bases[stack] = base;
  const head = await planChanged(root, stack, change, charts);
  const diff = diffPlans(base, head);
  return { diff, text: markdownDiff(diff), base, head };
}

const dangers = (diff: PlanDiff) => diff.dangers.map(({ kind, subject }) => `${kind}: ${subject}`);

describe("changes of the stacks as a reviewer sees them", () => {
  it("model swap: the pods roll, the bill stays", async () => {
    const { diff, text } = await compared("model-swap");
    expect(diff.counts).toMatchObject({ create: 0, delete: 0, replace: 0 });
    expect(diff.dangers).toEqual([]);
    expect(text).toContain("`Deployment inference/chat`");
    expect(text).toContain("`Qwen/Qwen2.5-14B-Instruct` → `Qwen/Qwen2.5-32B-Instruct-AWQ`");
    expect(text).toMatch(/a month, unchanged/);
  });

  it("engine version: another image, and who is interrupted", async () => {
    const { diff, text } = await compared("engine-version");
    expect(diff.dangers).toEqual([]);
    expect(text).toMatch(/image`: `\S+:v0\.30\.0` → `\S+:v0\.30\.1`/);
    expect(text).toContain("with one pod, an interruption");
  });

  it("instance type: the node group is replaced, its tags follow, the bill grows", async () => {
    const { diff, text } = await compared("instance-type");
    expect(dangers(diff)).toEqual(["loss: NodeGroup gpu-nodes", "loss: Deployment inference/chat"]);
    // 15 s of its grace of 320 s pass before the engine is told to stop.
    expect(text).toMatch(/EKS ends the nodes of gpu-nodes 300 s after .* requests over 285 s can be cut off/);
    expect(text).toContain("`instanceTypes[0]`: `g6e.2xlarge` → `g6e.4xlarge` — **replaces it**");
    expect(text).toContain("GPU nodes need 2 to 5 min");
    expect(text).toContain("because `autoscalingGroupName` refers to `NodeGroup gpu-nodes`");
    expect(text).toMatch(/### Cost per month: floor \+\$[\d,]+ \(\+\d+ %\)/);
  });

  it("network range: what is replaced with it, and that the cluster cannot follow", async () => {
    const { diff } = await compared("network-cidr");
    expect(dangers(diff).slice(0, 3)).toEqual([
      "refused: Cluster cluster-cluster",
      // The old gateway has the address until the end.
      "refused: NatGateway network-nat-us-east-1a",
      "loss: Vpc network-vpc",
    ]);
    const actions = Object.fromEntries(
      diff.resources.map(({ name, type, action }) => [`${type} ${name}`, action]),
    );
    expect(actions).toMatchObject({
      "aws:eks/nodeGroup:NodeGroup gpu-nodes": "replace",
      "aws:ec2/routeTable:RouteTable network-public": "replace",
      "aws:eks/cluster:Cluster cluster-cluster": "update",
      "aws:ec2/internetGateway:InternetGateway network-igw": "update",
    });
    // Addresses and roles do not depend on the network.
    expect(Object.keys(actions).filter((name) => /Role |Eip|Key /.test(name))).toEqual([]);
  });

  it("GPU ceiling: told as such, with the ceiling of the bill", async () => {
    const { diff, text } = await compared("gpu-ceiling");
    expect(dangers(diff)).toEqual(["capacity: GPU pool gpu"]);
    expect(text).toContain("from 2 to **4 GPUs**");
    expect(text).toMatch(/floor unchanged, ceiling \+\$/);
  });

  it("Redis persistence off: a loss of data, though its chart is not at hand", async () => {
    const { diff, text } = await compared("redis-persistence-off");
    expect(dangers(diff)).toEqual(["loss: Release redis-release"]);
    expect(text).toContain("**persistence off**");
    expect(text).toContain("compared by its values only");
  });

  it("a new service, and the same one removed", async () => {
    const { text, diff, base, head } = await compared("new-service");
    expect(dangers(diff)).toEqual(["public: Ingress inference/ingress-embed", "capacity: GPU pool gpu"]);
    expect(text).toContain("**create** `Release embed-release`");
    const removed = diffPlans(head, base);
    expect(removed.dangers).toEqual([]);
    expect(markdownDiff(removed)).toContain("**delete** `Release embed-release`");
  });
});

describe("a component that moves into another", () => {
  const directory = join(projectRoot, "test/fixtures/programs/moves");
  const plan = (place: string) =>
    planStack({ stack: "dev", stackFile: join(directory, `Pulumi.${place}.yaml`), directory, charts });
  let before: Plan;
  beforeAll(async () => {
    before = await plan("before");
  });

  it("is a move with an alias, its children and their names with it", async () => {
    const diff = diffPlans(before, await plan("alias"));
    expect(diff.counts).toMatchObject({ move: 2, create: 0, delete: 0, update: 0, replace: 0 });
    expect(diff.dangers).toEqual([]);
    expect(markdownDiff(diff)).toContain(
      "**move** `Key platform-store-key` from `Store / Key store-key`: nothing is created or deleted",
    );
  });

  it("is what it would be without one: deleted and created, with the advice", async () => {
    const diff = diffPlans(before, await plan("noalias"));
    expect(diff.counts).toMatchObject({ move: 0, create: 2, delete: 2 });
    expect(dangers(diff)).toContain(
      "suspicious: LogGroup store-logs → platform-store-logs, Key store-key → platform-store-key",
    );
    expect(dangers(diff)).toContain("loss: Key store-key");
    // The log group has a name of its own.
    expect(diff.dangers.at(-1)?.text).toContain("cannot be created while the old one has its name");
  });
});
