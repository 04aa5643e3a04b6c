import { z } from "zod";
import { Engine } from "../components/engines/profile";
import { SeriesKind } from "../components/signals/series";
import { count, kubernetesName, oneOf } from "./primitives";

const labelMatch = z.strictObject({
  label: z.string().describe("Label of the series."),
  operator: z.enum(["=", "!=", "=~", "!~"]).describe("As in PromQL."),
  value: z.string().describe("Value, or regular expression."),
});

const series = z.strictObject({
  name: z.string().describe("Series name; of a histogram without `_bucket`."),
  kind: oneOf(SeriesKind).describe("Kind of the series."),
  where: z.array(labelMatch).optional().describe("Which label values count. Default: all."),
});

const custom = z.strictObject({
  image: z
    .string()
    .regex(/(:[^:/]+|@sha256:[0-9a-f]{64})$/, "must have an exact tag or digest")
    .refine((image) => !image.endsWith(":latest"), "must not be `latest`")
    .describe("Image with exact tag or digest."),
  port: count(1, 65535).describe("Port of the API."),
  healthPath: z.string().startsWith("/").describe("Answers 200 once requests can be taken."),
  metricsPath: z.string().startsWith("/").optional().describe("Path of the metrics. Default: none."),
  metricsPort: count(1, 65535).optional().describe("Port of the metrics. Default: the API's."),
  apiPaths: z.array(z.string().startsWith("/")).min(1).describe("Path prefixes that clients may reach."),
  command: z.array(z.string()).optional().describe("Command. Default: the image's."),
  args: z.array(z.string()).optional().describe("Arguments. Default: none."),
  writablePaths: z
    .array(z.string().startsWith("/"))
    .optional()
    .describe("Folders that it writes to. Default: /tmp."),
  runAsUser: count(1, 65535).optional().describe("User id. Default: 1000. Root is refused."),
  imageGiB: z.number().positive().optional().describe("Compressed size of the image, GiB. Default: 1."),
  apiKeyVariable: z
    .string()
    .optional()
    .describe("Environment variable for the API key. Default: it checks none."),
  signals: z
    .record(
      z.string(),
      z.strictObject({
        series: z.array(series).min(1).describe("All of one kind; several are added up, per pod."),
        scale: z
          .number()
          .positive()
          .optional()
          .describe("Factor from the series' unit to the signal's. Default: 1."),
      }),
    )
    .optional()
    .describe("Which of its series make which signal."),
});

const signal = z.strictObject({
  signal: z.string().describe("Name of a signal, see docs/scaling.md."),
  target: z.number().positive("must be above 0").describe("What to hold it at, per pod, in its unit."),
});

const behavior = z.strictObject({
  scaleUpPods: count(1, 100).optional().describe("Pods added per period."),
  scaleUpPercent: count(1, 1000)
    .optional()
    .describe("Percent added per period; the larger of the two counts."),
  scaleUpPeriodSeconds: count(1, 1800).optional().describe("Period of scale-up, seconds."),
  scaleUpWindowSeconds: count(0, 3600).optional().describe("Seconds that a need must last."),
  scaleUpTolerance: z
    .number()
    .min(0)
    .optional()
    .describe("How far above its target a signal may be without effect, as a ratio. Default: 0.1."),
  scaleDownPods: count(1, 100).optional().describe("Pods removed per period."),
  scaleDownPercent: count(1, 100)
    .optional()
    .describe("Percent removed per period; the smaller of the two counts."),
  scaleDownPeriodSeconds: count(1, 1800).optional().describe("Period of scale-down, seconds."),
  scaleDownTolerance: z
    .number()
    .min(0)
    .max(0.99)
    .optional()
    .describe("How far below its target a signal may be without effect, as a ratio. Default: 0.1."),
  scaleDownWindowSeconds: count(0, 3600)
    .optional()
    .describe("Seconds without need before a pod goes. Default: from the start-up budget."),
});

const egress = z.strictObject({
  service: z.string().optional().describe("Another service of the stack, which then admits this one."),
  namespace: z.string().optional().describe("All pods of a namespace."),
  cidr: z.string().optional().describe("Addresses, such as those of a database or a proxy."),
  port: count(1, 65535).optional().describe("Port. Default: the service's own; required for the others."),
});

