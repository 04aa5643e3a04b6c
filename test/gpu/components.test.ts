import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { charts } from "../../components/common/charts";
import { devicePluginValues, gpuMetricsValues } from "../../components/gpu/chart-values";
import { NvidiaDevicePlugin } from "../../components/gpu/device-plugin";
import { GpuMetrics } from "../../components/gpu/metrics";
import { GpuNodeGroup, type GpuNodeGroupArgs } from "../../components/gpu/node-group";
import { CapacityType, type GpuPool, gpuPool } from "../../components/gpu/pool";
import { chartArchive, withoutChart } from "../support/charts";
import { type Expected, type Recording, record } from "../support/components";
import { helmTemplate, type Rendered } from "../support/helm";

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

/** A node as the scheduler sees it. */
interface Node {
  labels: Record<string, string>;
  taints: GpuPool["taint"][];
}

/** Whether the scheduler would put a pod of this spec on the node: selector, required affinity, hard taints. */
function schedules(spec: Rendered, node: Node): boolean {
  const term = (expressions: Rendered[]) =>
    expressions.every(({ key, operator, values }) => {
      if (operator !== "In") throw new Error(`operator ${operator}`);
      return values.includes(node.labels[key]);
    });
  const terms: Rendered[] | undefined =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const tolerates = (taint: GpuPool["taint"]) =>
    (spec.tolerations ?? []).some(
      (toleration: Rendered) =>
        (!toleration.key || toleration.key === taint.key) &&
        (!toleration.effect || toleration.effect === taint.effect) &&
        (toleration.operator === "Exists" || toleration.value === taint.value),
    );
  return (
    Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => node.labels[key] === value) &&
    (terms === undefined || terms.some((each) => term(each.matchExpressions))) &&
    node.taints.every(tolerates)
  );
}

const nodeOf = (from: GpuPool): Node => ({ labels: from.nodeLabels, taints: [from.taint] });
const cpuNode: Node = { labels: { "kubernetes.io/os": "linux" }, taints: [] };
const foreignGpuNode: Node = {
  labels: { "nvidia.com/gpu.present": "true", "inference-platform/pool": "bottlerocket" },
  taints: [pool().taint],
};
const daemonSets = (objects: Rendered[]) => objects.filter((object) => object.kind === "DaemonSet");
const named = (objects: Rendered[], kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name);

