import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { parse } from "yaml";
import { Cloud } from "./cloud";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { Engine, type EngineResult, Operation } from "./engine";
import type { ToolSearch, Tools } from "./found-tools";
import { Supervisor } from "./processes";
import { Purpose, rolesOf } from "./roles";
import { accessStandIn } from "./standins/access";
import { addonStandIn } from "./standins/addons";
import { AggregatedApis, removedApis } from "./standins/api-services";
import { autoscalerStandIn } from "./standins/autoscaler";
import { gpuStandIn } from "./standins/gpus";
import { ingressStandIn } from "./standins/ingress";
import { nodeStandIn } from "./standins/nodes";
import { Cast } from "./standins/standin";
import { volumeStandIn } from "./standins/volumes";
import { webhookStandIn } from "./standins/webhooks";
import { leaveCluster, useCluster } from "./user-cluster";
import {
  createWorkspace,
  findCharts,
  placeProgram,
  setSetting,
  type Workspace,
  writeCredential,
} from "./workspace";

/** The folder of the project. */
export const projectDir = projectRoot;

/** What a rehearsal is started with. */
export interface RehearsalOptions {
  stack: string;
  search: ToolSearch;
  latencyFactor: number;
  /** Kubeconfig of a disposable cluster of the user's. @default a local control plane */
  kubeconfig?: string;
  /** Failures of the simulated AWS, in the spelling of `--fail`. */
  fail: string[];
  /** Folder of the project whose program goes up first. @default the project itself */
  program?: string;
  /** Told what goes on, one line at a time. */
  progress(line: string): void;
}

/** One stack on its stage: the engine, the control plane, the simulated account and the stand-ins. */
export class Rehearsal {
  /** Seconds until the control plane answered. */
  readonly controlPlaneSeconds: number;
  /** Folder of the charts that takes the place of the chart repositories; undefined when those are used. */
  readonly charts = findCharts(process.env, projectDir);

  private constructor(
    readonly supervisor: Supervisor,
    readonly plane: ControlPlane,
    readonly cloud: Cloud,
    readonly workspace: Workspace,
    readonly engine: Engine,
    readonly cast: Cast,
    private readonly apis: AggregatedApis | undefined,
    private readonly options: RehearsalOptions,
    started: number,
  ) {
    this.controlPlaneSeconds = started;
  }

  static async start(options: RehearsalOptions): Promise<Rehearsal> {
    const supervisor = new Supervisor();
    const closing: (() => unknown)[] = [];
    try {
      const tools = options.search.tools as Tools;
      const began = Date.now();
      const plane = options.kubeconfig
        ? await useCluster(supervisor, tools, options.kubeconfig)
        : await startControlPlane(supervisor, tools);
      const seconds = (Date.now() - began) / 1000;
      options.progress(`control plane ${plane.version} answers after ${seconds.toFixed(1)} s`);
      const { stack, latencyFactor, fail } = options;
      const region = stackRegion(stack);
      // What a revision makes may lack what today's roles are limited by: an administrator updates it.
      const roles = options.program ? undefined : rolesOf(projectDir, stack, region);
      const cloud = await Cloud.start({ region, plane, roles, latencyFactor, fail });
      closing.push(() => cloud.stop());
      const workspace = createWorkspace({
        projectDir: options.program ?? projectDir,
        stack,
        tools,
        pulumiHome: options.search.pulumiHome,
        dir: supervisor.dir,
        awsPort: cloud.port,
      });
      writeCredential(workspace, plane.principalToken);
      const apis = plane.tls && (await AggregatedApis.start(plane, plane.tls));
      closing.push(() => apis?.close());
      const cast = new Cast(plane, cloud, [
        accessStandIn,
        addonStandIn,
        nodeStandIn,
        gpuStandIn,
        autoscalerStandIn,
        volumeStandIn,
        ingressStandIn,
        apis ?? removedApis,
        webhookStandIn(options.kubeconfig === undefined),
      ]);
      const engine = new Engine(supervisor, tools, workspace);
      const rehearsal = new Rehearsal(
        supervisor,
        plane,
        cloud,
        workspace,
        engine,
        cast,
        apis,
        options,
        seconds,
      );
      rehearsal.mirrorCharts();
      // The deploying role may make no role without it.
      if (roles) setSetting(workspace, ["inference-platform:permissionsBoundaryArn"], roles.boundaryArn);
      cast.start();
      await engine.init();
      return rehearsal;
    } catch (error) {
      for (const close of closing.reverse()) await close();
      await supervisor.close();
      throw error;
    }
  }

