import { describe, expect, it } from "vitest";
import { SimulatedAws } from "../../src/aws/account";
import { controlOf, remoteControl, serveControl } from "../../src/aws/control";
import { AwsProvider } from "../../src/aws/provider";
import { Token } from "../../src/aws/tokens";
import type { Properties } from "../../src/program/monitor";
import { Stack, trust } from "./stack";

const urnOf = (type: string, name: string) => `urn:pulumi:dev::project::my:component:Net$${type}::${name}`;

/** The calls that the engine makes for a new resource, and the state that it keeps. */
async function up(provider: AwsProvider, type: string, name: string, news: Properties) {
  const urn = urnOf(type, name);
  const { inputs } = await provider.check(urn, {}, news);
  const { id, outs } = await provider.create(urn, inputs);
  return { urn, id, inputs, outs };
}

/** What the engine is told about the next run. */
async function next(provider: AwsProvider, known: Awaited<ReturnType<typeof up>>, news: Properties) {
  const { inputs } = await provider.check(known.urn, known.inputs, news);
  return provider.diff(known.id, known.urn, known.outs, inputs);
}

const role = { assumeRolePolicy: trust("ec2.amazonaws.com") };

describe("the provider", () => {
  it("sees no change in the same program, made-up names included", async () => {
    const provider = new AwsProvider(new SimulatedAws({ region: "eu-west-1" }));
    const known = await up(provider, Token.Role, "node", role);
    expect(known.outs.arn).toMatch(/role\/node-[0-9a-f]{7}$/);
    expect(await next(provider, known, role)).toMatchObject({ changes: false, replaces: [] });
    expect(await next(provider, known, { ...role, description: "x" })).toMatchObject({
      changes: true,
      replaces: [],
    });
  });

  it("deletes first where the new one needs the old one's name", async () => {
    const provider = new AwsProvider(new SimulatedAws({ region: "eu-west-1" }));
    const named = await up(provider, Token.Role, "named", { ...role, name: "node" });
    const moved = { ...role, path: "/eks/" };
    expect(await next(provider, named, { ...moved, name: "node" })).toMatchObject({
      replaces: ["path"],
      deleteBeforeReplace: true,
    });
    const unnamed = await up(provider, Token.Role, "unnamed", role);
    expect(await next(provider, unnamed, moved)).toMatchObject({
      replaces: ["path"],
      deleteBeforeReplace: false,
    });
  });

  it("refuses unknown arguments already in the preview", async () => {
    const provider = new AwsProvider(new SimulatedAws({ region: "eu-west-1" }));
    const { failures } = await provider.check(urnOf(Token.Eip, "ip"), {}, { domian: "vpc" });
    expect(failures).toEqual([{ property: "domian", reason: expect.stringContaining("domian") }]);
  });

  it("reports drift of the autoscaler in a refresh, and only there", async () => {
    const stack = new Stack().readyForNodes();
    const provider = new AwsProvider(stack.aws);
    const inputs = stack.nodeGroup();
    const known = await up(provider, Token.NodeGroup, "system", inputs);
    stack.aws.setDesiredCapacity(stack.aws.nodeGroups()[0]?.autoScalingGroup ?? "", 3);
    expect(await next(provider, known, inputs)).toMatchObject({ changes: false });
    const { inputs: live, props } = await provider.read(known.id, known.urn);
    expect(live).toEqual({ ...known.inputs, scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 3 } });
    // With ignoreChanges the engine now sends what it refreshed: that is no change either.
    expect(await provider.diff(known.id, known.urn, props, live)).toMatchObject({ changes: false });
  });

  it("says that a resource is gone", async () => {
    const provider = new AwsProvider(new SimulatedAws({ region: "eu-west-1" }));
    expect(await provider.read("eipalloc-1", urnOf(Token.Eip, "ip"))).toEqual({ id: "", props: {} });
  });

  it("keeps secrets secret in what it answers", async () => {
    const provider = new AwsProvider(new SimulatedAws({ region: "eu-west-1" }));
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "hush" };
    const { outs } = await up(provider, Token.Key, "k", { description: secret });
    expect(outs.description).toEqual(secret);
    expect(provider.account.resources()[0]?.inputs.description).toBe("hush");
  });

  it("takes its time when it is told to, and notes it", async () => {
    const provider = new AwsProvider(new SimulatedAws({ region: "eu-west-1" }), { latencyFactor: 100 });
    await up(provider, Token.Key, "k", {});
    const [timing] = provider.timings;
    expect(timing).toMatchObject({ operation: "create", urn: urnOf(Token.Key, "k") });
    expect((timing?.end ?? 0) - (timing?.start ?? 0)).toBeGreaterThanOrEqual(240);
  });
});

describe("the control port", () => {
  it("answers another process, wakes who waits for events, and hands on refusals with their code", async () => {
    const stack = new Stack().network();
    const { port, server } = await serveControl(controlOf(new AwsProvider(stack.aws)));
    const control = remoteControl(port);
    try {
      expect(await control.resources()).toEqual(stack.aws.resources());
      const waiting = control.events(0, 5_000);
      await control.addLoadBalancer({ name: "lb", vpcId: stack.id("vpc"), subnetIds: stack.subnets });
      stack.make(Token.Eip, "late", {});
      expect((await waiting).map((event) => [event.number, event.kind, event.resource.name])).toEqual([
        [1, "created", "late"],
      ]);
      await expect(control.deleteResource(Token.Vpc, stack.id("vpc"))).rejects.toMatchObject({
        code: "DependencyViolation",
      });
      await control.setFaults(["*@create#1=Throttling"]);
    } finally {
      server.close();
    }
  });
});