const service = z.strictObject({
  name: kubernetesName.describe("Name of the service, its Deployment and its host."),
  engine: oneOf(Engine).describe("Server."),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, "must be major.minor.patch such as 0.18.0")
    .optional()
    .describe("Version of the engine; not for `custom`."),
  model: z
    .strictObject({
      id: z.string().min(1).describe("Hugging Face id, or path in the image."),
      revision: z.string().optional().describe("Git revision. Default: the default branch."),
      servedName: z.string().optional().describe("Name for clients. Default: the id."),
      weightsGiB: z.number().positive("must be above 0").describe("Size of the weights, GiB."),
      maxLength: count(1, 10_000_000)
        .optional()
        .describe("Longest context, tokens. Default: the model's own."),
      cache: z
        .strictObject({
          mode: z
            .enum(["node", "claim", "none"])
            .default("node")
            .describe("Node NVMe, an existing claim, or none."),
          claimName: z.string().optional().describe("PersistentVolumeClaim, for `claim`."),
          preload: z.boolean().default(true).describe("Download before the engine starts."),
        })
        .prefault({})
        .describe("Where weights are kept between restarts."),
    })
    .describe("The model."),
  gpus: count(0, 16).default(1).describe("GPUs of one replica; 0 runs on the CPU."),
  resources: z
    .strictObject({
      cpuMillis: count(50, 192_000).optional().describe("CPU request, thousandths of a core."),
      memoryMiB: count(64, 2_000_000).optional().describe("Memory request, MiB."),
      cpuLimitMillis: count(50, 192_000)
        .optional()
        .describe("CPU limit. Default: none on GPU nodes, twice the request elsewhere."),
      memoryLimitMiB: count(64, 2_000_000).optional().describe("Memory limit, MiB. Default: the request."),
    })
    .prefault({})
    .describe("Default on GPUs: the replica's share of its node."),
  maxConcurrency: count(1, 100_000)
    .optional()
    .describe("Requests at once in one replica. Default: the engine's own."),
  extraArgs: z.array(z.string()).default([]).describe("Arguments appended to the engine's."),
  env: z.record(z.string(), z.string()).default({}).describe("Environment variables. No secrets."),
  replicas: z
    .strictObject({
      min: count(1, 1000).describe("Lowest number."),
      max: count(1, 1000).describe("Highest number."),
    })
    .describe("Bounds of autoscaling."),
  signals: z
    .array(signal)
    .optional()
    .describe("What to scale on. Default: the engine's, see docs/scaling.md."),
  behavior: behavior.prefault({}).describe("How fast to scale."),
  longestRequestSeconds: count(1, 3600)
    .default(300)
    .describe("The longest request that must be answered, seconds."),
  warmupRequests: count(0, 100).default(3).describe("Real requests before a replica is Ready."),
  sampleRequest: z
    .strictObject({
      method: z.enum(["GET", "POST"]).default("POST").describe("HTTP method."),
      path: z.string().startsWith("/").describe("Path with query."),
      body: z.string().optional().describe("JSON text."),
    })
    .optional()
    .describe(
      "A short real request, for warm-up and `helm test`. Default: the engine's; a custom server has none.",
    ),
  files: z
    .record(z.string(), z.string())
    .default({})
    .describe("Files by name, mounted at /etc/inference. A change rolls the pods. No secrets."),
  exposed: z.boolean().default(true).describe("Reachable through the ingress."),
  redis: z
    .boolean()
    .default(false)
    .describe(
      "Gets the connection to Redis, as `REDIS_*`. Refused for engines of the catalog, which read none of it.",
    ),
  egress: z
    .array(egress)
    .default([])
    .describe(
      "What it may connect to beside DNS and port 443 of the internet. Each entry has one of the three.",
    ),
  podIdentity: z
    .boolean()
    .default(false)
    .describe(
      "Its service account has a role through EKS Pod Identity: its pods may ask their node's agent.",
    ),
  custom: custom.optional().describe("The server, for the engine `custom`."),
});

/** The group `model`: what is served. */
export const model = z.strictObject({
  services: z
    .array(service)
    .min(1, "must have at least one service")
    .describe("Inference services, one Deployment each."),
});
