import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { registerSafeguards } from "../../components";
import { keepNodes } from "../../components/safeguards/node-group-size";
import { record } from "../support/components";

describe("safeguards in a unit test of somebody's stack", () => {
  it("do nothing under mocks, which hooks make fail", async () => {
    await record(() => registerSafeguards({ kubeconfig: () => "{}" }));
  });
});

describe("the bounds of a node group", () => {
  const groups: Record<string, Record<string, unknown>> = {
    // While one node group replaces another there are two.
    "eks-gpu-nodes-0000000-u1": { minSize: 0, maxSize: 2, desiredCapacity: 1 },
    "eks-gpu-nodes-1111111-u2": { minSize: 0, maxSize: 2, desiredCapacity: 2 },
    "eks-gpu-nodes-large-2222222-u3": { minSize: 0, maxSize: 2, desiredCapacity: 9 },
  };
  const functions = {
    "aws:autoscaling/getAmiIds:getAmiIds": (args: Record<string, unknown>) => {
      expect(args.filters).toEqual([{ name: "tag:eks:cluster-name", values: ["c"] }]);
      return { names: Object.keys(groups) };
    },
    "aws:autoscaling/getGroup:getGroup": (args: Record<string, unknown>) => groups[String(args.name)] ?? {},
  };

  async function transformed(
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions,
  ): Promise<pulumi.ResourceTransformResult | undefined> {
    let result: pulumi.ResourceTransformResult | undefined;
    await record(
      async () => {
        const type = "aws:eks/nodeGroup:NodeGroup";
        result = await keepNodes({ custom: true, type, name: "gpu-nodes", props, opts });
      },
      { functions },
    );
    return result;
  }
  const scaling = (maxSize: number) => ({ minSize: 0, maxSize, desiredSize: 0 });
  const ignoring = { ignoreChanges: ["scalingConfig.desiredSize", "labels"] };

  it("go out with the nodes that run, when they change", async () => {
    const result = await transformed({ clusterName: "c", scalingConfig: scaling(4) }, ignoring);
    expect(result?.props).toEqual({ clusterName: "c", scalingConfig: { ...scaling(4), desiredSize: 2 } });
    expect(result?.opts).toEqual({ ignoreChanges: ["labels"] });
  });

  it("leave the group alone when they do not change", async () => {
    expect(await transformed({ clusterName: "c", scalingConfig: scaling(2) }, ignoring)).toBeUndefined();
  });

  it("leave a group alone that does not ignore its size, or whose cluster is not known yet", async () => {
    expect(await transformed({ clusterName: "c", scalingConfig: scaling(4) }, {})).toBeUndefined();
    const unknown = pulumi.output(new Promise<string>(() => {}));
    expect(await transformed({ clusterName: unknown, scalingConfig: scaling(4) }, ignoring)).toBeUndefined();
  });
});
