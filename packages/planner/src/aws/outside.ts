import type { AccountView } from "./definition";
import { ec2Id } from "./ids";
import { Token } from "./tokens";
import { AwsError, type NetworkInterface, type OutsideLoadBalancer } from "./types";

/** Things in the account that the program did not make, and that it therefore cannot delete. */
export class OutsideWorld {
  private balancers = new Map<string, OutsideLoadBalancer>();
  private loose = new Map<string, NetworkInterface>();

  addLoadBalancer(balancer: OutsideLoadBalancer, account: AccountView): void {
    for (const id of balancer.subnetIds) vpcOf(id, account);
    if (balancer.subnetIds.length < 2) {
      // ELB names the code so: CreateLoadBalancer needs subnets in two zones.
      throw new AwsError(
        "ValidationError",
        "At least two subnets in two different Availability Zones must be specified",
      );
    }
    this.balancers.set(balancer.name, balancer);
  }

  removeLoadBalancer(name: string): void {
    this.balancers.delete(name);
  }

  loadBalancers(): OutsideLoadBalancer[] {
    return [...this.balancers.values()];
  }

  addInterface(
    subnetId: string,
    description: string,
    securityGroupIds: string[],
    account: AccountView,
  ): NetworkInterface {
    const vpcId = vpcOf(subnetId, account);
    const id = ec2Id("eni", subnetId, description);
    const made = { id, vpcId, subnetId, securityGroupIds, description, publicAddress: false };
    this.loose.set(id, made);
    return made;
  }

  removeInterface(id: string): void {
    this.loose.delete(id);
  }

  interfaces(): NetworkInterface[] {
    const ofBalancers = this.loadBalancers().flatMap((balancer) =>
      balancer.subnetIds.map((subnetId) => ({
        id: ec2Id("eni", balancer.name, subnetId),
        vpcId: balancer.vpcId,
        subnetId,
        securityGroupIds: balancer.securityGroupIds ?? [],
        description: `load balancer ${balancer.name}`,
        publicAddress: balancer.internetFacing ?? true,
      })),
    );
    return [...ofBalancers, ...this.loose.values()];
  }

  /** The groups that the load balancer controller makes live and die with its balancers. */
  securityGroups(vpcId: string): string[] {
    return this.loadBalancers()
      .filter((balancer) => balancer.vpcId === vpcId)
      .flatMap((balancer) => balancer.securityGroupIds ?? []);
  }

  toJSON(): { balancers: OutsideLoadBalancer[]; interfaces: NetworkInterface[] } {
    return { balancers: this.loadBalancers(), interfaces: [...this.loose.values()] };
  }

  restore(saved: { balancers: OutsideLoadBalancer[]; interfaces: NetworkInterface[] }): void {
    this.balancers = new Map(saved.balancers.map((balancer) => [balancer.name, balancer]));
    this.loose = new Map(saved.interfaces.map((entry) => [entry.id, entry]));
  }
}

function vpcOf(subnetId: string, account: AccountView): string {
  const subnet = account.find(Token.Subnet, subnetId);
  if (!subnet) throw new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${subnetId}' does not exist`);
  return String(subnet.inputs.vpcId);
}
