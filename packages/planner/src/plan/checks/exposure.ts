import { classParams, isInternetFacing } from "../cost/load-balancers";
import { namespaceOf, type PlannedObject } from "../objects";
import { type Check, CheckStatus } from "../types";
import { counted, type Facts, isProduction, listed, verdict } from "./facts";

const world = ["0.0.0.0/0", "::/0"];

/** What is reachable from the internet: only with TLS, and in production not for everybody. */
export function publicTls(facts: Facts): Check {
  const { objects, resources } = facts;
  const ingresses = objects.filter(({ manifest }) => manifest.kind === "Ingress");
  const facing = ingresses.filter((ingress) => isInternetFacing(ingress, objects));
  const plain = facing
    .filter((ingress) => !hasTls(ingress, objects))
    .map(
      ({ manifest }) => `Ingress ${namespaceOf(manifest)}/${manifest.metadata.name} is public without TLS`,
    );
  const services = objects
    .filter(({ manifest }) => (manifest.spec as { type?: string } | undefined)?.type === "LoadBalancer")
    .filter(({ manifest }) => manifest.kind === "Service")
    .map(
      ({ manifest }) =>
        `Service ${namespaceOf(manifest)}/${manifest.metadata.name} is a load balancer of its own`,
    );

  const cidrs = resources
    .filter((resource) => resource.type === "aws:eks/cluster:Cluster")
    .flatMap((cluster) => publicCidrs(cluster.inputs.vpcConfig));
  const open = cidrs.some((cidr) => world.includes(cidr));
  const api = open && isProduction(facts) ? ["the Kubernetes API is open to the world in production"] : [];
  const reach =
    cidrs.length > 0
      ? `Kubernetes API public for ${listed(cidrs)} (IAM authentication)`
      : "Kubernetes API private";
  return verdict(
    "public-tls",
    [...plain, ...services, ...api],
    "Set ingress.tls with a certificate or a hosted zone, or ingress.scheme: internal; narrow cluster.publicAccessCidrs.",
    `${counted(ingresses.length, "Ingress object")}, ${facing.length > 0 ? `${facing.length} public with TLS` : "none public"}; ${reach}`,
  );
}

function publicCidrs(vpcConfig: unknown): string[] {
  const config = (vpcConfig ?? {}) as { endpointPublicAccess?: boolean; publicAccessCidrs?: string[] };
  // AWS opens the endpoint to everybody unless told otherwise.
  if (config.endpointPublicAccess === false) return [];
  return config.publicAccessCidrs?.length ? config.publicAccessCidrs : ["0.0.0.0/0"];
}

/** Somebody beside the nodes reaches the Kubernetes API: with both lists empty, only a machine among the nodes deploys. */
export function apiReachable({ resources }: Facts): Check {
  const clusters = resources.filter(({ type }) => type === "aws:eks/cluster:Cluster");
  const outside = clusters.flatMap((cluster) => publicCidrs(cluster.inputs.vpcConfig));
  const inside = resources
    .filter(({ type }) => type === "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    .map(({ inputs }) => String(inputs.cidrIpv4));
  const id = "api-reachable";
  if (clusters.length > 0 && outside.length + inside.length === 0) {
    const detail =
      "only the nodes reach the Kubernetes API, so Pulumi must run on one of them. Set cluster.privateAccessCidrs to where it runs, or cluster.publicAccessCidrs.";
    return { id, status: CheckStatus.Warn, detail };
  }
  const ways = [
    ...(outside.length > 0 ? [`from the internet: ${listed(outside)}`] : []),
    ...(inside.length > 0 ? [`from connected networks: ${listed(inside)}`] : []),
  ];
  return {
    id,
    status: CheckStatus.Pass,
    detail: clusters.length > 0 ? ways.join("; ") : "no cluster is made",
  };
}

/** True when the load balancer of the Ingress listens with TLS. */
function hasTls(ingress: PlannedObject, objects: PlannedObject[]): boolean {
  const { metadata, spec } = ingress.manifest;
  const annotations = metadata.annotations ?? {};
  const listens = annotations["alb.ingress.kubernetes.io/listen-ports"] ?? "";
  const certificate =
    annotations["alb.ingress.kubernetes.io/certificate-arn"] !== undefined ||
    ((spec as { tls?: unknown[] } | undefined)?.tls ?? []).length > 0 ||
    (classParams(ingress, objects).certificateArn ?? []).length > 0;
  return certificate && (listens === "" || listens.includes("HTTPS"));
}