describe("NvidiaDevicePlugin", () => {
  it("installs the pinned chart into a namespace of its own that admits it", async () => {
    const recording = await record(() => new NvidiaDevicePlugin("plugin", { pools: [pool()] }));
    const release = recording.one("kubernetes:helm.sh/v3:Release").inputs;
    expect(release).toMatchObject({
      name: "nvidia-device-plugin",
      namespace: "gpu-system",
      chart: "nvidia-device-plugin",
      version: "0.20.0",
      values: devicePluginValues([pool()]),
    });
    expect(recording.one("kubernetes:core/v1:Namespace").inputs.metadata).toMatchObject({
      name: "gpu-system",
      labels: { "pod-security.kubernetes.io/enforce": "privileged" },
    });
  });

  it("takes the chart from the mirror, and refuses to run for no pool", async () => {
    const recording = await record(
      () => new NvidiaDevicePlugin("plugin", { pools: [pool()], namespace: "gpus", chartMirror: "./charts" }),
    );
    expect(recording.one("kubernetes:helm.sh/v3:Release").inputs).toMatchObject({
      namespace: "gpus",
      chart: "./charts/nvidia-device-plugin-0.20.0.tgz",
    });
    await expect(record(() => new NvidiaDevicePlugin("plugin", { pools: [] }))).rejects.toThrow(
      /pools.*at least one/,
    );
  });

  const archive = chartArchive(charts.nvidiaDevicePlugin);
  const render = (pools: GpuPool[]) =>
    helmTemplate(archive ?? "", "nvidia-device-plugin", "gpu-system", devicePluginValues(pools));
  describe.skipIf(!archive)(
    `as the chart renders it ${archive ? "" : withoutChart(charts.nvidiaDevicePlugin)}`,
    () => {
      it("runs on nodes of its pools, and on no other", () => {
        const pools = [pool(), pool({ name: "large", instanceTypes: ["p5.48xlarge"] })];
        const spec = named(render(pools), "DaemonSet", "nvidia-device-plugin").spec.template.spec;
        for (const each of pools) expect(schedules(spec, nodeOf(each)), each.name).toBe(true);
        for (const other of [cpuNode, foreignGpuNode]) expect(schedules(spec, other)).toBe(false);
        expect(spec.containers[0].resources.requests).toEqual({ cpu: "10m", memory: "64Mi" });
      });

      it("shares GPUs of the pools that want it, without more rights", () => {
        const pools = [pool({ name: "shared", timeSlicingReplicas: 4 }), pool({ name: "whole" })];
        const objects = render(pools);
        const { data } = named(objects, "ConfigMap", "nvidia-device-plugin-configs");
        const { spec } = named(objects, "DaemonSet", "nvidia-device-plugin").spec.template;
        const sliced = JSON.parse(data[pools[0]?.nodeLabels["nvidia.com/device-plugin.config"] ?? ""]);
        expect(sliced.sharing.timeSlicing).toEqual({
          renameByDefault: true,
          failRequestsGreaterThanOne: true,
          resources: [{ name: "nvidia.com/gpu", replicas: 4 }],
        });
        const fallback = spec.initContainers[0].env.find(
          (each: Rendered) => each.name === "DEFAULT_CONFIG",
        ).value;
        expect(JSON.parse(data[fallback])).toEqual({ version: "v1" });
        for (const container of spec.containers)
          expect(container.securityContext.capabilities, container.name).toEqual({ drop: ["ALL"] });
      });

      it("runs nothing else on the nodes", () => {
        const others = daemonSets(render([pool()])).filter(
          (each) => each.metadata.name !== "nvidia-device-plugin",
        );
        for (const each of others)
          expect(schedules(each.spec.template.spec, nodeOf(pool())), each.metadata.name).toBe(false);
      });
    },
  );
});

describe("GpuMetrics", () => {
  it("installs the pinned chart where Prometheus is, and scrapes at the wanted interval", async () => {
    const recording = await record(
      () => new GpuMetrics("metrics", { namespace: pulumi.output("monitoring"), scrapeIntervalSeconds: 30 }),
    );
    expect(recording.one("kubernetes:helm.sh/v3:Release").inputs).toMatchObject({
      name: "dcgm-exporter",
      namespace: "monitoring",
      version: "4.8.2",
      values: { serviceMonitor: { interval: "30s", scrapeTimeout: "10s" } },
    });
    await expect(
      record(() => new GpuMetrics("metrics", { namespace: "monitoring", scrapeIntervalSeconds: 1 })),
    ).rejects.toThrow(/scrapeIntervalSeconds \(1\): .* 5 to 300/);
  });

  const archive = chartArchive(charts.dcgmExporter);
  describe.skipIf(!archive)(
    `as the chart renders it ${archive ? "" : withoutChart(charts.dcgmExporter)}`,
    () => {
      const objects = archive
        ? helmTemplate(archive, "dcgm-exporter", "monitoring", gpuMetricsValues(5))
        : [];

      it("runs on GPU nodes only, shared or not", () => {
        const spec = named(objects, "DaemonSet", "dcgm-exporter").spec.template.spec;
        expect(schedules(spec, nodeOf(pool()))).toBe(true);
        expect(schedules(spec, nodeOf(pool({ timeSlicingReplicas: 2 })))).toBe(true);
        expect(schedules(spec, cpuNode)).toBe(false);
      });

      it("leaves the labels of the workload to the exporter, and scrapes no longer than an interval", () => {
        const [endpoint] = named(objects, "ServiceMonitor", "dcgm-exporter").spec.endpoints;
        const dropped = endpoint.relabelings.find((each: Rendered) => each.action === "labeldrop");
        for (const label of ["pod", "namespace", "container"])
          expect(new RegExp(`^(?:${dropped.regex})$`).test(label), label).toBe(true);
        expect(endpoint).toMatchObject({ interval: "5s", scrapeTimeout: "5s" });
      });
    },
  );
});
