import { createHash } from "node:crypto";
import type { CloudState } from "../cloud";
import { type KubeObject, path } from "../kube/client";
import { deploymentOf, isAvailable, type Stage, type StandIn } from "./standin";

const finalizer = "ingress.k8s.aws/resources";
const controller = "ingress.k8s.aws/alb";
const associationType = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

/**
 * Load balancers for Ingresses, as the AWS Load Balancer Controller makes them: only while its pods run and its
 * service account has a role. Without it an Ingress that is deleted waits for its finalizer, and its load balancer
 * keeps the VPC from being deleted.
 */
export const ingressStandIn: StandIn = {
  name: "load balancers",
  playing:
    "the AWS Load Balancer Controller: a load balancer, a hostname and a finalizer for each Ingress of its class",
  async reconcile(stage, state) {
    if (!mayAct(stage, state)) return;
    const classes = new Set(
      stage.ingressClasses.all
        .filter((entry) => entry.spec.controller === controller)
        .map((entry) => entry.metadata.name),
    );
    for (const ingress of stage.ingresses.all) {
      const held = ingress.metadata.finalizers?.includes(finalizer) ?? false;
      if (ingress.metadata.deletionTimestamp && held) await release(stage, ingress);
      else if (!ingress.metadata.deletionTimestamp && classes.has(ingress.spec.ingressClassName)) {
        await provide(stage, state, ingress, held);
      }
    }
  },
};

/** The controller's pods must be ready and its service account must have a role: else AWS refuses its calls. */
function mayAct(stage: Stage, state: CloudState): boolean {
  const deployment = deploymentOf(stage, "aws-load-balancer-controller");
  if (!isAvailable(deployment)) return false;
  return state.resources.some(
    (resource) =>
      resource.type === associationType &&
      resource.inputs.serviceAccount === deployment?.spec.template.spec.serviceAccountName &&
      resource.inputs.namespace === deployment?.metadata.namespace,
  );
}

const urlOf = (ingress: KubeObject) =>
  path("networking.k8s.io/v1", "ingresses", ingress.metadata.namespace, ingress.metadata.name);

/** As the controller names them: `k8s-<namespace>-<name>-<hash>`, cut to what ELB allows; the hash is of the scheme, too. */
function balancerName(ingress: KubeObject, internal: boolean): string {
  const { namespace = "", name } = ingress.metadata;
  const scheme = internal ? "internal" : "internet-facing";
  const hash = createHash("sha256").update(`${namespace}/${name}/${scheme}`).digest("hex").slice(0, 10);
  return `k8s-${namespace.slice(0, 8)}-${name.slice(0, 8)}-${hash}`;
}

async function release(stage: Stage, ingress: KubeObject): Promise<void> {
  for (const internal of [true, false]) await stage.cloud.removeLoadBalancer(balancerName(ingress, internal));
  const finalizers = ingress.metadata.finalizers?.filter((entry) => entry !== finalizer);
  await stage.client.patch(urlOf(ingress), { metadata: { finalizers } });
}

async function provide(stage: Stage, state: CloudState, ingress: KubeObject, held: boolean): Promise<void> {
  const internal = await isInternal(stage, ingress);
  const name = balancerName(ingress, internal);
  if (!held) {
    const finalizers = [...(ingress.metadata.finalizers ?? []), finalizer];
    await stage.client.patch(urlOf(ingress), { metadata: { finalizers } });
  }
  const former = balancerName(ingress, !internal);
  if (state.loadBalancers.some((balancer) => balancer.name === former)) {
    // A scheme is not changed in place: the old one goes first, whatever protects it.
    await stage.cloud.removeLoadBalancer(former);
  }
  if (!state.loadBalancers.some((balancer) => balancer.name === name)) {
    await stage.cloud.addLoadBalancer({ name, internetFacing: !internal, ...placement(state, internal) });
    stage.note(
      `${ingress.metadata.namespace}/${ingress.metadata.name}: ${internal ? "internal" : "internet-facing"}`,
    );
  }
  const hostname = `${internal ? "internal-" : ""}${name}.elb.amazonaws.com`;
  if (ingress.status?.loadBalancer?.ingress?.[0]?.hostname !== hostname) {
    await stage.client.patch(`${urlOf(ingress)}/status`, {
      status: { loadBalancer: { ingress: [{ hostname }] } },
    });
  }
}

/** The class's parameters win over the annotation; the default is internal. */
async function isInternal(stage: Stage, ingress: KubeObject): Promise<boolean> {
  const parameters = stage.ingressClasses.objects.get(`/${ingress.spec.ingressClassName}`)?.spec.parameters;
  const object =
    parameters &&
    (await stage.client.find(
      path("elbv2.k8s.aws/v1beta1", "ingressclassparams", undefined, parameters.name),
    ));
  const scheme = object?.spec?.scheme ?? ingress.metadata.annotations?.["alb.ingress.kubernetes.io/scheme"];
  return scheme !== "internet-facing";
}

/** The subnets that carry the role tag, as the controller finds them. */
function placement(state: CloudState, internal: boolean): { vpcId: string; subnetIds: string[] } {
  const role = internal ? "kubernetes.io/role/internal-elb" : "kubernetes.io/role/elb";
  const subnets = state.resources.filter(
    (resource) =>
      resource.type === "aws:ec2/subnet:Subnet" &&
      (resource.inputs.tags as Record<string, string> | undefined)?.[role] === "1",
  );
  return {
    vpcId: String(subnets[0]?.inputs.vpcId ?? ""),
    subnetIds: subnets.map((subnet) => subnet.id),
  };
}
