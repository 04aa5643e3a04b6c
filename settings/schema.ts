import { z } from "zod";
import {
  boundaryRule,
  clusterDefaults,
  principalRule,
  privateBlocks,
  publicBlocks,
  systemNodeCount,
  systemNodesDefaults,
} from "../components/cluster/limits";
import { SupportType } from "../components/cluster/support-type";
import { kubernetesVersions } from "../components/cluster/versions";
import { mirrorRule } from "../components/common/charts";
import { instanceTypes } from "../components/gpu/instances";
import {
  defaultGpuDiskGiB,
  gpuDiskGiB,
  leastPoolNodes,
  mostPoolNodes,
  timeSlices,
} from "../components/gpu/limits";
import { CapacityType } from "../components/gpu/pool-args";
import { certificateRule, domainRule, hostedZoneRule } from "../components/ingress/limits";
import { LoadBalancerScheme } from "../components/ingress/scheme";
import {
  NatGateways,
  networkDefaults,
  vpcBlock,
  vpcPrefix,
  zoneCount,
  zoneName,
} from "../components/network/limits";
import { systemDiskGiB } from "../components/nodes/limits";
import { metricRetentionDays, metricStorageGiB } from "../components/observability/limits";
import { redisMemoryMiB, redisStorageGiB, storagePerMemory } from "../components/redis/limits";
import { EvictionPolicy } from "../components/redis/valkey";
import {
  defaultRelistSeconds,
  defaultScrapeSeconds,
  relistSeconds,
  scrapeSeconds,
} from "../components/signals/timing";
import { amount, blocks, oneOf, retentionDays, text, whole } from "./primitives";
import { model } from "./service-schema";

/** A month's budget, US dollars. */
const budgetUsd = { least: 1, most: 1_000_000_000 };

/** How strict a stack is: `production` refuses what a stack that people depend on must not have. */
export const Environment = { Staging: "staging", Production: "production" } as const;
export type Environment = (typeof Environment)[keyof typeof Environment];

const network = z.strictObject({
  cidr: text(vpcBlock)
    .default(networkDefaults.cidr)
    .describe(
      `Address block of the VPC, /${vpcPrefix.least} to /${vpcPrefix.most}, in a private range; four zones need a /17.`,
    ),
  zones: z
    .array(text(zoneName))
    .min(
      zoneCount.least,
      `must name at least ${zoneCount.least} zones (an EKS cluster and a load balancer need two)`,
    )
    .max(zoneCount.most, `must name at most ${zoneCount.most} zones`)
    .describe(
      "Availability zones by name. New ones go at the end: existing subnets then keep their addresses.",
    ),
  controlPlaneZones: z
    .array(text(zoneName))
    .optional()
    .describe(
      "Zones of the control plane's interfaces, two or more of `zones`; the first two when left out. Fixed when the cluster is made: EKS refuses others later, nodes can use them.",
    ),
  natGateways: oneOf(NatGateways)
    .default(networkDefaults.natGateways)
    .describe("`single` is cheap and stops outgoing traffic when its zone fails; `perZone` does not."),
  flowLogRetentionDays: retentionDays
    .default(networkDefaults.flowLogRetentionDays)
    .describe("Days that VPC flow logs are kept."),
});

const principals = z.array(text(principalRule));
const versions = Object.keys(kubernetesVersions);

const cluster = z.strictObject({
  version: z
    .enum(
      versions,
      `must be a Kubernetes minor version in quotes, one of ${versions.map((one) => `"${one}"`).join(", ")}`,
    )
    .default(clusterDefaults.version)
    .describe("Kubernetes minor version of control plane and nodes."),
  publicAccessCidrs: blocks
    .max(publicBlocks.most, `must have at most ${publicBlocks.most} blocks, which is what EKS accepts`)
    .default([])
    .describe("Who may reach the public API endpoint. Empty: the endpoint is private only."),
  privateAccessCidrs: blocks
    .max(
      privateBlocks.most,
      `must have at most ${privateBlocks.most} blocks: a security group takes 60 rules in all`,
    )
    .default([])
    .describe(
      "Who, beside the nodes, may reach the private API endpoint: a VPN, a build machine in the VPC or a connected network.",
    ),
  administrators: principals
    .default([])
    .describe("IAM principals with full access to the cluster, beside the one that runs Pulumi."),
  viewers: principals
    .default([])
    .describe("IAM principals that read what is in the cluster, but for Secrets: the role of previews."),
  auditors: principals
    .default([])
    .describe(
      "IAM principals that read everything in the cluster, Secrets too: the role that looks for drift.",
    ),
  deletionProtection: z
    .boolean()
    .default(false)
    .describe("Refuse to destroy the stack, and in AWS to delete the cluster and its load balancer."),
  supportType: oneOf(SupportType)
    .default(clusterDefaults.supportType)
    .describe(
      "At the end of standard support: upgrade by itself (STANDARD) or pay six times the price per hour (EXTENDED).",
    ),
  logRetentionDays: retentionDays
    .default(clusterDefaults.logRetentionDays)
    .describe("Days that control plane logs are kept."),
  systemNodes: z
    .strictObject({
      instanceTypes: z
        .array(z.string())
        .min(1, "must name at least one instance type")
        .default(systemNodesDefaults.instanceTypes)
        .describe("x86-64 instance types without a GPU, all of the same shape."),
      minNodes: whole(systemNodeCount)
        .default(systemNodesDefaults.minNodes)
        .describe("Lowest number of nodes."),
      maxNodes: whole(systemNodeCount)
        .optional()
        .describe(
          `Highest number of nodes. Default: ${systemNodesDefaults.maxNodes}, or minNodes where that is more.`,
        ),
      diskGiB: whole(systemDiskGiB).default(systemNodesDefaults.diskGiB).describe("Root volume, GiB."),
    })
    .prefault({})
    .describe("Nodes for everything that needs no GPU."),
});

