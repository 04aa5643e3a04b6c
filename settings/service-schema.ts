import { z } from "zod";
import { longestRequest } from "../components/budgets/limits";
import { ipv4Block } from "../components/common/cidr";
import { folderRule } from "../components/common/folder";
import { apiPathRule, probePathRule, requestPathRule } from "../components/common/paths";
import { anyPort, labelRule } from "../components/common/ports";
import {
  concurrency,
  contextTokens,
  gpuCount,
  imageRule,
  imageSizeGiB,
  modelNameRule,
  revisionRule,
  serverPort,
  serverUser,
  signalScale,
  variableRule,
  versionRule,
} from "../components/engines/limits";
import { ModelCacheMode } from "../components/engines/model";
import { Engine } from "../components/engines/profile";
import {
  claimNameRule,
  cpuMillis,
  defaultWarmupRequests,
  memoryMiB,
  serviceNameRule,
  warmupCount,
  weightsSizeGiB,
} from "../components/inference/limits";
import { behaviorBounds, toleranceBounds } from "../components/scaling/behavior";
import { replicaCount } from "../components/scaling/limits";
import { labelNameRule, matchOperators, seriesNameRule, signalTarget } from "../components/signals/limits";
import { SignalName } from "../components/signals/names";
import { SeriesKind } from "../components/signals/series";
import { amount, oneOf, text, whole } from "./primitives";

const labelMatch = z.strictObject({
  label: text(labelNameRule).describe("Label of the series."),
  operator: z.enum(matchOperators).describe("As in PromQL."),
  value: z.string().describe("Value, or regular expression in RE2's syntax."),
});

const series = z.strictObject({
  name: text(seriesNameRule).describe("Series name; of a histogram without `_bucket`."),
  kind: oneOf(SeriesKind).describe("Kind of the series."),
  where: z.array(labelMatch).optional().describe("Which label values count. Default: all."),
});

const custom = z.strictObject({
  image: text(imageRule).describe("Image with exact tag or digest."),
  port: whole(serverPort).describe("Port of the API."),
  healthPath: text(probePathRule).describe("Answers 200 once requests can be taken."),
  metricsPath: text(probePathRule).optional().describe("Path of the metrics. Default: none."),
  metricsPort: whole(serverPort).optional().describe("Port of the metrics. Default: the API's."),
  apiPaths: z
    .array(text(apiPathRule))
    .min(1, "must name at least one path that clients may reach")
    .describe("Path prefixes that clients may reach."),
  command: z.array(z.string()).optional().describe("Command. Default: the image's."),
  args: z.array(z.string()).optional().describe("Arguments. Default: none."),
  writablePaths: z
    .array(z.string().meta({ pattern: folderRule.pattern.source, maxLength: folderRule.longest }))
    .optional()
    .describe("Folders that it writes to. Default: /tmp."),
  runAsUser: whole(serverUser).optional().describe("User id. Default: 1000. Root is refused."),
  imageGiB: amount(imageSizeGiB).optional().describe("Compressed size of the image, GiB. Default: 1."),
  apiKeyVariable: text(variableRule)
    .optional()
    .describe("Environment variable for the API key. Default: it checks none."),
  signals: z
    .record(
      z.string(),
      z.strictObject({
        series: z.array(series).min(1).describe("All of one kind; several are added up, per pod."),
        scale: amount(signalScale)
          .optional()
          .describe("Factor from the series' unit to the signal's. Default: 1."),
      }),
    )
    .optional()
    .describe("Which of its series make which signal."),
});

const signal = z.strictObject({
  signal: z
    .string()
    .meta({ examples: Object.values(SignalName) })
    .describe("Name of a signal, see docs/scaling.md."),
  target: amount(signalTarget).describe("What to hold it at, per pod, in its unit."),
});

const behavior = z.strictObject({
  scaleUpPods: whole(behaviorBounds.scaleUpPods).optional().describe("Pods added per period."),
  scaleUpPercent: whole(behaviorBounds.scaleUpPercent)
    .optional()
    .describe("Percent added per period; the larger of the two counts."),
  scaleUpPeriodSeconds: whole(behaviorBounds.scaleUpPeriodSeconds)
    .optional()
    .describe("Period of scale-up, seconds."),
  scaleUpWindowSeconds: whole(behaviorBounds.scaleUpWindowSeconds)
    .optional()
    .describe("Seconds that a need must last."),
  scaleUpTolerance: amount(toleranceBounds.scaleUpTolerance)
    .optional()
    .describe("How far above its target a signal may be without effect, as a ratio. Default: 0.1."),
  scaleDownPods: whole(behaviorBounds.scaleDownPods).optional().describe("Pods removed per period."),
  scaleDownPercent: whole(behaviorBounds.scaleDownPercent)
    .optional()
    .describe("Percent removed per period; the smaller of the two counts."),
  scaleDownPeriodSeconds: whole(behaviorBounds.scaleDownPeriodSeconds)
    .optional()
    .describe("Period of scale-down, seconds."),
  scaleDownTolerance: amount(toleranceBounds.scaleDownTolerance)
    .optional()
    .describe("How far below its target a signal may be without effect, as a ratio. Default: 0.1."),
  scaleDownWindowSeconds: whole(behaviorBounds.scaleDownWindowSeconds)
    .optional()
    .describe("Seconds without need before a pod goes. Default: from the start-up budget."),
});

