import type { NodeGroupState, OutsideLoadBalancer, SimulatedResource } from "@inference-platform/planner";
import { type AwsServer, startAwsServer } from "@inference-platform/planner";
import type { ControlPlane } from "./control-plane";
import { accountId, Purpose, type Roles } from "./roles";

/** What is true in the simulated account now. */
export interface CloudState {
  resources: SimulatedResource[];
  nodeGroups: NodeGroupState[];
  loadBalancers: OutsideLoadBalancer[];
  /** True when the identity that runs Pulumi may use the cluster's API. */
  accessAllowed: boolean;
}

export interface CloudOptions {
  region: string;
  plane: ControlPlane;
  /** Who runs Pulumi. @default an administrator, who may do everything */
  roles?: Roles;
  /** Divides AWS's typical durations; 0 for none. */
  latencyFactor: number;
  /** Failures in the spelling of `--fail`. */
  fail: string[];
}

/** Who runs Pulumi when it is not one of the workflows' roles: a session, as with every real role. */
const administratorArn = `arn:aws:sts::${accountId}:assumed-role/deployer/rehearsal`;

/** The simulated account as the stand-ins use it: they read it, and do what controllers do to it. */
export class Cloud {
  private seen = 0;
  private known?: CloudState;

  private constructor(
    private readonly server: AwsServer,
    private readonly roles: Roles | undefined,
  ) {}

  static async start({ region, plane, roles, latencyFactor, fail }: CloudOptions): Promise<Cloud> {
    const certificateAuthority = Buffer.from(plane.ca).toString("base64");
    const clusterEndpoint = { endpoint: plane.server, certificateAuthority };
    const callerArn = administratorArn;
    const server = await startAwsServer({
      region,
      accountId,
      callerArn,
      clusterEndpoint,
      latencyFactor,
      fail,
    });
    const cloud = new Cloud(server, roles);
    await cloud.actAs(Purpose.Deploy);
    return cloud;
  }

  /** For `PULUMI_DEBUG_PROVIDERS=aws:<port>`. */
  get port(): number {
    return this.server.port;
  }

  get control(): AwsServer["control"] {
    return this.server.control;
  }

  /** From now on the engine asks AWS with this role. */
  actAs(purpose: Purpose): Promise<void> {
    return this.control.actAs(this.roles?.principals[purpose]);
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
    const accessAllowed =
      cluster !== undefined &&
      (await control.accessAllowed(this.roles?.principals.deploy.arn ?? administratorArn, cluster.id));
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
