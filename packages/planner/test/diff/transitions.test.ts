import { projectRoot } from "@inference-platform/kit";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { planChanged, type StackConfig } from "../../../../test/support/changed-stacks";
import { diffPlans } from "../../src/diff/diff";
import type { PlanDiff } from "../../src/diff/types";
import type { Plan } from "../../src/plan/types";
import { planOf, resourceOf } from "./plans";

const bases: Record<string, Plan> = {};
const key = (name: string) => `inference-platform:${name}`;

/** A change of a shipped stack's settings, from its plan to the changed one. */
async function changed(stack: string, change: (config: StackConfig) => void): Promise<PlanDiff> {
  bases[stack] ??= await planChanged(projectRoot, stack);
  return diffPlans(bases[stack], await planChanged(projectRoot, stack, change));
}

const refused = ({ dangers }: PlanDiff) =>
  dangers.filter(({ kind }) => kind === "refused").map(({ subject, text }) => `${subject}: ${text}`);
const actionOf = ({ resources }: PlanDiff, name: string) =>
  resources.find((resource) => resource.name === name)?.action;

beforeAll(() => {
  // No archives: every machine gets the same.
  vi.stubEnv("INFERENCE_PLATFORM_CHARTS", undefined);
  vi.stubEnv("XDG_CACHE_HOME", __dirname);
  return () => vi.unstubAllEnvs();
});

describe("zones of a stack that runs", () => {
  it.each([
    ["staging", "us-east-1c"],
    ["prod", "us-east-1d"],
  ])("one more in %s: nodes use it, the control plane stays as it is", async (stack, zone) => {
    const diff = await changed(stack, (config) => config[key("network")].zones.push(zone));
    expect(refused(diff)).toEqual([]);
    expect(actionOf(diff, "cluster-cluster")).toBeUndefined();
    expect(actionOf(diff, `network-private-${zone}`)).toBe("create");
    expect(actionOf(diff, "gpu-nodes")).toBe("replace");
  });

  it("fewer under the control plane: EKS refuses it, and the way is told", async () => {
    const diff = await changed("prod", (config) => {
      config[key("network")].zones.pop();
      config[key("network")].controlPlaneZones.pop();
    });
    expect(refused(diff)).toEqual([
      expect.stringMatching(
        /^Cluster cluster-cluster: .*us-east-1a,us-east-1b,us-east-1c for good.*network\.controlPlaneZones/,
      ),
    ]);
  });

  it("another in the middle: its addresses are still taken when they are wanted", async () => {
    const diff = await changed("staging", (config) => {
      config[key("network")].zones = ["us-east-1a", "us-east-1c", "us-east-1b"];
      config[key("network")].controlPlaneZones = ["us-east-1a", "us-east-1b"];
    });
    expect(refused(diff)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^Subnet network-private-us-east-1c: AWS refuses it: InvalidSubnet\.Conflict.*add zones at the end/,
        ),
      ]),
    );
  });

  it("the last one away, where only nodes were: it can be done", async () => {
    const diff = diffPlans(
      await planChanged(projectRoot, "staging", (config) => config[key("network")].zones.push("us-east-1c")),
      await planChanged(projectRoot, "staging"),
    );
    expect(refused(diff)).toEqual([]);
    expect(actionOf(diff, "network-private-us-east-1c")).toBe("delete");
  });
});

describe("what AWS would answer to an update as a whole", () => {
  const group = (name: string, urn: string) =>
    resourceOf("aws:cloudwatch/logGroup:LogGroup", urn, { name, retentionInDays: 7 });
  const vpc = resourceOf("aws:ec2/vpc:Vpc", "vpc", { cidrBlock: "10.0.0.0/16" });
  const diffOf = (before: object[], after: object[]) =>
    diffPlans(planOf(before as Plan["resources"]), planOf(after as Plan["resources"]));

  it("a name that the old one has until the end", () => {
    const text = refused(diffOf([group("/a", "old")], [group("/a", "new")])).join();
    expect(text).toMatch(
      /LogGroup new: AWS refuses it: ResourceAlreadyExistsException.*give the new one an alias/,
    );
  });

  it("nothing where the names differ, or where the old one goes first", () => {
    expect(refused(diffOf([group("/a", "old")], [group("/b", "new")]))).toEqual([]);
    const classOf = (logGroupClass: string) => ({
      ...group("/a", "same"),
      inputs: { name: "/a", logGroupClass },
    });
    const diff = diffOf([classOf("STANDARD")], [classOf("INFREQUENT_ACCESS")]);
    expect(diff.counts.replace).toBe(1);
    expect(refused(diff)).toEqual([]);
  });

  it("nothing of what it cannot follow: a base that this account does not know", () => {
    const strange = resourceOf("aws:sqs/queue:Queue", "queue", {});
    const waiting = { ...group("/a", "new"), dependencies: [strange.urn] };
    expect(refused(diffOf([vpc, strange, group("/a", "old")], [vpc, strange, waiting]))).toEqual([]);
  });
});
