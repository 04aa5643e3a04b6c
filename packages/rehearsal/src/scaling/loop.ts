import { join } from "node:path";
import { projectRoot, typescriptArguments } from "@inference-platform/kit";
import { SignalName } from "../../../../components/scaling";
import type { StackService } from "../../../../settings";
import { type ControlPlane, startControlPlane } from "../control-plane";
import type { Tools } from "../found-tools";
import { path } from "../kube/client";
import { type Supervisor, sleep, until } from "../processes";
import { findCharts } from "../workspace";
import { AdapterProcess } from "./adapter";
import { type EngineStandIn, Kubelet } from "./kubelet";
import { Load } from "./load";
import { paced, pacedAutoscaler } from "./pace";
import { PrometheusProcess } from "./prometheus";
import { RoundRobin } from "./proxy";
import { Relay } from "./relay";
import { type DeployedService, type DeployedStack, deployedStack, type Roles } from "./stack";
import { Timeline } from "./timeline";
import type { ScalingTools } from "./tools";

const projectDir = projectRoot;

/** What the model and its GPU would do, as the simulator is told: 1.1 s for 10 tokens. */
const simulated = { firstTokenMs: 200, tokenMs: 100, tokens: 10 } as const;

/** Requests that one simulated replica works on at once: its target is two thirds of them. */
export function slotsOf(service: StackService): number {
  const inFlight = service.signals.find((wanted) => wanted.signal === SignalName.RequestsInFlight);
  return Math.round(1.5 * (inFlight?.target ?? 16));
}

/** Time of one request to the simulator while it has a free slot, seconds. */
export const requestSeconds = (simulated.firstTokenMs + (simulated.tokens - 1) * simulated.tokenMs) / 1000;

/** What the loop is started with. */
export interface LoopOptions {
  stack: string;
  tools: Tools & ScalingTools;
  progress(line: string): void;
}

/** The whole loop on this machine: control plane, Prometheus, adapter, engines, clients. */
export class ScalingLoop {
  private constructor(
    readonly supervisor: Supervisor,
    readonly plane: ControlPlane,
    readonly stack: DeployedStack,
    readonly kubelet: Kubelet,
    readonly relay: Relay,
    readonly prometheus: PrometheusProcess,
    readonly adapter: AdapterProcess,
    readonly proxy: RoundRobin,
    readonly load: Load,
    readonly timeline: Timeline,
  ) {}

  static async start(options: LoopOptions, supervisor: Supervisor): Promise<ScalingLoop> {
    const { tools, progress } = options;
    const charts = findCharts(process.env, projectDir);
    const stack = await deployedStack(options.stack, projectDir, charts, supervisor.dir);
    progress("the stack's program ran; starting the control plane");
    const plane = await startControlPlane(supervisor, tools, controllerArgs());
    const namespace = stack.services.shipped.namespace;
    const services = Object.values(stack.services);
    const byName = new Map(services.map((service) => [service.name, service]));

    let retarget = () => {};
    const kubelet = new Kubelet(
      plane.client,
      supervisor,
      namespace,
      (name) => engineStandIn(byName.get(name), tools),
      () => retarget(),
    );
    const isOwn = (name: string) => byName.get(name)?.profile.engine === "custom";
    const relay = await Relay.start(kubelet, namespace, (name) => (isOwn(name) ? "/cpu" : undefined));
    const prometheus = await PrometheusProcess.start(
      supervisor,
      tools.prometheus,
      services,
      relay.port,
      stack.timing.scrapeIntervalSeconds,
    );
    retarget = () => {
      for (const service of services)
        prometheus.setTargets(service, kubelet.podsOf(service.name), relay.port);
    };
    const adapter = await AdapterProcess.start(
      supervisor,
      tools["prometheus-adapter"],
      plane,
      stack.adapter,
      prometheus.url,
    );
    const { name: namespaceName, labels } = stack.namespace.metadata;
    await plane.client.ensure(path("v1", "namespaces"), { metadata: { name: namespaceName, labels } });
    await kubelet.start(gpuNodeLabels(stack.services.shipped));
    const proxy = await RoundRobin.start(plane.client, namespace, (ip) => kubelet.byIp(ip)?.port);
    const load = new Load((name) => requestTo(byName.get(name), proxy.urlOf(name)));
    const timeline = new Timeline(plane.client, namespace);
    return new ScalingLoop(
      supervisor,
      plane,
      stack,
      kubelet,
      relay,
      prometheus,
      adapter,
      proxy,
      load,
      timeline,
    );
  }