const egress = z.strictObject({
  service: text(labelRule).optional().describe("Another service of the stack, which then admits this one."),
  namespace: text(labelRule).optional().describe("All pods of a namespace."),
  cidr: text(ipv4Block).optional().describe("Addresses, such as those of a database or a proxy."),
  port: whole(anyPort).optional().describe("Port. Default: the service's own; required for the others."),
});

/** One service. */
export const serviceSchema = z.strictObject({
  name: text(serviceNameRule).describe("Name of the service, its Deployment and its host."),
  engine: oneOf(Engine).describe("Server."),
  version: text(versionRule).optional().describe("Version of the engine; not for `custom`."),
  model: z
    .strictObject({
      id: text(modelNameRule).describe(
        "Hugging Face id (owner/name), an absolute folder, or an address that the engine reads (s3://…).",
      ),
      revision: text(revisionRule)
        .optional()
        .describe("Git revision, best a commit. Default: the default branch."),
      servedName: text(modelNameRule).optional().describe("Name for clients. Default: the id."),
      weightsGiB: amount(weightsSizeGiB).describe("Size of the weights, GiB."),
      maxLength: whole(contextTokens)
        .optional()
        .describe("Longest context, tokens. Default: the model's own."),
      cache: z
        .strictObject({
          mode: oneOf(ModelCacheMode)
            .default(ModelCacheMode.Node)
            .describe("Node NVMe, an existing claim, or none."),
          claimName: text(claimNameRule).optional().describe("PersistentVolumeClaim, for `claim`."),
          preload: z.boolean().default(true).describe("Download before the engine starts."),
        })
        .prefault({})
        .describe("Where weights are kept between restarts."),
    })
    .describe("The model."),
  gpus: whole(gpuCount)
    .default(1)
    .describe("GPUs of one replica: 1, 2, 4, 8 or 16 for language models; 0 runs on the CPU."),
  resources: z
    .strictObject({
      cpuMillis: whole(cpuMillis).optional().describe("CPU request, thousandths of a core."),
      memoryMiB: whole(memoryMiB).optional().describe("Memory request, MiB."),
      cpuLimitMillis: whole(cpuMillis)
        .optional()
        .describe("CPU limit. Default: none on GPU nodes, twice the request elsewhere."),
      memoryLimitMiB: whole(memoryMiB).optional().describe("Memory limit, MiB. Default: the request."),
    })
    .prefault({})
    .describe("Default on GPUs: the replica's share of its node."),
  maxConcurrency: whole(concurrency)
    .optional()
    .describe("Requests at once in one replica. Default: the engine's own."),
  extraArgs: z.array(z.string()).default([]).describe("Arguments appended to the engine's."),
  env: z.record(z.string(), z.string()).default({}).describe("Environment variables. No secrets."),
  replicas: z
    .strictObject({
      min: whole(replicaCount).describe("Lowest number."),
      max: whole(replicaCount).describe("Highest number."),
    })
    .describe("Bounds of autoscaling."),
  signals: z
    .array(signal)
    .optional()
    .describe("What to scale on. Default: the engine's, see docs/scaling.md."),
  behavior: behavior.prefault({}).describe("How fast to scale."),
  longestRequestSeconds: whole(longestRequest)
    .default(300)
    .describe("The longest request that must be answered, seconds."),
  warmupRequests: whole(warmupCount)
    .default(defaultWarmupRequests)
    .describe("Real requests before a replica is Ready."),
  sampleRequest: z
    .strictObject({
      method: z.enum(["GET", "POST"]).default("POST").describe("HTTP method."),
      path: text(requestPathRule).describe("Path with query."),
      body: z.string().optional().describe("JSON text, for POST."),
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
    .array(serviceSchema)
    .min(1, "must have at least one service")
    .describe("Inference services, one Deployment each."),
});