const gpuTypes = instanceTypes.filter(({ gpus }) => gpus !== undefined).map(({ name }) => name);

const gpu = z.strictObject({
  instanceTypes: z
    .array(z.string().meta({ examples: gpuTypes }))
    .min(1, "must name at least one instance type")
    .describe("GPU instance types, all of the same shape; several only make sense for spot."),
  capacityType: oneOf(CapacityType).default(CapacityType.OnDemand).describe("On demand or spot."),
  minNodes: whole(leastPoolNodes).default(0).describe("Lowest number of GPU nodes."),
  maxNodes: whole(mostPoolNodes).describe("Highest number of GPU nodes: the ceiling of the bill."),
  diskGiB: whole(gpuDiskGiB)
    .default(defaultGpuDiskGiB)
    .describe("Root volume, GiB; engine images take 10 to 20."),
  timeSlicingReplicas: whole(timeSlices)
    .optional()
    .describe("Share each GPU among this many pods, without memory isolation."),
});

const scaling = z.strictObject({
  scrapeIntervalSeconds: whole(scrapeSeconds)
    .default(defaultScrapeSeconds)
    .describe("Seconds between two readings of a pod's metrics."),
  relistIntervalSeconds: whole(relistSeconds)
    .default(defaultRelistSeconds)
    .describe("Seconds until the adapter sees a new series; not below the scrape interval."),
});

const redis = z.strictObject({
  enabled: z.boolean().default(true).describe("Deploy Redis (Valkey)."),
  memoryMiB: whole(redisMemoryMiB).default(512).describe("Memory limit, MiB; data may take 70 % of it."),
  storageGiB: whole(redisStorageGiB)
    .default(10)
    .describe(`Volume, GiB; with persistence at least ${storagePerMemory} times the memory.`),
  persistence: z.boolean().default(true).describe("Append-only file on the volume."),
  evictionPolicy: oneOf(EvictionPolicy)
    .default(EvictionPolicy.NoEviction)
    .describe("What happens when memory is full: queues need noeviction, caches allkeys-lru."),
});

const ingress = z.strictObject({
  enabled: z.boolean().default(true).describe("Deploy the load balancer and its controller."),
  scheme: oneOf(LoadBalancerScheme).default(LoadBalancerScheme.Internal).describe("Who can reach it at all."),
  inboundCidrs: blocks.default([]).describe("Who may connect. Empty: the VPC."),
  tls: z.boolean().default(true).describe("HTTPS only. Needs certificateArn, or hostedZoneId with domain."),
  domain: text(domainRule).optional().describe("Services are reached at <service>.<domain>."),
  certificateArn: text(certificateRule).optional().describe("Certificate for *.<domain>."),
  hostedZoneId: text(hostedZoneRule)
    .optional()
    .describe("Zone in which certificate and DNS records are made."),
});

const observability = z.strictObject({
  retentionDays: whole(metricRetentionDays).default(10).describe("Days that metrics are kept."),
  storageGiB: whole(metricStorageGiB).default(50).describe("Volume of Prometheus, GiB."),
  grafana: z.boolean().default(true).describe("Deploy Grafana with our dashboard."),
  gpuMetrics: z.boolean().default(true).describe("Deploy the DCGM exporter on GPU nodes."),
});

/** The whole of a stack's settings, one key per group. */
export const schema = z.strictObject({
  environment: oneOf(Environment).describe(
    "`production` refuses what a stack that people depend on must not have.",
  ),
  network: network.describe("VPC, subnets, NAT."),
  cluster: cluster.prefault({}).describe("EKS control plane and system nodes."),
  gpu: gpu.describe("The GPU node group."),
  model: model.describe("What is served."),
  scaling: scaling.prefault({}).describe("Metrics pipeline of the autoscalers."),
  redis: redis.prefault({}).describe("Redis for sessions, limits and queues."),
  ingress: ingress.prefault({}).describe("The way in."),
  observability: observability.prefault({}).describe("Prometheus and Grafana."),
  chartMirror: text(mirrorRule)
    .optional()
    .describe("Folder, or https:// or oci:// repository, that holds the third-party charts."),
  permissionsBoundaryArn: text(boundaryRule)
    .optional()
    .describe(
      "Policy that bounds what the roles of the stack may be given; the generated deploy role requires it.",
    ),
  monthlyBudget: amount(budgetUsd).optional().describe("US dollars; a plan whose ceiling is higher fails."),
});

/** A stack's settings, complete and checked. */
export type Settings = z.output<typeof schema>;
/** One inference service of the settings. */
export type ServiceSettings = Settings["model"]["services"][number];