  /** Creates a service's objects and its autoscaler, as Helm and Pulumi would. */
  async deploy(role: keyof Roles): Promise<void> {
    const service = this.stack.services[role];
    for (const object of [...service.objects, pacedAutoscaler(service.autoscaler)]) {
      const plural = `${object.kind?.toLowerCase()}s`;
      await this.plane.client.create(path(object.apiVersion ?? "v1", plural, service.namespace), object);
    }
  }

  /** Waits until a service has so many replicas that requests go to. */
  async ready(role: keyof Roles, replicas: number, seconds: number): Promise<void> {
    const { name } = this.stack.services[role];
    await until(
      `${replicas} ready replicas of ${name}`,
      seconds,
      () => this.proxy.readyPorts(name).length >= replicas,
      50,
    );
  }

  /** Mean of the requests in flight over some seconds, as the proxy counts them. */
  async meanInFlight(name: string, seconds: number): Promise<number> {
    const readings: number[] = [];
    for (const end = Date.now() + 1000 * seconds; Date.now() < end; await sleep(50))
      readings.push(this.proxy.inFlight.get(name) ?? 0);
    return readings.reduce((sum, each) => sum + each, 0) / readings.length;
  }

  /** @throws Error naming a process that ended by itself */
  checkProcesses(): void {
    const names = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
    const ended = this.supervisor.ended(names) ?? this.kubelet.errors[0];
    if (ended) throw new Error(ended);
  }

  /** Ends what runs in this process; the supervisor ends the others. */
  async close(): Promise<void> {
    this.timeline.stop();
    this.kubelet.stop();
    this.proxy.close();
    this.relay.close();
    await this.load.close();
    this.plane.client.close();
  }
}

/** The controller's own times, which the stack cannot set, divided as all others. */
function controllerArgs(): string[] {
  const flag = (name: string, seconds: number) =>
    `--horizontal-pod-autoscaler-${name}=${Math.round(1000 * paced(seconds))}ms`;
  return [
    flag("sync-period", 15),
    flag("downscale-stabilization", 300),
    flag("cpu-initialization-period", 300),
    flag("initial-readiness-delay", 30),
  ];
}

function engineStandIn(service: StackService | undefined, tools: ScalingTools): EngineStandIn | undefined {
  if (!service) return undefined;
  const { profile, startup } = service;
  const shared = { healthPath: profile.readinessPath, startupSeconds: startup.startupSeconds };
  if (profile.engine === "custom")
    return {
      ...shared,
      launch: (port) => ({
        command: process.execPath,
        args: [...typescriptArguments, join(__dirname, "server.ts"), String(port)],
      }),
    };
  return {
    ...shared,
    launch: (port) => ({
      command: tools["llm-d-inference-sim"],
      args: [
        `--port=${port}`,
        `--model=${service.model.id}`,
        "--force-dummy-tokenizer",
        `--max-num-seqs=${slotsOf(service)}`,
        `--time-to-first-token=${simulated.firstTokenMs}ms`,
        `--inter-token-latency=${simulated.tokenMs}ms`,
        "--v=0",
      ],
    }),
  };
}

function requestTo(service: DeployedService | undefined, url: string) {
  if (!service) throw new Error("no such service");
  if (service.profile.engine === "custom") return { url: `${url}/predict`, body: '{"text":"hello"}' };
  const body = {
    model: service.model.id,
    prompt: "Say something.",
    max_tokens: simulated.tokens,
    ignore_eos: true,
    stream: true,
  };
  return { url: `${url}/v1/completions`, body: JSON.stringify(body), ends: "data: [DONE]" };
}

/** Labels by which the service's pods choose their nodes. */
function gpuNodeLabels(service: DeployedService): Record<string, string> {
  const deployment = service.objects.find((object) => object.kind === "Deployment");
  return deployment?.spec.template.spec.nodeSelector ?? {};
}
