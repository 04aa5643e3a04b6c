import { z } from "zod";
import { cidr, count, oneOf, retentionDays } from "./primitives";
import { model } from "./service-schema";

/** How strict a stack is: `production` refuses what a stack that people depend on must not have. */
export const Environment = { Staging: "staging", Production: "production" } as const;
export type Environment = (typeof Environment)[keyof typeof Environment];

const zone = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "must be the name of an availability zone such as us-east-1a");

const network = z.strictObject({
  cidr: cidr.default("10.0.0.0/16").describe("Address block of the VPC, /16 to /20."),
  zones: z
    .array(zone)
    .min(2, "must name at least 2 zones (an EKS cluster and a load balancer need two)")
    .max(4, "must name at most 4 zones")
    .refine((zones) => new Set(zones).size === zones.length, "must not name a zone twice")
    .describe(
      "Availability zones by name. New ones go at the end: existing subnets then keep their addresses.",
    ),
  controlPlaneZones: z
    .array(zone)
    .optional()
    .describe(
      "Zones of the control plane's interfaces, two or more of `zones`; the first two when left out. Fixed when the cluster is made: EKS refuses others later, nodes can use them.",
    ),
  natGateways: z
    .enum(["single", "perZone"])
    .default("single")
    .describe("`single` is cheap and stops outgoing traffic when its zone fails; `perZone` does not."),
  flowLogRetentionDays: retentionDays.default(30).describe("Days that VPC flow logs are kept."),
});

const principals = z.array(
  z.string().regex(/^arn:aws[\w-]*:iam::\d{12}:(role|user)\/.+$/, "must be the ARN of an IAM role or user"),
);

const cluster = z.strictObject({
  version: z
    .string()
    .regex(/^1\.\d{2}$/, 'must be a Kubernetes minor version in quotes such as "1.35"')
    .default("1.35")
    .describe("Kubernetes minor version of control plane and nodes."),
  publicAccessCidrs: z
    .array(cidr)
    .default([])
    .describe("Who may reach the public API endpoint. Empty: the endpoint is private only."),
  privateAccessCidrs: z
    .array(cidr)
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
  supportType: z
    .enum(["STANDARD", "EXTENDED"])
    .default("STANDARD")
    .describe(
      "At the end of standard support: upgrade by itself (STANDARD) or pay six times the price per hour (EXTENDED).",
    ),
  logRetentionDays: retentionDays.default(90).describe("Days that control plane logs are kept."),
  systemNodes: z
    .strictObject({
      instanceTypes: z
        .array(z.string())
        .min(1, "must name at least one instance type")
        .default(["m7i.large"])
        .describe("Instance types, same shape."),
      minNodes: count(1, 50).default(2).describe("Lowest number of nodes."),
      maxNodes: count(1, 50).default(4).describe("Highest number of nodes."),
      diskGiB: count(20, 1000).default(50).describe("Root volume, GiB."),
    })
    .prefault({})
    .describe("Nodes for everything that needs no GPU."),
});

const gpu = z.strictObject({
  instanceTypes: z
    .array(z.string())
    .min(1, "must name at least one instance type")
    .describe("GPU instance types, all of the same shape; several only make sense for spot."),
  capacityType: z.enum(["ON_DEMAND", "SPOT"]).default("ON_DEMAND").describe("On demand or spot."),
  minNodes: count(0, 100).default(0).describe("Lowest number of GPU nodes."),
  maxNodes: count(1, 100).describe("Highest number of GPU nodes: the ceiling of the bill."),
  diskGiB: count(100, 4000).default(200).describe("Root volume, GiB; engine images take 10 to 20."),
  timeSlicingReplicas: count(2, 8)
    .optional()
    .describe("Share each GPU among this many pods, without memory isolation."),
});

const scaling = z.strictObject({
  scrapeIntervalSeconds: count(5, 60)
    .default(15)
    .describe("Seconds between two readings of a pod's metrics."),
  relistIntervalSeconds: count(5, 60)
    .default(30)
    .describe("Seconds until the adapter sees a new series; not below the scrape interval."),
});

const redis = z.strictObject({
  enabled: z.boolean().default(true).describe("Deploy Redis (Valkey)."),
  memoryMiB: count(64, 65_536).default(512).describe("Memory limit, MiB; data may take 70 % of it."),
  storageGiB: count(1, 1000).default(10).describe("Volume, GiB."),
  persistence: z.boolean().default(true).describe("Append-only file on the volume."),
  evictionPolicy: z
    .enum([
      "noeviction",
      "allkeys-lru",
      "allkeys-lfu",
      "allkeys-random",
      "volatile-lru",
      "volatile-lfu",
      "volatile-random",
      "volatile-ttl",
    ])
    .default("noeviction")
    .describe("What happens when memory is full: queues need noeviction, caches allkeys-lru."),
});

const ingress = z.strictObject({
  enabled: z.boolean().default(true).describe("Deploy the load balancer and its controller."),
  scheme: z.enum(["internal", "internet-facing"]).default("internal").describe("Who can reach it at all."),
  inboundCidrs: z.array(cidr).default([]).describe("Who may connect. Empty: the VPC."),
  tls: z.boolean().default(true).describe("HTTPS only. Needs certificateArn, or hostedZoneId with domain."),
  domain: z
    .string()
    .regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, "must be a domain such as llm.example.com")
    .optional()
    .describe("Services are reached at <service>.<domain>."),
  certificateArn: z
    .string()
    .regex(/^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/.+$/, "must be the ARN of an ACM certificate")
    .optional()
    .describe("Certificate for *.<domain>."),
  hostedZoneId: z
    .string()
    .regex(/^Z[A-Z0-9]{1,31}$/, "must be the id of a Route 53 zone such as Z0123456789ABC")
    .optional()
    .describe("Zone in which certificate and DNS records are made."),
});

const observability = z.strictObject({
  retentionDays: count(1, 365).default(10).describe("Days that metrics are kept."),
  storageGiB: count(10, 16_384).default(50).describe("Volume of Prometheus, GiB."),
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
  chartMirror: z
    .string()
    .min(1)
    .optional()
    .describe("Folder, or https:// or oci:// repository, that holds the third-party charts."),
  permissionsBoundaryArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:iam::\d{12}:policy\/[\w+=,.@/-]+$/,
      "must be the ARN of a policy of the account such as arn:aws:iam::111122223333:policy/<name>",
    )
    .optional()
    .describe(
      "Policy that bounds what the roles of the stack may be given; the generated deploy role requires it.",
    ),
  monthlyBudget: z
    .number()
    .positive("must be above 0")
    .optional()
    .describe("US dollars; a plan whose ceiling is higher fails."),
});

/** A stack's settings, complete and checked. */
export type Settings = z.output<typeof schema>;
/** One inference service of the settings. */
export type ServiceSettings = Settings["model"]["services"][number];
