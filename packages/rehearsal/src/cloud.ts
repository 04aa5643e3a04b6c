import type { NodeGroupState, OutsideLoadBalancer, SimulatedResource } from "@inference-platform/planner";
import { type AwsServer, startAwsServer } from "@inference-platform/planner";
import type { ControlPlane } from "./control-plane";

/** What is true in the simulated account now. */
export interface CloudState {
  resources: SimulatedResource[];
  nodeGroups: NodeGroupState[];
  loadBalancers: OutsideLoadBalancer[];
  /** True when the identity that runs Pulumi may use the cluster's API. */
  accessAllowed: boolean;
}

/** Who runs Pulumi in a rehearsal: a session, as with every real deployment role. */
const callerArn = "arn:aws:sts::123456789012:assumed-role/deployer/rehearsal";

export interface CloudOptions {
  region: string;
  plane: ControlPlane;
  /** Divides AWS's typical durations; 0 for none. */
  latencyFactor: number;
  /** Failures in the spelling of `--fail`. */
  fail: string[];
}

/** The simulated account as the stand-ins use it: they read it, and do what controllers do to it. */
export class Cloud {
  private seen = 0;
  private known?: CloudState;

  private constructor(private readonly server: AwsServer) {}

  static async start({ region, plane, latencyFactor, fail }: CloudOptions): Promise<Cloud> {
    const certificateAuthority = Buffer.from(plane.ca).toString("base64");
    const clusterEndpoint = { endpoint: plane.server, certificateAuthority };
    return new Cloud(await startAwsServer({ region, callerArn, clusterEndpoint, latencyFactor, fail }));
  }

  /** For `PULUMI_DEBUG_PROVIDERS=aws:<port>`. */
  get port(): number {
    return this.server.port;
  }

  get control(): AwsServer["control"] {
    return this.server.control;
  }

  /** Asked again only when something happened in the account. */
  async state(): Promise<CloudState> {
    const { control } = this.server;
    const events = await control.events(this.seen);
    if (this.known && events.length === 0) return this.known;
    this.seen += events.length;
    const [resources, nodeGroups, loadBalancers] = await Promise.all([
      control.resources(),
      control.nodeGroups(),
      control.loadBalancers(),
    ]);
    const cluster = resources.find((resource) => resource.type === "aws:eks/cluster:Cluster");
    const accessAllowed = cluster !== undefined && (await control.accessAllowed(callerArn, cluster.id));
    this.known = { resources, nodeGroups, loadBalancers, accessAllowed };
    return this.known;
  }

  setDesiredCapacity(autoScalingGroup: string, desired: number): Promise<void> {
    return this.change(this.control.setDesiredCapacity(autoScalingGroup, desired));
  }

  addLoadBalancer(balancer: OutsideLoadBalancer): Promise<void> {
    return this.change(this.control.addLoadBalancer(balancer));
  }

  removeLoadBalancer(name: string): Promise<void> {
    return this.change(this.control.removeLoadBalancer(name));
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private async change(work: Promise<unknown>): Promise<void> {
    await work;
    this.known = undefined;
  }
}
