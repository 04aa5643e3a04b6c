import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@inference-platform/kit";
import type { Manifest } from "@inference-platform/planner";
import { planStack } from "@inference-platform/planner";
import { parse, stringify } from "yaml";
import { type MetricsTiming, SignalName } from "../../../../components/scaling";
import { derive, parseSettings, type StackService } from "../../../../settings";
import type { KubeObject } from "../kube/client";

/** The services that play in the rehearsal. */
export interface Roles {
  /** The stack's own service of an engine that the simulator plays. */
  shipped: string;
  /** A second service of the same engine, with room for more replicas. */
  second: string;
  /** A third one, which comes when the others run. */
  newcomer: string;
  /** A server of one's own that follows CPU and requests per second. */
  dual: string;
  /** The same server, following CPU alone. */
  cpuOnly: string;
}

/** What the program of the stack makes of one service. */
export interface DeployedService extends StackService {
  /** The autoscaler as the program asks for it. */
  autoscaler: KubeObject;
  /** Everything else of the service that the API server takes, in the order of creation. */
  objects: KubeObject[];
  monitor: ServiceMonitor;
}

/** A ServiceMonitor, as much of it as a scrape follows. */
export interface ServiceMonitor extends Manifest {
  spec: {
    targetLabels?: string[];
    endpoints: {
      port: string;
      path: string;
      interval: string;
      honorLabels?: boolean;
      metricRelabelings?: { action: string; sourceLabels: string[]; regex: string }[];
    }[];
  };
}

/** A stack as it would be deployed. */
export interface DeployedStack {
  namespace: KubeObject;
  services: Record<keyof Roles, DeployedService>;
  /** The adapter's configuration file, its arguments and its registration. */
  adapter: { config: string; args: string[]; apiService: KubeObject };
  timing: MetricsTiming;
}

/** Requests per second at which one replica of the server of one's own is full. */
export const serverCapacity = 100;

/** Where its next replica is asked for: 65 % of what one can do, see docs/scaling.md. */
export const serverTarget = 65;

/**
 * Runs the stack's program with four services more than its file has, and takes what it asks for. Everything else is
 * the stack's own.
 *
 * @throws UserError when the stack has no service that the simulator can play
 */
export async function deployedStack(
  stack: string,
  projectDir: string,
  charts: string | undefined,
  dir: string,
): Promise<DeployedStack> {
  const file = parse(readFileSync(join(projectDir, `Pulumi.${stack}.yaml`), "utf8")) as StackFile;
  const { roles, config } = withCast(file.config);
  const stackFile = join(dir, `Pulumi.${stack}.yaml`);
  writeFileSync(stackFile, stringify({ config }), { mode: 0o600 });
  const plan = await planStack({
    stack,
    directory: projectDir,
    stackFile,
    ...(charts !== undefined && { charts }),
  });

  const groups = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^inference-platform:/, ""), value]),
  );
  const { "aws:region": region, ...raw } = groups;
  const { settings, problems } = parseSettings(raw, { region: String(region) });
  if (!settings) throw new UserError(problems.map(({ path, message }) => `${path} ${message}`).join("\n"));
  const { services, timing } = derive(settings);

  const autoscalers = plan.resources.filter((each) => each.type.endsWith(":HorizontalPodAutoscaler"));
  const deployed = (name: string): DeployedService => {
    const service = services.find((each) => each.name === name);
    const autoscaler = autoscalers.find((each) => nameOf(each.inputs) === name)?.inputs;
    const manifests = plan.releases.find((release) => release.name === name)?.manifests ?? [];
    const monitor = manifests.find((manifest) => manifest.kind === "ServiceMonitor");
    if (!service || !autoscaler || !monitor)
      throw new Error(`the program made no ${name} with an autoscaler`);
    const kinds = ["ServiceAccount", "ConfigMap", "Service", "PodDisruptionBudget", "Deployment"];
    return {
      ...service,
      autoscaler: autoscaler as unknown as KubeObject,
      objects: kinds.flatMap((kind) => manifests.filter((each) => each.kind === kind)) as KubeObject[],
      monitor: monitor as ServiceMonitor,
    };
  };
  const namespace = plan.resources.find(
    (each) => each.type === "kubernetes:core/v1:Namespace" && nameOf(each.inputs) === "inference",
  );
  const adapter = plan.releases.find((release) => release.chart.includes("prometheus-adapter"));
  if (!namespace) throw new Error("the program made no namespace for its services");
  if (!adapter?.manifests)
    throw new UserError(`the adapter's chart is needed: ${adapter?.skipped ?? "no release"}`);
  return {
    namespace: namespace.inputs as unknown as KubeObject,
    services: Object.fromEntries(
      Object.entries(roles).map(([role, name]) => [role, deployed(name)]),
    ) as DeployedStack["services"],
    adapter: adapterOf(adapter.manifests),
    timing,
  };
}

