import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { GpuNodeGroup, type GpuNodeGroupArgs } from "../../components/gpu/node-group";
import { CapacityType, type GpuPool, gpuPool } from "../../components/gpu/pool";
import { type Expected, type Recording, record } from "../support/components";

const pool = (over: Partial<Parameters<typeof gpuPool>[0]> = {}) =>
  gpuPool({
    name: "gpu",
    instanceTypes: ["g6.xlarge"],
    capacityType: CapacityType.OnDemand,
    minNodes: 0,
    maxNodes: 2,
    ...over,
  });

describe("GpuNodeGroup", () => {
  const aws: Expected = {
    resources: {
      "aws:ec2/launchTemplate:LaunchTemplate": (inputs) => ({ ...inputs, id: "lt-1", latestVersion: 3 }),
      "aws:eks/nodeGroup:NodeGroup": (inputs) => ({
        ...inputs,
        nodeGroupName: "gpu-nodes-1234567",
        resources: [{ autoscalingGroups: [{ name: "eks-gpu-asg" }] }],
      }),
      "aws:autoscaling/tag:Tag": (inputs) => inputs,
    },
  };
  const build = (over: Partial<GpuNodeGroupArgs> = {}) =>
    record(
      () =>
        new GpuNodeGroup("gpu", {
          clusterName: pulumi.output("shop-test"),
          clusterVersion: "1.35",
          pool: pool(),
          nodeRoleArn: "arn:aws:iam::123456789012:role/nodes",
          subnetIds: ["subnet-a", "subnet-b"],
          ...over,
        }),
      aws,
    );
  const group = (recording: Recording) => recording.one("aws:eks/nodeGroup:NodeGroup");
  const template = (recording: Recording) => recording.one("aws:ec2/launchTemplate:LaunchTemplate").inputs;

  it("makes nodes that keep the contract, and leaves their number to the autoscaler", async () => {
    const nodes = group(await build());
    expect(nodes.inputs).toMatchObject({
      amiType: "AL2023_x86_64_NVIDIA",
      version: "1.35",
      capacityType: "ON_DEMAND",
      instanceTypes: ["g6.xlarge"],
      labels: pool().nodeLabels,
      taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NO_SCHEDULE" }],
      launchTemplate: { id: "lt-1", version: "3" },
      scalingConfig: { minSize: 0, maxSize: 2, desiredSize: 0 },
      updateConfig: { updateStrategy: "MINIMAL", maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
    });
    expect(nodes.options.ignoreChanges).toEqual(["scalingConfig.desiredSize"]);
    // A fixed name would make every replacement fail: the old group still has it.
    expect(nodes.inputs).not.toHaveProperty("nodeGroupName");
    // EKS refuses these next to a launch template.
    expect(nodes.inputs).not.toHaveProperty("diskSize");
    expect(nodes.inputs).not.toHaveProperty("remoteAccess");
  });

  it("asks for spot only when the pool says so", async () => {
    const recording = await build({ pool: pool({ capacityType: CapacityType.Spot }) });
    expect(group(recording).inputs.capacityType).toBe("SPOT");
  });

  it("tags the auto scaling group behind it, not its instances", async () => {
    const recording = await build();
    const tags = recording.ofType("aws:autoscaling/tag:Tag").map((tag) => tag.inputs);
    expect(tags).toContainEqual({
      autoscalingGroupName: "eks-gpu-asg",
      tag: {
        key: "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu",
        value: "1",
        propagateAtLaunch: false,
      },
    });
    expect(tags).toHaveLength(6);
    expect(recording.duplicates).toEqual([]);
    const component = recording.one("inference-platform:index:GpuNodeGroup");
    expect(recording.outputsOf(component.urn)).toMatchObject({
      nodeGroupName: "gpu-nodes-1234567",
      autoscalingGroupName: "eks-gpu-asg",
      pool: { resourceName: "nvidia.com/gpu" },
    });
  });

  it("keeps pods from the node's credentials, encrypts disks, and names what it starts", async () => {
    const inputs = template(await build({ diskGiB: 300 }));
    expect(inputs.metadataOptions).toMatchObject({ httpTokens: "required", httpPutResponseHopLimit: 1 });
    expect(inputs.blockDeviceMappings).toMatchObject([
      { deviceName: "/dev/xvda", ebs: { volumeType: "gp3", volumeSize: 300, encrypted: "true" } },
    ]);
    expect(inputs.tagSpecifications).toMatchObject([{ tags: { Name: "shop-test-gpu" } }, {}]);
    for (const refused of ["vpcSecurityGroupIds", "instanceType", "imageId"])
      expect(inputs).not.toHaveProperty(refused);
  });

  it("puts images on local NVMe, or on a fast root volume where there is none", async () => {
    const withNvme = template(await build());
    const message = Buffer.from(String(withNvme.userData), "base64").toString();
    expect(message).toMatch(
      /^MIME-Version: 1\.0\nContent-Type: multipart\/mixed; boundary="\/\/"\n\n--\/\/\n/,
    );
    expect(message).toMatch(
      /Content-Type: application\/node\.eks\.aws\n\n---\napiVersion: node\.eks\.aws\/v1alpha1/,
    );
    expect(message).toMatch(/localStorage:\n {6}strategy: RAID0\n\n--\/\/--\n$/);
    const diskless: GpuPool = { ...pool(), localStorageGB: 0 };
    const without = template(await build({ pool: diskless }));
    expect(without).not.toHaveProperty("userData");
    expect(without.blockDeviceMappings).toMatchObject([
      { ebs: { throughput: 600, iops: 3000, volumeSize: 200 } },
    ]);
  });

  it("refuses a disk too small for images, and a group without subnets", async () => {
    await expect(build({ diskGiB: 40, subnetIds: [] })).rejects.toThrow(
      /gpu: diskGiB \(40\): must be a whole number from 100 .*\n.*subnetIds/,
    );
  });

  it("belongs to the component, below the tree of the program", async () => {
    const recording = await build();
    const children = recording.resources.filter((each) => each.type.startsWith("aws:"));
    expect(children.every((child) => child.urn.includes("inference-platform:index:GpuNodeGroup$"))).toBe(
      true,
    );
    expect(children.every((child) => child.name.startsWith("gpu-"))).toBe(true);
  });
});