  /** True when nobody else uses the cluster, and all of it can be stopped. */
  get ownsCluster(): boolean {
    return this.options.kubeconfig === undefined;
  }

  /** Another stage of the same stack, ended with this one; its lines of progress begin with `prefix`. */
  async another(prefix: string): Promise<Rehearsal> {
    const { progress } = this.options;
    const stage = await Rehearsal.start({
      ...this.options,
      progress: (line) => progress(`${prefix}${line}`),
    });
    this.others.push(stage);
    // An interrupt may have come while it started.
    if (this.closing) await stage.close();
    return stage;
  }

  private readonly others: Rehearsal[] = [];

  progress(line: string): void {
    this.options.progress(line);
  }

  /** Goes on with the program and the stack file of the project, in place of those that it was started with. */
  useProject(): void {
    placeProgram(this.workspace, projectDir);
    this.mirrorCharts();
  }

  private mirrorCharts(): void {
    if (this.charts) setSetting(this.workspace, ["inference-platform:chartMirror"], this.charts);
  }

  /** Runs the engine and says so. */
  async run(operation: Operation, label: string): Promise<EngineResult> {
    this.checkProcesses();
    const preview = operation === Operation.Preview;
    if (preview) await this.cloud.actAs(Purpose.Preview);
    const result = await this.engine.run(operation);
    if (preview) await this.cloud.actAs(Purpose.Deploy);
    this.progress(`${label.padEnd(10)} ${result.ok ? "ok    " : "FAILED"} ${describe(result)}`);
    return result;
  }

  /** @throws Error naming a part of the control plane that ended. */
  checkProcesses(): void {
    const ended = this.supervisor.ended([
      "etcd",
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
      "kwok",
    ]);
    if (ended) throw new Error(ended);
  }

  /** Everything that is not what a user would meet, with what was seen of it. */
  standIns(): { name: string; playing: string; notes: string[] }[] {
    const calls = readFileSync(this.workspace.shimLog, { encoding: "utf8", flag: "a+" }).split("\n");
    const charts = this.charts
      ? [
          {
            name: "charts",
            playing: `chart repositories: archives of the same versions in ${this.charts}`,
            notes: [],
          },
        ]
      : [];
    return [
      {
        name: "AWS",
        playing:
          "every AWS resource: a simulated account that refuses what AWS refuses, and what the policies in policies/ do not allow the roles of the workflows",
        notes: [],
      },
      {
        name: "aws",
        playing: "the AWS CLI: `aws eks get-token` through the stack's own kubeconfig",
        notes: [...new Set(calls.filter(Boolean))].map((call) => `aws ${call}`),
      },
      ...charts,
      ...this.cast.report(),
    ];
  }

  /** Ends everything that was started, and removes its files. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private closing?: Promise<void>;

  private async end(): Promise<void> {
    await Promise.all(this.others.map((stage) => stage.close()));
    await this.cast.stop();
    this.apis?.close();
    if (this.options.kubeconfig) await leaveCluster(this.plane).catch(() => undefined);
    this.plane.client.close();
    await this.cloud.stop();
    await this.supervisor.close();
  }
}

/** `+12 ~1 -3, 40 unchanged, 12.3 s`. */
export function describe(result: EngineResult): string {
  const changes = Object.entries(result.changes).map(([op, count]) => `${count} ${op}`);
  const unchanged = result.unchanged > 0 ? [`${result.unchanged} unchanged`] : [];
  return `${result.seconds.toFixed(1).padStart(6)} s  ${[...changes, ...unchanged].join(", ") || "nothing to do"}`;
}

/** The region of the stack, as its stack file says. */
function stackRegion(stack: string): string {
  const file = parse(readFileSync(join(projectDir, `Pulumi.${stack}.yaml`), "utf8"));
  return String(file?.config?.["aws:region"] ?? "us-east-1");
}