interface StackFile {
  config: Record<string, unknown>;
}

type ServiceEntry = Record<string, unknown> & { name: string; engine: string };

/** The stack's settings with the other roles added, and room for them. */
export function withCast(config: Record<string, unknown>): { roles: Roles; config: Record<string, unknown> } {
  const key = (group: string) => `inference-platform:${group}`;
  const model = config[key("model")] as { services: ServiceEntry[] };
  const gpu = config[key("gpu")] as Record<string, unknown>;
  const shipped = model.services.find((service) => service.engine === "vllm");
  if (!shipped)
    throw new UserError("--scaling needs a stack with a vLLM service: the simulator plays no other engine");
  const copy = { ...shipped, redis: false, exposed: false };
  const roles: Roles = {
    shipped: shipped.name,
    second: `${shipped.name}-second`,
    newcomer: `${shipped.name}-newcomer`,
    dual: "nlu",
    cpuOnly: "nlu-cpu-only",
  };
  const requests = { signal: SignalName.RequestsPerSecond, target: serverTarget };
  const services = [
    ...model.services,
    { ...copy, name: roles.second, replicas: { min: 1, max: 4 } },
    { ...copy, name: roles.newcomer, replicas: { min: 1, max: 2 } },
    { ...nluServer, name: roles.dual, signals: [cpu, requests] },
    { ...nluServer, name: roles.cpuOnly, signals: [cpu] },
  ];
  return {
    roles,
    config: {
      ...config,
      [key("model")]: { ...model, services },
      [key("gpu")]: { ...gpu, minNodes: 0, maxNodes: 32 },
      // A production stack demands two replicas of each service; the additions begin with one.
      [key("environment")]: "staging",
      // What it would cost is not the question here.
      [key("monthlyBudget")]: undefined,
    },
  };
}

const cpu = { signal: SignalName.CpuUtilization, target: 60 };

/** The small server of the use cases: it counts each request twice, once as pending. */
const nluServer = {
  engine: "custom",
  gpus: 0,
  model: { id: "siamese-uninlu", weightsGiB: 0.4, cache: { mode: "none" } },
  resources: { cpuMillis: 1000, cpuLimitMillis: 2000, memoryMiB: 2048, memoryLimitMiB: 4096 },
  replicas: { min: 1, max: 8 },
  longestRequestSeconds: 30,
  exposed: false,
  custom: {
    image: "registry.example.com/siamese-uninlu:1.2.0",
    port: 7860,
    healthPath: "/health",
    metricsPath: "/metrics",
    apiPaths: ["/predict"],
    signals: {
      [SignalName.RequestsPerSecond]: {
        series: [
          {
            name: "siamese_uninlu_requests_total",
            kind: "counter",
            where: [{ label: "status", operator: "!=", value: "pending" }],
          },
        ],
      },
    },
  },
};

const nameOf = (inputs: Record<string, unknown>) => (inputs.metadata as { name?: string } | undefined)?.name;

function adapterOf(manifests: Manifest[]): DeployedStack["adapter"] {
  const one = (kind: string) => {
    const found = manifests.find((manifest) => manifest.kind === kind);
    if (!found) throw new Error(`the adapter's chart has no ${kind}`);
    return found as unknown as KubeObject;
  };
  const config = one("ConfigMap").data["config.yaml"] as string;
  const [, ...args] = one("Deployment").spec.template.spec.containers[0].args as string[];
  return { config, args, apiService: one("APIService") };
}
